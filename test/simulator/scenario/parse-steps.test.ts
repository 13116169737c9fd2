/** The steps of a scenario file: when they come about, what they do, and every mistake in them. */
import { days, hours, millis, minutes, seconds } from "../../../simulator/engine/time.ts";
import { parseScenario } from "../../../simulator/scenario/parse-scenario.ts";
import type { Scenario } from "../../../simulator/scenario/scenario.ts";
import { file, problemsOf } from "./scenario-file.ts";

const stepsOf = (steps: string, nodes?: number): Scenario["steps"] =>
  parseScenario(file({ steps }), "f.yaml", { nodes }).steps;

const stepProblems = (step: string): string[] => problemsOf(file({ steps: step }));

const triggerOf = (when: string) => stepsOf(`  - ${when}\n    fault: hang\n    node: 1\n`)[0]?.trigger;
const on = (rest: string) => triggerOf(`on: { node: 1, operation: ${rest} }`);

describe("when a step comes about", () => {
  test.each([
    ["0", 0],
    ["90s", 90_000_000],
    ["5ms", 5_000],
    ["0.25ms", 250],
    ["1d 3h 10m", 97_800_000_000],
    ["1d3h", 97_200_000_000],
    ["1.5h", 5_400_000_000],
    ["2d", days(2)],
  ])("at %s -> %d µs", (text, at) => {
    expect(triggerOf(`at: ${text}`)).toEqual({ kind: "at", at });
  });

  test("an operation alone -> before its first one from the start on", () => {
    expect(on("wake")).toEqual({
      kind: "operation",
      node: 1,
      from: 0,
      mark: { operation: "wake", count: 1, point: { kind: "before" } },
    });
  });

  test.each([
    [
      "page-write, count: 2, byte: 3",
      { operation: "page-write", count: 2, point: { kind: "byte", byte: 3 } },
    ],
    ["read, point: after", { operation: "read", count: 1, point: { kind: "after" } }],
    [
      "page-write, write_cycle: 2ms",
      { operation: "page-write", count: 1, point: { kind: "write-cycle", into: millis(2) } },
    ],
  ])("%s -> that mark", (text, mark) => {
    expect(on(text)).toMatchObject({ mark });
  });

  test.each([
    ["default", 2],
    ["50 times default", 100],
    ["0.5 times default", 1],
  ])("rate: %s of a fault with a rate of 2 a year -> %s a year", (rate, times) => {
    const [step] = stepsOf(`  - rate: ${rate}\n    fault: hang\n    node: 1\n`);
    expect(step?.trigger).toEqual({ kind: "chance", times, per: days(365), from: 0 });
  });

  test.each(["fault: straddling-records\n    address: 56", "do: press-reset\n    node: 1"])(
    "rate: default of what never happens by chance -> refused",
    (body) => {
      expect(stepProblems(`  - rate: default\n    ${body}\n`)).toEqual([
        expect.stringMatching(/^6: rate: default is for faults that happen by chance/),
      ]);
    },
  );

  test("from, of an operation and of chance -> counted from then on, and part of the shortest run", () => {
    expect(on("wake, from: 2h")).toMatchObject({ from: hours(2) });
    const steps = "  - rate: 2.5 per week\n    from: 3h\n    fault: hang\n    node: 1\n";
    expect(stepsOf(steps)[0]?.trigger).toEqual({ kind: "chance", times: 2.5, per: days(7), from: hours(3) });
    expect(parseScenario(file({ steps }), "f.yaml").shortest).toBe(hours(3));
  });
});

