/** The command line of `npm run simulate`, and where its files come from. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseFlags, UsageError } from "../../../../simulator/cli/shared/arguments.ts";
import { callersPath } from "../../../../simulator/cli/shared/callers-path.ts";
import { chosenProtocol } from "../../../../simulator/cli/shared/protocol-choice.ts";
import { libraryScenarios } from "../../../../simulator/cli/shared/scenario-files.ts";
import {
  faultsReport,
  printFaults,
  printScenarios,
  scenariosReport,
} from "../../../../simulator/cli/simulate/lists.ts";
import { FLAGS, HELP, readOptions } from "../../../../simulator/cli/simulate/options.ts";
import { days } from "../../../../simulator/engine/time.ts";
import { FAULT_NAMES } from "../../../../simulator/scenario/faults.ts";
import type { ProtocolName } from "../../../../simulator/scenario/scenario.ts";
import { ScenarioError } from "../../../../simulator/scenario/scenario-error.ts";
import { recordingTerminal } from "../recording-terminal.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-"));
  mkdirSync(join(folder, "a folder"));
  writeFileSync(join(folder, "mine.yaml"), MINE);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MINE = `name: mine
line: a file of one's own
cluster: { nodes: 3 }
duration: 3d
steps:
  - at: 1d 7h 13m
    fault: hang
    node: 2
protocols:
  article: { fails: it does, expect: [readings lost: 0] }
`;

const options = (...argv: string[]) => readOptions(parseFlags("simulate", argv, FLAGS).values);
/** What is printed for a mistake; other errors pass. */
function mistake(...argv: string[]): string {
  try {
    options(...argv);
  } catch (error) {
    if (error instanceof UsageError || error instanceof ScenarioError) return error.message;
    throw error;
  }
  return "";
}

test("nothing given -> the story as it is, with the hardened protocol", () => {
  expect(options()).toMatchObject({
    scenario: { name: "groceries", cluster: { nodes: 2 } },
    protocol: { name: "hardened", answer: { fails: undefined } },
    seed: 1,
    duration: days(2),
    temperatures: undefined,
    traceFile: undefined,
    uplink: "mqtt",
    connectEveryWake: false,
    json: false,
    keep: false,
    again: "",
  });
});

test("help -> no line wider than 79 columns, every option in it", () => {
  for (const line of HELP.split("\n")) expect(line.length).toBeLessThanOrEqual(79);
  for (const flag of Object.keys(FLAGS)) expect(HELP).toContain(`  --${flag}`);
});

describe("--scenario", () => {
  test.each(["mine.yaml", "./mine.yaml", "a folder/../mine.yaml"])("%s -> that file", (name) => {
    expect(options("--scenario", join(folder, name)).scenario.name).toBe("mine");
  });

  test("a name of the library, nearly -> which was meant", () => {
    expect(mistake("--scenario", "have-okado")).toMatch(
      /^Unknown scenario "have-okado"\. Did you mean "have-ocado"\?/,
    );
    expect(mistake("--scenario", "zzz")).toMatch(/^Unknown scenario "zzz"\. See: npm run simulate -- --list/);
  });

  test.each([
    ["not there", "nowhere.yaml", /^--scenario: cannot read .*nowhere\.yaml: .*ENOENT/],
    ["a folder", "a folder/", /^--scenario: cannot read .*a folder\/: .*EISDIR/],
  ])("a file that is %s -> said with the option's name", (_, name, message) => {
    expect(mistake("--scenario", `${folder}/${name}`)).toMatch(message);
  });

  test("a file that never ends -> refused once it is too large", () => {
    expect(mistake("--scenario", "/dev/zero")).toMatch(/^\/dev\/zero:1: larger than 1000000 bytes/);
  });

  test("a file that is wrong -> every mistake with file and line", () => {
    const path = join(folder, "wrong.yaml");
    writeFileSync(path, MINE.replace("node: 2", "node: 3").replace("duration: 3d", "duration: 3"));
    expect(mistake("--scenario", path).split("\n")).toEqual([
      expect.stringMatching(`^${path}:4: duration takes a duration`),
      `${path}:8: node 3: the cluster has nodes 0, 1 and 2`,
    ]);
  });
});

describe("--nodes", () => {
  test("more than the scenario has -> played with them", () => {
    expect(options("--nodes", "4").scenario.cluster.nodes).toBe(4);
  });

  test("fewer than a step needs -> refused with the file's line", () => {
    expect(mistake("--scenario", join(folder, "mine.yaml"), "--nodes", "2")).toMatch(
      /mine\.yaml:8: node 2: the cluster has nodes 0 and 1; this run has only 2 nodes/,
    );
  });

  test.each(["1", "9", "x", "2.5"])("%s -> refused", (text) => {
    expect(mistake("--nodes", text)).toBe(`--nodes takes a whole number from 2 to 8, not "${text}".`);
  });

  test("more than the protocol has room for -> refused", () => {
    expect(mistake("--nodes", "5", "--protocol", "article")).toMatch(
      /^The article protocol has room for 4 nodes, but have-ocado has 5:/,
    );
  });
});

