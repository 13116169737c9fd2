import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runCheck } from "../../../../simulator/checker/checks.ts";
import { FAULT_CLASS_NAMES } from "../../../../simulator/checker/fault-classes.ts";
import { needText } from "../../../../simulator/checker/print-steps.ts";
import { neededFor } from "../../../../simulator/checker/promises.ts";
import type { Transition } from "../../../../simulator/checker/transition.ts";
import {
  type Cell,
  COLUMNS,
  cellKey,
  cellText,
  checkOf,
  matrixText,
  pairCheckOf,
  pairRows,
  type Row,
  withMatrix,
} from "../../../../simulator/cli/verify/matrix.ts";
import { actsWithinS } from "../../../../simulator/protocol/hardened/bounds.ts";
import type { Violation } from "../../../../simulator/protocol/laws.ts";
import { TIMING } from "../../../../simulator/protocol/timing.ts";

const [ARTICLE, HARDENED, WITNESS] = COLUMNS;

const cell = (more: Partial<Cell> = {}): Cell => ({
  check: checkOf(HARDENED, ["eeprom-dislodged"]),
  states: 1_234,
  depth: 20,
  exhausted: true,
  roundsToAct: 2,
  statesWithoutCapableNode: 0,
  unmet: { laws: [], faults: [] },
  seconds: 3.21,
  violation: null,
  steps: [],
  replay: undefined,
  ...more,
});
const BOTH: Violation = { law: "at-most-one-acts", node: 1, others: [0] };
const steps: Transition[] = [{ kind: "reads", node: 0, chip: 1 }];

describe("a cell", () => {
  test.each<[string, Partial<Cell>, string]>([
    ["every state was looked at", {}, "holds: 1,234 states, 3.2 s"],
    [
      "nobody is left in some",
      { statesWithoutCapableNode: 3 },
      "holds: 1,234 states, 3.2 s; nobody is left to act in some: see the cloud",
    ],
    [
      "the limit came first",
      { exhausted: false },
      "no counterexample in the first 1,234 states, 20 steps deep",
    ],
    [
      "every state was looked at, and nobody ever took over",
      { unmet: { laws: ["terms-only-rise"], faults: ["freeze"] } },
      "proves nothing: never came about: a node acts after another one did; freeze made a difference",
    ],
    [
      "broken, with a file that plays it",
      { exhausted: false, violation: BOTH, steps, replay: "x/y.yaml" },
      "**broken** in 1 steps: nodes 0 and 1 act at once ([replay](x/y.yaml))",
    ],
    [
      "broken, as is known",
      { check: checkOf(HARDENED, ["wire-cut"]), exhausted: false, violation: BOTH, steps },
      "**broken** in 1 steps: nodes 0 and 1 act at once; known: needs a third chip",
    ],
    [
      "a pair of them",
      {
        check: pairCheckOf(HARDENED, ["wire-cut", "freeze"]),
        exhausted: false,
        violation: BOTH,
        steps,
      },
      "**broken** in 1 steps: nodes 0 and 1 act at once",
    ],
  ])("%s -> said", (_, more, text) => {
    expect(cellText(cell(more))).toBe(text);
  });

  test("not asked -> a dash", () => {
    expect(cellText(undefined)).toBe("–");
  });
});

test("classes that are survived -> every pair of them, each with itself too", () => {
  expect(pairRows(["eeprom-dislodged", "freeze"])).toEqual([
    ["eeprom-dislodged", "eeprom-dislodged"],
    ["eeprom-dislodged", "freeze"],
    ["freeze", "freeze"],
  ]);
  expect(pairCheckOf(WITNESS, ["freeze", "freeze"])).toMatchObject({
    faults: ["freeze"],
    budget: 2,
    witness: true,
  });
  expect(pairCheckOf(HARDENED, ["eeprom-dislodged", "freeze"])).toMatchObject({
    faults: ["eeprom-dislodged", "freeze"],
    crashes: 0,
  });
});

