/** Scenario files: what they say, and every mistake with its line. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { days, hours, millis, minutes, seconds } from "../../../simulator/engine/time.ts";
import { parseScenario } from "../../../simulator/scenario/parse-scenario.ts";
import type { Scenario } from "../../../simulator/scenario/scenario.ts";
import { ScenarioError } from "../../../simulator/scenario/scenario-error.ts";
import { scenarioText } from "../../../simulator/scenario/scenario-text.ts";

const root = join(__dirname, "../../..");

const library = readdirSync(join(root, "simulator/scenario/library")).map((file) =>
  file.replace(/\.yaml$/, ""),
);

const STEPS = `  - at: 1h
    do: power-on
    node: 0
`;
const EXPECT = `      - readings lost: 0
`;

/** Steps begin in line 6, expectations eight lines after the last one of them. */
const file = ({
  steps = STEPS,
  expect = EXPECT,
  cluster = "{ nodes: 2 }",
  head = "",
} = {}): string => `name: x
line: y
cluster: ${cluster}
duration: 2d
steps:
${steps}${head}protocols:
  article:
    expect:
${expect}`;

function problemsOf(text: string, nodes?: number): string[] {
  try {
    parseScenario(text, "f.yaml", { nodes });
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return error.problems.map(({ line, text: what }) => `${line}: ${what}`);
  }
  return [];
}

const stepsOf = (steps: string, nodes?: number): Scenario["steps"] =>
  parseScenario(file({ steps }), "f.yaml", { nodes }).steps;
const stepProblems = (step: string): string[] => problemsOf(file({ steps: step }));
const expectationsOf = (expect: string) =>
  parseScenario(file({ expect }), "f.yaml").protocols.get("article")?.expect;
/** Of expectations, with lines counted from the first of them. */
const expectProblems = (expect: string): string[] =>
  problemsOf(file({ expect })).map((problem) => {
    const [line, ...rest] = problem.split(": ");
    return [Number(line) - 11, ...rest].join(": ");
  });

describe("a whole file", () => {
  test("only what is required -> everything else by default", () => {
    expect(parseScenario(file(), "f.yaml")).toEqual({
      name: "x",
      line: "y",
      cluster: {
        nodes: 2,
        start: "running",
        counters: undefined,
        eepromPower: "shared",
        witness: false,
        pullUps: "external",
        unpowered: "stuck",
        watchdog: undefined,
        readmission: undefined,
        drift: undefined,
        charge: undefined,
      },
      duration: days(2),
      shortest: hours(1),
      temperatures: { kind: "room" },
      steps: [
        {
          kind: "action",
          action: { kind: "power-on", node: 0 },
          trigger: { kind: "at", at: hours(1) },
          says: undefined,
        },
      ],
      protocols: new Map([
        [
          "article",
          { fails: undefined, expect: [{ kind: "metric", metric: "readings lost", min: 0, max: 0 }] },
        ],
      ]),
    });
  });

  test("a cluster in full -> as written", () => {
    const cluster = `{ nodes: 2, counters: [65530, 12], eeprom_power: own, witness: fitted, pull_ups: internal, unpowered: no-ack,
    watchdog: 60s, readmission: { most: 5, forget_wakes: 96 }, drift: [0.5, -0.5], charge: [100, 3] }`;
    expect(parseScenario(file({ cluster }), "f.yaml").cluster).toEqual({
      nodes: 2,
      start: "running",
      counters: [65_530, 12],
      eepromPower: "own",
      witness: true,
      pullUps: "internal",
      unpowered: "no-ack",
      watchdog: seconds(60),
      readmission: { most: 5, forgetWakes: 96 },
      drift: [0.5, -0.5],
      charge: [100, 3],
    });
  });

  test("a constant temperature, a protocol that fails -> both kept", () => {
    const text = file({ head: "temperatures: { constant: -0.5 }\n" }).replace(
      "    expect:",
      "    fails: it does\n    expect:",
    );
    const { temperatures, protocols } = parseScenario(text, "f.yaml");
    expect(temperatures).toEqual({ kind: "constant", celsius: -0.5 });
    expect(protocols.get("article")?.fails).toBe("it does");
  });

  test.each(library)("%s of the library -> parsed under its name, and has an answer", (name) => {
    const path = `simulator/scenario/library/${name}.yaml`;
    const scenario = parseScenario(scenarioText(readFileSync(join(root, path)), path), path, { name });
    expect(scenario.protocols.size).toBeGreaterThan(0);
  });

  test("the example of the docs -> parsed", () => {
    const docs = readFileSync(join(root, "docs/scenarios.md"), "utf8");
    const example = /```yaml\n([\s\S]*?)```/.exec(docs)?.[1] ?? "";
    expect(parseScenario(example, "docs/scenarios.md").name).toBe("loose-chip");
  });
});