describe("--protocol", () => {
  const { scenario } = options("--protocol", "article");

  test("the published one, and no scenario -> the article's story", () => {
    expect(scenario.name).toBe("have-ocado");
  });

  test("none -> the hardened one; where the scenario has no answer for it, another", () => {
    expect(options("--scenario", "have-ocado").protocol.name).toBe("hardened");
    expect(options("--scenario", join(folder, "mine.yaml")).protocol.name).toBe("article");
  });

  test("one that the scenario has an answer for -> that one", () => {
    expect(options("--protocol", "article").protocol).toMatchObject({
      name: "article",
      answer: scenario.protocols.get("article"),
    });
  });

  test("one that there is not -> refused, with those that there are", () => {
    expect(mistake("--protocol", "paxos")).toMatch(/^--protocol takes "article".*, not "paxos"\.$/);
  });

  test("one without an answer -> refused, with those that have one", () => {
    const other = new Map([["other" as ProtocolName, { fails: undefined, expect: [] }]]);
    expect(() => chosenProtocol({ ...scenario, protocols: other }, "article")).toThrow(
      "have-ocado has no answer for the article protocol; it has one for: other",
    );
  });
});

describe("--days", () => {
  test("not given -> the scenario's own", () => {
    expect(options("--scenario", join(folder, "mine.yaml")).duration).toBe(days(3));
  });

  test("shorter than the story -> refused with the shortest that is accepted", () => {
    expect(mistake("--days", "0.5")).toBe('--days takes a number from 0.92 to 3660, not "0.5".');
    expect(options("--days", "0.92").duration).toBe(days(0.92));
    expect(mistake("--scenario", join(folder, "mine.yaml"), "--days", "0")).toMatch(/from 1\.31 to/);
  });
});

describe("files", () => {
  test("a temperature log that is not there, or wrong -> said with its name", () => {
    expect(mistake("--temperatures", "nowhere.csv")).toMatch(
      /^--temperatures: cannot read nowhere\.csv: .*ENOENT/,
    );
    const path = join(folder, "bad.csv");
    writeFileSync(path, "timestamp,temperature_c\n2026-01-05T00:00:00,warm\n");
    expect(mistake("--temperatures", path)).toMatch(`${path}:2: `);
  });

  test("a temperature log -> its path as it was given", () => {
    const path = join(folder, "log.csv");
    writeFileSync(path, "timestamp,temperature_c\n2026-01-05T00:00:00,20\n");
    expect(options("--temperatures", path).temperatures).toMatchObject({ file: path, log: { rows: 1 } });
  });

  test("a log in °F and local times -> as its options say; they belong to --temperatures", () => {
    const path = join(folder, "log.csv");
    writeFileSync(path, "at,inside,outside\n2026-07-01 02:00,0,68\n");
    const given = ["--column", "outside", "--unit", "F", "--zone", "Europe/Berlin"];
    const { temperatures, again } = options("--temperatures", path, ...given);
    expect(temperatures?.log).toMatchObject({ startMs: Date.UTC(2026, 6, 1) });
    expect(temperatures?.log.celsius[0]).toBeCloseTo(20, 9);
    expect(again).toBe(`--temperatures ${path} ${given.join(" ")} `);
    expect(mistake("--temperatures", path, "--zone", "Berlin")).toMatch(
      /^--zone takes a name of the tz data/,
    );
    expect(mistake("--temperatures", path, "--unit", "k")).toBe('--unit takes "c" or "f", not "k".');
    expect(mistake("--unit", "f")).toBe("--unit needs --temperatures.");
  });

  test("a log so late that the run would leave the years of a message -> refused", () => {
    const path = join(folder, "log.csv");
    writeFileSync(path, "timestamp,temperature_c\n9999-12-31T00:00:00,20\n");
    expect(mistake("--temperatures", path)).toMatch(
      /begins 9999-12-31: the run would end after the year 9999/,
    );
  });

  describe("relative to the caller's folder", () => {
    const before = { ...process.env };
    afterEach(() => {
      process.env = { ...before };
    });

    test("started by npm from another folder -> absolute, from there", () => {
      Object.assign(process.env, { INIT_CWD: folder, npm_lifecycle_event: "simulate" });
      expect(callersPath("simulate", "x.csv")).toBe(join(folder, "x.csv"));
      expect(callersPath("simulate", "/x.csv")).toBe("/x.csv");
      expect(options("--scenario", "./mine.yaml").scenario.name).toBe("mine");
    });

    test("started by npm from the project's folder, or by a program that npm started -> as it is", () => {
      Object.assign(process.env, { INIT_CWD: resolve("."), npm_lifecycle_event: "simulate" });
      expect(callersPath("simulate", "x.csv")).toBe("x.csv");
      Object.assign(process.env, { INIT_CWD: folder, npm_lifecycle_event: "test" });
      expect(callersPath("simulate", "x.csv")).toBe("x.csv");
    });
  });
});