test("a matrix -> a line for each class, and pairs that break before those that hold", () => {
  const pairs = new Map<string, Cell>();
  for (const [row, violation] of [
    [["eeprom-dislodged", "eeprom-dislodged"], null],
    [["eeprom-dislodged", "freeze"], BOTH],
  ] as const)
    pairs.set(cellKey(HARDENED, row), cell({ check: pairCheckOf(HARDENED, row), violation }));
  const singles = new Map([[cellKey(ARTICLE, []), cell({ check: checkOf(ARTICLE, []) })]]);
  const text = matrixText(singles, pairs, 12.3);
  const lines = text.split("\n").filter((line) => line.startsWith("| `eeprom-dislodged` +"));
  expect(lines).toEqual([
    expect.stringMatching(/^\| `eeprom-dislodged` \+ `freeze` \| \*\*broken\*\*.* \| – \|$/),
    expect.stringMatching(/^\| `eeprom-dislodged` \+ `eeprom-dislodged` \| holds: .* \| – \|$/),
  ]);
  expect(text).toMatch(/^\| nothing: wakes come late \| holds: 1,234 states, 3\.2 s \| – \| – \|$/m);
  expect(text).toMatch(/^3 checks, 3,702 states, 12 s on two threads\.$/m);
});

test("a document with the marks -> only what is between them is new; without -> the table alone", () => {
  const document = withMatrix(undefined, "old");
  expect(withMatrix(`before\n${document}after\n`, "new")).toBe(
    `before\n${withMatrix(undefined, "new")}after\n`,
  );
  expect(withMatrix("no marks", "new")).toBe(withMatrix(undefined, "new"));
});

describe("docs/failure-matrix.md", () => {
  const text = readFileSync(join(__dirname, "../../../../docs/failure-matrix.md"), "utf8");
  const row = (begin: string): string[] =>
    (text.split("\n").find((line) => line.startsWith(`| ${begin}`)) ?? "").split(" | ");
  /** What a search gives again on any machine: the figures without the time. */
  const timeless = (of: string): string =>
    of.replace(/, [\d.]+ s(?=;|$)/, "").replace(/ \(\[replay\]\([^)]*\)\)/, "");

  test.each<[string, Row]>([
    ["nothing: wakes come late", []],
    ["`freeze`", ["freeze"]],
    ["`wire-cut`", ["wire-cut"]],
    ["`early-wake`", ["early-wake"]],
  ])("the row %s -> what the checker finds, published and hardened", (begin, faults) => {
    const cells = row(begin);
    for (const [index, column] of [ARTICLE, HARDENED].entries()) {
      const { counterexample, ...found } = runCheck(checkOf(column, faults));
      const seen = cell({
        ...found,
        violation: counterexample?.violation ?? null,
        steps: counterexample?.steps.map(({ transition }) => transition) ?? [],
      });
      expect(timeless(cells[1 + index]!)).toBe(timeless(cellText(seen)));
    }
  });

  test("a cell that is broken -> one that no promise covers, and it says what it would need", () => {
    for (const fault of FAULT_CLASS_NAMES) {
      const cells = row(`\`${fault}\`:`);
      for (const [index, column] of [HARDENED, WITNESS].entries()) {
        const needed = neededFor(fault, { nodes: 2, ...column });
        expect([fault, column.name, cells[2 + index]]).toEqual([
          fault,
          column.name,
          needed === undefined
            ? expect.stringMatching(/^holds: /)
            : expect.stringMatching(
                new RegExp(`^\\*\\*broken\\*\\*.*; known: ${needText(needed)}(?: \\|)?$`),
              ),
        ]);
      }
    }
  });

  test("its headings -> those of the code: resets come besides single classes alone", () => {
    const made = matrixText(new Map(), new Map(), 0);
    for (const heading of made.split("\n").filter((line) => line.startsWith("| what goes wrong")))
      expect(text).toContain(`\n${heading}\n`);
    const pairs = made.slice(made.indexOf("without an additional reset"));
    expect(pairs.slice("without an additional reset".length)).not.toContain("reset");
  });

  test("its takeover bound -> that of the code", () => {
    const bound = actsWithinS(TIMING);
    expect(text).toContain(`${bound.toLocaleString("en")} s (${Math.floor(bound / 60)} minutes)`);
  });
});