describe("a step whose time is wrong", () => {
  test.each([
    ["-5m", '6: at takes a duration from 0 to 3660d, such as 15m, 2d 3h, 90s or 5ms, not "-5m"'],
    ["15", "6: at takes a duration from 0 to 3660d, such as 15m, 2d 3h, 90s or 5ms, not 15"],
    ["3h 2d", /^6: at takes a duration .*not "3h 2d"$/],
    ["12:30", /^6: at takes a duration .*not "12:30"$/],
    ["", /^6: at takes a duration .*not nothing$/],
    ["2d 1ms", '6: at: "2d 1ms" is after the end of the run, 2d'],
  ])("at %p -> refused", (text, problem) => {
    const match = typeof problem === "string" ? problem : expect.stringMatching(problem);
    expect(stepProblems(`  - at: ${text}\n    fault: hang\n    node: 1\n`)).toEqual([match]);
  });

  test.each([
    ["{ node: 1, operation: page-wriet }", /^6: operation takes wake, .*did you mean "page-write"\?$/],
    ["{ node: 1 }", '6: on has no "operation"; add it'],
    ["{ node: 2, operation: wake }", "6: node 2: the cluster has nodes 0 and 1"],
    ["{ node: 1, operation: wake, count: 0 }", /^6: count takes a whole number from 1 /],
    ["{ node: 1, operation: wake, cuont: 2 }", '6: unknown key "cuont"; did you mean "count"?'],
    ["{ node: 1, operation: wake, byte: 1 }", "6: byte goes with read and page-write, not with wake"],
    ["{ node: 1, operation: page-write, byte: 65 }", /^6: byte takes a whole number from 1 to 64, not 65$/],
    ["{ node: 1, operation: read, write_cycle: 1ms }", "6: write_cycle goes with page-write, not with read"],
    [
      "{ node: 1, operation: page-write, write_cycle: 1s }",
      /^6: write_cycle takes a duration from 0 to 100ms/,
    ],
    ["{ node: 1, operation: read, point: after, byte: 1 }", "6: on with point and byte; keep one of them"],
    ["{ node: 1, operation: wake, from: 3d }", '6: from: "3d" is after the end of the run, 2d'],
    ["wake", /^6: on takes a mapping/],
  ])("on %s -> refused", (text, problem) => {
    const match = typeof problem === "string" ? problem : expect.stringMatching(problem);
    expect(stepProblems(`  - on: ${text}\n    fault: hang\n    node: 1\n`)).toEqual([match]);
  });

  test.each(["2 per fortnight", "0 per day", "-1 per day", "two per day", "2", "4000 per hour"])(
    "rate: %s -> refused",
    (text) => {
      expect(stepProblems(`  - rate: ${text}\n    fault: hang\n    node: 1\n`)).toEqual([
        expect.stringMatching(/^6: rate takes "N per hour", day, week, month or year/),
      ]);
    },
  );

  test.each([
    ["no time", "", /^6: a step without a time; add at: 2h/],
    ["two times", "at: 1h\n    rate: 1 per day\n    ", "6: a step with at and rate; keep one of them"],
    ["from beside at", "at: 1h\n    from: 1h\n    ", "7: from goes with rate, or stands inside on: { … }"],
  ])("%s -> refused", (_, when, problem) => {
    const match = typeof problem === "string" ? problem : expect.stringMatching(problem);
    expect(stepProblems(`  - ${when}fault: hang\n    node: 1\n`)).toEqual([match]);
  });
});

const at = (rest: string) => `  - at: 1h\n    ${rest.replaceAll("\n", "\n    ")}\n`;

describe("what a step does", () => {
  test("a fault -> with its parameters, and those left out by default", () => {
    expect(stepsOf(at("fault: power-cut\nnode: 1\nfor: 90s\nsays: off"))).toEqual([
      {
        kind: "fault",
        fault: { kind: "power-cut", node: 1, torn: "addressed-bytes" },
        lasts: seconds(90),
        trigger: { kind: "at", at: hours(1) },
        says: "off",
      },
    ]);
    expect(stepsOf(at("fault: wifi-outage"))[0]).toMatchObject({ fault: { kind: "wifi-outage" } });
  });

  test("a lasting fault without an end -> lasts for ever", () => {
    expect(stepsOf(at("fault: sda-held"))[0]).toMatchObject({ lasts: undefined });
  });

  test("all, others, itself -> a step for each, in their order, each with its own number", () => {
    const steps = stepsOf(
      at("do: reset-node\nnode: others\nsubject: itself\nsays: node {node} comes in\napart: 5m") +
        at("fault: eeprom-blank\nchip: all\nsays: chip {chip}"),
      3,
    );
    expect(steps.map(({ says, trigger }) => [says, trigger.kind === "at" && trigger.at])).toEqual([
      ["node 1 comes in", hours(1)],
      ["node 2 comes in", hours(1) + minutes(5)],
      ["chip 0", hours(1)],
      ["chip 1", hours(1)],
      ["chip 2", hours(1)],
    ]);
    expect(steps[1]).toMatchObject({ action: { kind: "reset-node", node: 2, subject: 2 } });
    expect(steps[4]).toMatchObject({ fault: { kind: "eeprom-blank", chip: 2 } });
  });
});