test("options that decide what is played -> kept for the next command, quoted for a shell", () => {
  const path = join(folder, "a folder/it's.yaml");
  writeFileSync(path, MINE);
  expect(options("--scenario", path, "--seed", "7", "--json", "--uplink", "memory").again).toBe(
    `--scenario '${path.replace("'", "'\\''")}' --seed 7 `,
  );
});

test.each([
  [["--seed", "4294967296"], "--seed takes a whole number from 0 to 4294967295"],
  [["--seed", "x"], "--seed takes a whole number"],
  [["--uplink", "lora"], '--uplink takes "mqtt" or "memory", not "lora"'],
  [["--connect", "never"], '--connect takes "boot" or "wake", not "never"'],
])("%j -> refused", (argv, message) => {
  expect(mistake(...argv)).toContain(message);
});

describe("lists", () => {
  test("scenarios -> a line each, the default first, and where a protocol fails, how", () => {
    const library = libraryScenarios();
    expect(library[0]?.name).toBe("groceries");
    const { terminal, printed } = recordingTerminal();
    printScenarios(terminal, [...library, options("--scenario", join(folder, "mine.yaml")).scenario]);
    expect(printed()).toMatch(/^groceries {12}the groceries come: .*\n/);
    expect(printed()).toMatch(/\nmine {17}a file of one's own\n {21}✗ article fails: it does\n$/);
  });

  test("scenarios as JSON -> what a program needs to choose one", () => {
    expect(scenariosReport([options("--scenario", join(folder, "mine.yaml")).scenario])).toEqual([
      {
        name: "mine",
        line: "a file of one's own",
        nodes: 3,
        days: 3,
        protocols: [{ name: "article", fails: "it does" }],
      },
    ]);
  });

  test("faults -> every kind, what it strikes, its parameters and rate", () => {
    const { terminal, printed } = recordingTerminal();
    printFaults(terminal);
    for (const name of FAULT_NAMES) expect(printed()).toMatch(new RegExp(`^${name} `, "m"));
    expect(printed()).toContain(
      `power-cut            a node and its EEPROM lose power at once
                     lasts until it heals; 12 a year for each node
                       node: the number of a node
                       torn: addressed-bytes or whole-page, default addressed-bytes
`,
    );
    expect(printed()).toContain("happens at one instant; never by chance\n");
    expect(printed()).toContain("node: the number of a node (optional)\n");
  });

  test("faults as JSON -> the same", () => {
    const report = faultsReport();
    expect(report).toHaveLength(FAULT_NAMES.length);
    expect(report[0]).toEqual({
      name: "power-cut",
      target: "node",
      about: "a node and its EEPROM lose power at once",
      lasting: true,
      rate_per_year: 12,
      parameters: [
        { name: "node", takes: "the number of a node", required: true, default: null },
        { name: "torn", takes: "addressed-bytes or whole-page", required: false, default: "addressed-bytes" },
      ],
    });
  });
});

describe("--target aws", () => {
  const deployed = (...argv: string[]) => options("--target", "aws", ...argv);

  test("without more -> in real time, a connection at every wake, the first cluster", () => {
    expect(deployed()).toMatchObject({
      connectEveryWake: true,
      deployed: { speed: 1, cluster: undefined, endpoint: undefined, outputs: undefined, devices: undefined },
    });
    expect(options().deployed).toBeUndefined();
  });

  test.each([
    ["60x", 60],
    ["max", Number.POSITIVE_INFINITY],
  ])("--speed %s -> %d virtual seconds in a real one, a connection kept", (text, speed) => {
    expect(deployed("--speed", text)).toMatchObject({ connectEveryWake: false, deployed: { speed } });
    expect(deployed("--speed", text, "--connect", "wake").connectEveryWake).toBe(true);
  });

  test.each(["60", "0x", "-1x", "1.5x", "200000x", "fast"])("--speed %s -> what it takes", (text) => {
    expect(mistake("--target", "aws", `--speed=${text}`)).toMatch(
      /^--speed takes 1x, 60x or .*, or max, not /,
    );
  });

  test.each([
    ["local", ["--speed", "60x"], "--speed does not go with --target local."],
    ["local", ["--endpoint", "x"], "--endpoint does not go with --target local."],
    ["aws", ["--uplink", "memory"], "--uplink does not go with --target aws."],
    ["aws", ["--keep"], "--keep does not go with --target aws."],
    ["azure", [], '--target takes "local" or "aws", not "azure".'],
  ])("%s with %p -> %s", (target, argv, expected) => {
    expect(mistake("--target", target, ...argv)).toBe(expected);
  });
});
