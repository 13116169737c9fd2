import { parseScenario } from "../../../simulator/scenario/parse-scenario.ts";
import { file, problemsOf } from "./scenario-file.ts";

const expectationsOf = (expect: string) =>
  parseScenario(file({ expect }), "f.yaml").protocols.get("article")?.expect;

/** Of expectations, with lines counted from the first of them. */
const expectProblems = (expect: string): string[] =>
  problemsOf(file({ expect })).map((problem) => {
    const [line, ...rest] = problem.split(": ");
    return [Number(line) - 11, ...rest].join(": ");
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
      [expect.stringMatching(/^3: counters need a running cluster/)],
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
      "3: 8 nodes leave no address for the witness; use at most 7",
    ]);
    expect(problemsOf(chips(0, "{ nodes: 2, witness: yes }"))).toEqual([
      '3: witness takes none or fitted, not "yes"',
    ]);
  });
});

describe("the number of nodes", () => {
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
      "8: node 2: the cluster has nodes 0 and 1; this run has only 2 nodes",
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
});

describe("an expectation that is wrong", () => {
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
});

describe("two expectations", () => {
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