describe("when a step comes about", () => {
  const triggerOf = (when: string) => stepsOf(`  - ${when}\n    fault: hang\n    node: 1\n`)[0]?.trigger;
  const on = (rest: string) => triggerOf(`on: { node: 1, operation: ${rest} }`);

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

describe("what a step does", () => {
  const at = (rest: string) => `  - at: 1h\n    ${rest.replaceAll("\n", "\n    ")}\n`;

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
    ["fault: hang\nnode: 1\nfor: 1h", '9: hang happens in an instant, it does not last; leave "for" out'],
    ["fault: sda-held\nfor: 0", /^8: for takes a duration from 0.001ms .*, not 0$/],
    ["fault: wake-together\nnode: 1\nwith: 1", "9: with: node 1 itself; name another node"],
    ["fault: wake-together\nnode: 1\nwith: 5", "9: node 5: the cluster has nodes 0 and 1"],
    ["fault: wrong-strap\nchip: 1\nas: 1", "9: as: chip 1's own address; name another chip"],
    ["fault: hang\ndo: power-on\nnode: 1", "6: a step with do and fault; make two steps of it"],
    ["says: nothing", "6: a step in which nothing happens; add do: (a person's action) or fault:"],
    ["do: power-onn\nnode: 1", /^7: do takes power-on, .*, not "power-onn"; did you mean "power-on"\?$/],
    ["do: power-on", "6: power-on needs node; add it"],
    ["do: reset-node\nnode: 1", "6: reset-node needs subject; add it"],
    ["do: reset-node\nnode: 1\nsubject: 2", "9: node 2: the cluster has nodes 0 and 1"],
    ["do: power-on\nnode: 1\nsubject: 1", /^9: unknown key "subject"; /],
    ["do: power-on\nnode: 1\nfor: 1h", /^9: unknown key "for"; /],
    ["fault: hang\nnode: 1\nsays: 3", "9: says takes a line of text, at most 200 characters, not 3"],
    ['fault: hang\nnode: 1\nsays: "\\e[2J"', /^9: says takes a line of text/],
    ["fault: hang\nnode: 1\nsays: the {chip}", /^9: \{chip\} in says; /],
    ["fault: hang\nnode: 1\napart: 1h", /^9: apart goes with at, and with node: all or others/],
    [
      "fault: hang\nnode: all\napart: 2d",
      "6: the last of these is after the end of the run, 2d; lower apart",
    ],
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

describe("the cluster", () => {
  test.each<[string, string[]]>([
    ["{ nodes: 1 }", ["3: nodes takes a whole number from 2 to 8, not 1"]],
    ["{ nodes: two }", ['3: nodes takes a whole number from 2 to 8, not "two"']],
    ["{}", ['3: cluster has no "nodes"; add it']],
    ["{ nodes: 2, nods: 3 }", ['3: unknown key "nods"; did you mean "nodes"?']],
    ["{ nodes: 2, start: blnk }", ['3: start takes running or blank, not "blnk"; did you mean "blank"?']],
    ["{ nodes: 3, drift: [1, 2] }", ["3: drift lists 2 for 3 nodes; give one for each node"]],
    ["{ nodes: 2, charge: [1, 101] }", ["3: an item of charge takes a number from 0 to 100, not 101"]],
    ["{ nodes: 2, counters: 5 }", ["3: counters takes a list, an item for each of the 2 nodes, not 5"]],
    ["{ nodes: 2, counters: [65536, 1] }", [expect.stringMatching(/^3: an item of counters takes/)]],
    [
      "{ nodes: 2, readmission: { most: -1, forget_wakes: 0 } }",
      [
        expect.stringMatching(/^3: most takes a whole number from 0 to 1000, not -1/),
        expect.stringMatching(/^3: forget_wakes takes a whole number from 1 to 525600, not 0/),
      ],
    ],
    ["{ nodes: 2, readmission: 3 }", [expect.stringMatching(/^3: readmission/)]],
    ["{ nodes: 2, watchdog: 0 }", [expect.stringMatching(/^3: watchdog takes a duration from 1ms to 1d/)]],
    [
      "{ nodes: 2, start: blank, counters: [1, 2] }",
      [expect.stringMatching(/^3: counters stand on the chips/)],
    ],
    ["{ nodes: 2, pull_ups: .inf }", ["3: pull_ups takes external, internal or missing, not Infinity"]],
  ])("%s -> refused", (cluster, problems) => {
    expect(problemsOf(file({ cluster }))).toEqual(problems);
  });

  test("a witness -> a chip more, by number and by name", () => {
    const chips = (chip: string | number, cluster = "{ nodes: 2, witness: fitted }") =>
      file({ cluster, steps: `  - at: 1h\n    fault: eeprom-noise\n    chip: ${chip}\n` });
    const struck = (chip: string | number) =>
      parseScenario(chips(chip), "f.yaml").steps.map((step) => step.kind === "fault" && step.fault);
    expect(struck("witness")).toEqual([{ kind: "eeprom-noise", chip: 2 }]);
    expect(struck(2)).toEqual(struck("witness"));
    expect(struck("all")).toHaveLength(3);
    expect(problemsOf(chips(3))).toEqual(["8: chip 3: the cluster has chips 0, 1 and 2"]);
    expect(problemsOf(chips("witness", "{ nodes: 2 }"))).toEqual([
      "8: the cluster has no witness; add witness: fitted to it",
    ]);
    expect(problemsOf(chips(0, "{ nodes: 8, witness: fitted }"))).toEqual([
      "3: 8 nodes leave no address for the witness; at most 7",
    ]);
    expect(problemsOf(chips(0, "{ nodes: 2, witness: yes }"))).toEqual([
      '3: witness takes none or fitted, not "yes"',
    ]);
  });

  test("played with more nodes -> lists are filled up", () => {
    const cluster = "{ nodes: 2, counters: [7, 8], drift: [1, 2], charge: [50, 60] }";
    expect(parseScenario(file({ cluster }), "f.yaml", { nodes: 3 }).cluster).toMatchObject({
      nodes: 3,
      counters: [7, 8, 1],
      drift: [1, 2, 0],
      charge: [50, 60, 100],
    });
  });

  test("played with fewer nodes -> lists are cut; steps for the others are refused", () => {
    const cluster = "{ nodes: 3, drift: [1, 2, 3] }";
    expect(parseScenario(file({ cluster }), "f.yaml", { nodes: 2 }).cluster.drift).toEqual([1, 2]);
    const steps = "  - at: 1h\n    fault: hang\n    node: 2\n";
    expect(problemsOf(file({ cluster, steps }))).toEqual([]);
    expect(problemsOf(file({ cluster, steps }), 2)).toEqual([
      "8: node 2: the cluster has nodes 0 and 1; the run was asked for with 2 nodes only",
    ]);
  });

  test("a cluster that is wrong elsewhere -> its nodes are known all the same", () => {
    const steps = "  - at: 1h\n    fault: hang\n    node: 5\n";
    expect(problemsOf(file({ cluster: "{ nodes: 5, start: x }", steps }))).toEqual([
      '3: start takes running or blank, not "x"',
      "8: node 5: the cluster has nodes 0 to 4",
    ]);
  });
});

describe("expectations", () => {
  test.each([
    ["readings lost: 0", { kind: "metric", metric: "readings lost", min: 0, max: 0 }],
    ["readings stored: at least 150", { kind: "metric", metric: "readings stored", min: 150, max: Infinity }],
    ["firing mails: at most 3", { kind: "metric", metric: "firing mails", min: 0, max: 3 }],
    ["resets: 2 to 5", { kind: "metric", metric: "resets", min: 2, max: 5 }],
    ["longest gap: at most 50m", { kind: "metric", metric: "longest gap", min: 0, max: 3_000 }],
    ["longest gap: 1h 30m to 2d 3h", { kind: "metric", metric: "longest gap", min: 5_400, max: 183_600 }],
    ["failovers: 0", { kind: "metric", metric: "failovers", min: 0, max: 0 }],
    ["failovers: none", { kind: "failovers", list: [] }],
    [
      "failovers: [0 to 1 within 3 cycles, 1 to 0]",
      {
        kind: "failovers",
        list: [
          { from: 0, to: 1, cycles: 3 },
          { from: 1, to: 0, cycles: undefined },
        ],
      },
    ],
    ["mails: none", { kind: "mails", list: [] }],
    [
      "mails: [firing node-dead#0, reminder node-dead#0, resolved eeprom-unwritable#1, digest]",
      {
        kind: "mails",
        list: ["firing node-dead#0", "reminder node-dead#0", "resolved eeprom-unwritable#1", "digest"].map(
          (mail) => ({ mail, sent: undefined }),
        ),
      },
    ],
    [
      "mails: firing cluster-silent#0 from 6h to 1d 30m",
      { kind: "mails", list: [{ mail: "firing cluster-silent#0", sent: { fromS: 21_600, toS: 88_200 } }] },
    ],
    ["primary at the end: 1", { kind: "primary at the end", nodes: [1] }],
    ["primary at the end: [1, 0]", { kind: "primary at the end", nodes: [0, 1] }],
    ["primary at the end: none", { kind: "primary at the end", nodes: [] }],
  ])("%s -> understood", (text, expectation) => {
    expect(expectationsOf(`      - ${text}\n`)).toEqual([expectation]);
  });

  test.each<[string, string | RegExp]>([
    ["readings los: 3", '1: unknown expectation "readings los"; did you mean "readings lost"?'],
    ["zzz: 3", /^1: unknown expectation "zzz"; there are: readings due, .*, primary at the end$/],
    ["readings lost: few", /^1: readings lost takes a whole number N, at most N, .*, not "few"$/],
    ["readings lost: -1", /^1: readings lost takes a whole number N/],
    ["readings lost: 1.5", /^1: readings lost takes a whole number N/],
    ["readings lost: [1]", /^1: readings lost takes .*, not a list$/],
    ["readings lost: 1 to 2 to 3", /^1: readings lost takes/],
    ["resets: 5 to 2", "1: resets: 5 to 2 is empty; the smaller one comes first"],
    ["longest gap: 50", /^1: longest gap takes at most 50m, .*, not 50$/],
    ["failovers: 0 to 1", /^1: failovers: 0 to 1 can be read in two ways; write \[0 to 1\] for a takeover/],
    ["failovers: [0 to 0]", "1: failovers: 0 to 0; a node takes over from another"],
    ["failovers: [0 to 2]", "1: node 2: the cluster has nodes 0 and 1"],
    ["failovers: [from 0]", /^1: failovers lists takeovers such as 0 to 1/],
    ["mails: [frying node-dead#0]", /^1: mails lists mails such as firing node-dead#0/],
    ["mails: [firing node-dead]", /^1: mails lists mails such as firing node-dead#0/],
    ["mails: [firing node-dead#3]", "1: node 3: the cluster has nodes 0 and 1"],
    ["mails: [firing eeprom-unwritable#2]", "1: chip 2: the cluster has chips 0 and 1"],
    ["mails: [firing split-brain#1]", "1: split-brain#1: it concerns no one node; write split-brain#0"],
    ["mails: [firing node-deaf#0]", '1: unknown incident "node-deaf"; did you mean "node-dead"?'],
    ["mails: [digest from 6h to noon]", /^1: mails: digest from 6h to noon; times of the run are durations/],
    [
      "mails: [digest from 6h to 5h]",
      "1: mails: digest from 6h to 5h is empty; the earlier time comes first",
    ],
    ["primary at the end: 2", "1: node 2: the cluster has nodes 0 and 1"],
    ["primary at the end: x", /^1: primary at the end \(or none\) takes the number of a node/],
    ["primary at the end: [1, 1]", "1: primary at the end names a node twice; name each once"],
    ["readings lost", /^1: an expectation takes a mapping/],
    ["readings lost: 0\n        resets: 0", /^1: an expectation is a single name: value/],
  ])("%p -> refused", (text, problem) => {
    const match = typeof problem === "string" ? problem : expect.stringMatching(problem);
    expect(expectProblems(`      - ${text}\n`)).toEqual([match]);
  });

  test.each([
    ["readings lost: at least 3", "readings lost: 2"],
    ["failovers: 0", "failovers: [0 to 1]"],
    ["failovers: none", "failovers: at least 1"],
    ["failovers: [0 to 1]", "failovers: [1 to 0]"],
    ["mails: [firing node-dead#0]", "firing mails: 2"],
    ["resolved mails: at least 1", "mails: none"],
    ["reminder mails: 2", "mails: [reminder node-dead#0]"],
    ["mails: [digest]", "mails: [digest from 1h to 2h]"],
    ["mails: none", "mails: [firing node-dead#0]"],
    ["primary at the end: 0", "primary at the end: none"],
    ["primaries at once: at most 1", "primary at the end: [0, 1]"],
    ["expelled: 0", "wrongly expelled: 1"],
    ["readings lost: at least 5", "readings due: at most 4"],
  ])("%s and %s -> contradict one another, both lines are named", (first, second) => {
    for (const pair of [
      [first, second],
      [second, first],
    ]) {
      const found = expectProblems(`      - ${pair[0]}\n      - resets: 0\n      - ${pair[1]}\n`);
      expect(found).toEqual([
        expect.stringMatching(/^3: ".*" contradicts ".*" in line 12; correct one of them$/),
      ]);
    }
  });

  test.each([
    ["readings lost: at least 1", "readings lost: at most 1"],
    ["failovers: at most 1", "failovers: [0 to 1]"],
    ["mails: [firing node-dead#0]", "firing mails: 1"],
    ["primaries at once: 2", "primary at the end: 1"],
    ["expelled: 2", "wrongly expelled: 1"],
  ])("%s and %s -> go together", (first, second) => {
    expect(expectProblems(`      - ${first}\n      - ${second}\n`)).toEqual([]);
  });
});

describe("the file as such", () => {
  test.each<[string, string, string | RegExp]>([
    ["empty", "", "1: the file is empty; docs/scenarios.md has an example to start from"],
    ["comments alone", "# nothing\n", /^1: the file is empty/],
    ["a list", "- a\n", /^1: a scenario takes a mapping/],
    [
      "a tab",
      file().replace("  - at", "\t- at"),
      "6: Tabs are not allowed as indentation; indent with spaces",
    ],
    ["an open bracket", file({ cluster: "{ nodes: 2" }), /^4: /],
    [
      "an open quote",
      file().replace("line: y", 'line: "y'),
      /; complete it; what is open may begin further up$/,
    ],
    [
      "a colon in a text",
      file().replace("line: y", "line: a: b"),
      /^2: .*put a text that holds a colon in quotes/,
    ],
    ["two documents", `${file()}---\na: 1\n`, /: a second document; a file holds one scenario$/],
    [
      "a key twice",
      file().replace("line: y", "line: y\nline: z"),
      /^3: "line" stands here a second time, after line 2/,
    ],
    [
      "an anchor",
      file().replace("line: y", "line: &y y"),
      /^2: anchors \(&\) and aliases \(\*\) are not supported/,
    ],
    [
      "an alias",
      file().replace("line: y", "line: *y"),
      /^2: anchors \(&\) and aliases \(\*\) are not supported/,
    ],
    ["a tag", file().replace("line: y", "line: !!str 3"), /^2: the tag .* is not supported; leave it out$/],
    [
      "a key that is a list",
      file().replace("line: y", "? [a]\n: y\nline: y"),
      /^2: a key that is no plain word/,
    ],
    ["a bad name", file().replace("name: x", "name: X y"), /^1: name takes words of a-z and 0-9/],
    [
      "an unknown key",
      file({ head: "temprature: room\n" }),
      '9: unknown key "temprature"; did you mean "temperatures"?',
    ],
    [
      "an unknown protocol",
      `${file()}  articel: { expect: [resets: 0] }\n`,
      '13: unknown protocol "articel"; did you mean "article"?',
    ],
    ["no duration", file().replace("duration: 2d\n", ""), '1: a scenario has no "duration"; add it'],
    ["a duration of nothing", file().replace("duration: 2d", "duration: 0"), /^4: duration takes a duration/],
    ["no steps", file({ steps: "  []\n" }), "5: steps takes a list with at least one item, not an empty one"],
    ["no expectations", file({ expect: "      []\n" }), /^11: expect takes a list with at least one item/],
    ["a temperature out of range", file({ head: "temperatures: { constant: 126 }\n" }), /^9: constant takes/],
    [
      "an unknown source of temperatures",
      file({ head: "temperatures: rom\n" }),
      /^9: temperatures takes room or/,
    ],
  ])("%s -> refused", (_, text, problem) => {
    const match = typeof problem === "string" ? problem : expect.stringMatching(problem);
    expect(problemsOf(text)).toEqual(expect.arrayContaining([match]));
    expect(problemsOf(text).length).toBeLessThan(4);
  });

  test("an alias bomb, deep nesting, a million keys -> refused, and none of it is built", () => {
    const bomb = `a: &a [1,1]\n${Array.from({ length: 20 }, (_, i) => `b${i}: &b${i} [*a,*a,*a]\n`).join("")}`;
    for (const text of [
      bomb,
      "[".repeat(100_000),
      "- ".repeat(100_000),
      "{a: ".repeat(100_000),
      Array.from({ length: 20_000 }, (_, i) => `k${i}: 1\n`).join(""),
    ])
      expect(problemsOf(text)).not.toEqual([]);
  });

  test("many mistakes -> all of them, by line, file and line in front of each", () => {
    const text = file({
      steps: "  - at: 9d\n    fault: hang\n    node: 7\n",
      cluster: "{ nodes: 2, start: x }",
    });
    try {
      parseScenario(text, "dir/f.yaml");
      throw new Error("parsed");
    } catch (error) {
      expect(error).toBeInstanceOf(ScenarioError);
      expect((error as ScenarioError).message.split("\n")).toEqual([
        'dir/f.yaml:3: start takes running or blank, not "x"',
        'dir/f.yaml:6: at: "9d" is after the end of the run, 2d',
        "dir/f.yaml:8: node 7: the cluster has nodes 0 and 1",
      ]);
    }
  });

  test("a hundred and fifty mistakes -> a hundred, and how many more", () => {
    const steps = Array.from({ length: 150 }, () => "  - at: 9d\n    fault: sda-held\n").join("");
    expect(() => parseScenario(file({ steps }), "f.yaml")).toThrow(/\nand 50 more$/);
  });

  test("control characters in a key -> shown as numbers, in one line", () => {
    expect(problemsOf(file({ head: '"a\\nb\\e[2J": 1\n' }))).toEqual([
      expect.stringMatching(/^9: unknown key "a\\xab\\x1b\[2J"; there are: /),
    ]);
  });

  test("CRLF, a byte order mark -> as without", () => {
    const text = file();
    expect(parseScenario(`\uFEFF${text.replaceAll("\n", "\r\n")}`, "f.yaml")).toEqual(
      parseScenario(text, "f.yaml"),
    );
    expect(problemsOf(text.replace("line: y", "lines: y").replaceAll("\n", "\r\n"))).toEqual([
      '1: a scenario has no "line"; add it',
      '2: unknown key "lines"; did you mean "line"?',
    ]);
  });

  test("a name that is not the wanted one -> refused", () => {
    expect(() => parseScenario(file(), "f.yaml", { name: "z" })).toThrow(
      'f.yaml:1: name is "x" in the file of "z"; call both alike',
    );
  });
});

describe("the bytes of a file", () => {
  test("UTF-8 -> its text", () => {
    expect(scenarioText(new TextEncoder().encode("line: 21 °C"), "f.yaml")).toBe("line: 21 °C");
  });

  test("Latin-1 -> refused with its line", () => {
    const bytes = Uint8Array.from([...Buffer.from("a: b\nc: "), 0xb0, 0x0a, ...Buffer.from("d: e\n")]);
    expect(() => scenarioText(bytes, "f.yaml")).toThrow("f.yaml:2: not UTF-8; save the file as UTF-8");
  });

  test("a character cut off at the end -> refused", () => {
    const bytes = new TextEncoder().encode("a: °").subarray(0, 4);
    expect(() => scenarioText(bytes, "f.yaml")).toThrow(/^f\.yaml:1: not UTF-8/);
  });

  test("more than a million bytes -> refused", () => {
    expect(scenarioText(new Uint8Array(1_000_000).fill(0x20), "f.yaml")).toHaveLength(1_000_000);
    expect(() => scenarioText(new Uint8Array(1_000_001), "f.yaml")).toThrow(/^f\.yaml:1: larger than/);
  });
});