describe("a step that is wrong", () => {
  test.each<[string, string | RegExp]>([
    [
      "fault: eeprom-dislodgd\nchip: 1",
      '7: unknown fault "eeprom-dislodgd"; did you mean "eeprom-dislodged"?',
    ],
    ["fault: zzz", '7: unknown fault "zzz"; npm run simulate -- --faults lists all'],
    ["fault: power-cut", "6: power-cut needs node; it takes node and torn"],
    [
      "fault: stuck-bit\nchip: 0",
      /^6: stuck-bit needs address, bit and reads; it takes chip, address, bit and reads$/,
    ],
    ["fault: hang\nnode: 1\nchip: 1", /^9: unknown key "chip" of hang; there are: at, .*, node$/],
    ["fault: hang\nnode: 1\nsyas: x", '9: unknown key "syas" of hang; did you mean "says"?'],
    ["fault: hang\nnode: 2", "8: node 2: the cluster has nodes 0 and 1"],
    ["fault: hang\nnode: -1", "8: node takes the number of a node, from 0 on, not -1"],
    [
      "fault: hang\nnode: each",
      '8: node takes the number of a node, "all" or "others" (all but 0), not "each"',
    ],
    ["fault: eeprom-noise\nchip: 7", "8: chip 7: the cluster has chips 0 and 1"],
    [
      "fault: battery-low\nnode: 0\npercent: 101",
      "9: percent of battery-low takes a number from 0 to 100, not 101",
    ],
    [
      "fault: battery-low\nnode: 0\npercent: few",
      '9: percent of battery-low takes a number from 0 to 100, not "few"',
    ],
    [
      "fault: battery-low\nnode: 0\npercent: [5]",
      "9: percent of battery-low takes a number from 0 to 100, not a list",
    ],
    [
      "fault: power-cut\nnode: 0\ntorn: all",
      '9: torn of power-cut takes addressed-bytes or whole-page, not "all"',
    ],
    [
      "fault: oversleep\nnode: 0\nby_s: 0",
      "9: by_s of oversleep takes a number above 0, at most 604800, not 0",
    ],
    [
      "fault: worn-page\nchip: 0\npage: 512",
      "9: page of worn-page takes a whole number from 0 to 511, not 512",
    ],
    ["fault: hang\nnode: 1\nfor: 1h", '9: hang happens at one instant, it does not last; leave "for" out'],
    ["fault: sda-held\nfor: 0", /^8: for takes a duration from 0.001ms .*, not 0$/],
    ["fault: wake-together\nnode: 1\nwith: 1", "9: with: node 1 itself; name another node"],
    ["fault: wake-together\nnode: 1\nwith: 5", "9: node 5: the cluster has nodes 0 and 1"],
    ["fault: wrong-strap\nchip: 1\nas: 1", "9: as: chip 1's own address; name another"],
    ["fault: hang\ndo: power-on\nnode: 1", "6: a step with both do and fault; make it two steps"],
    ["says: nothing", "6: a step without an action; add do: (a person's action) or fault:"],
    ["do: power-onn\nnode: 1", /^7: do takes power-on, .*, not "power-onn"; did you mean "power-on"\?$/],
    ["do: power-on", "6: power-on needs node; add it"],
    ["do: reset-node\nnode: 1", "6: reset-node needs subject; add it"],
    ["do: reset-node\nnode: 1\nsubject: 2", "9: node 2: the cluster has nodes 0 and 1"],
    ["do: power-on\nnode: 1\nsubject: 1", /^9: unknown key "subject"; /],
    ["do: power-on\nnode: 1\nfor: 1h", /^9: unknown key "for"; /],
    ["fault: hang\nnode: 1\nsays: 3", "9: says takes a line of text, at most 200 characters, not 3"],
    ['fault: hang\nnode: 1\nsays: "\\e[2J"', /^9: says takes a line of text/],
    ["fault: hang\nnode: 1\nsays: the {chip}", /^9: \{chip\} in says; /],
    ["fault: hang\nnode: 1\nevery: 0.5s", /^9: every takes a duration from 1s .*, not "0.5s"$/],
    ["fault: hang\nnode: 1\napart: 1h", /^9: apart goes with at, and with node: all or others/],
    ["fault: hang\nnode: all\napart: 2d", "6: the last step is after the end of the run, 2d; lower apart"],
  ])("%p -> refused with its line", (rest, problem) => {
    const match = typeof problem === "string" ? problem : expect.stringMatching(problem);
    expect(stepProblems(at(rest))).toEqual([match]);
  });
});

describe("a person at a node without power", () => {
  const blank = (steps: string) => problemsOf(file({ steps, cluster: "{ nodes: 2, start: blank }" }));
  const power = (at: string, kind: string) => `  - at: ${at}\n    do: ${kind}\n    node: 1\n`;
  const reset = (at: string) => `  - at: ${at}\n    do: reset-node\n    node: 1\n    subject: 1\n`;

  test("types at one that was never switched on -> refused", () => {
    expect(blank(reset("2h"))).toEqual([
      "6: reset-node at node 1, which is off: it starts without power; switch it on before",
    ]);
    expect(blank(power("3h", "power-on") + reset("2h"))).toHaveLength(1);
  });

  test("types at one that was switched off -> refused, with the line that did it", () => {
    expect(stepProblems(reset("3h") + power("2h", "power-off"))).toEqual([
      "6: reset-node at node 1, which is off: line 10 switches it off; switch it on before",
    ]);
  });

  test("types at one that has power, or may have by then -> accepted", () => {
    expect(blank(power("1h", "power-on") + reset("1h"))).toEqual([]);
    expect(blank(power("1h", "replace-battery") + reset("1h"))).toEqual([]);
    expect(stepProblems(reset("2h"))).toEqual([]);
    const byChance = "  - rate: 1 per day\n    do: power-on\n    node: 1\n";
    expect(blank(byChance + reset("2h"))).toEqual([]);
  });
});
