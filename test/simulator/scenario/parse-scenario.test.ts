/** Scenario files: what they say, and every mistake with its line. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { days, hours, seconds } from "../../../simulator/engine/time.ts";
import { parseScenario } from "../../../simulator/scenario/parse-scenario.ts";
import { ScenarioError } from "../../../simulator/scenario/scenario-error.ts";
import { scenarioText } from "../../../simulator/scenario/scenario-text.ts";
import { file, problemsOf } from "./scenario-file.ts";

const root = join(__dirname, "../../..");

const library = readdirSync(join(root, "simulator/scenario/library")).map((file) =>
  file.replace(/\.yaml$/, ""),
);

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
});

describe("whole files of this project", () => {
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

describe("the file as such", () => {
  test.each<[string, string, string | RegExp]>([
    ["empty", "", "1: the file is empty; docs/scenarios.md has an example"],
    ["comments alone", "# nothing\n", /^1: the file is empty/],
    ["a list", "- a\n", /^1: a scenario takes a mapping/],
    [
      "a tab",
      file().replace("  - at", "\t- at"),
      "6: Tabs are not allowed as indentation; indent with spaces",
    ],
    ["an open bracket", file({ cluster: "{ nodes: 2" }), /^4: /],
    ["an open quote", file().replace("line: y", 'line: "y'), /; complete it; the opening may be further up$/],
    [
      "a colon in a text",
      file().replace("line: y", "line: a: b"),
      /^2: .*put a text that contains a colon in quotes/,
    ],
    ["two documents", `${file()}---\na: 1\n`, /: a second document; a file holds one scenario$/],
    [
      "a key twice",
      file().replace("line: y", "line: y\nline: z"),
      /^3: "line" is here a second time, after line 2/,
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
      /^2: a key that is not a plain word/,
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
});

describe("the text of a file", () => {
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
      'f.yaml:1: name is "x" in the file of "z"; use the same name for both',
    );
  });
});

describe("several mistakes in a file", () => {
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
