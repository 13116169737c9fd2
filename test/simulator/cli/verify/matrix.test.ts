import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Check, type CheckResult, runEachLaw } from "../../../../simulator/checker/checks.ts";
import { FAULT_CLASS_NAMES } from "../../../../simulator/checker/fault-classes.ts";
import { needText } from "../../../../simulator/checker/print-steps.ts";
import { neededFor } from "../../../../simulator/checker/promises.ts";
import type { Start } from "../../../../simulator/checker/starts.ts";
import {
  type Cell,
  COLUMNS,
  type Column,
  cellKey,
  checkOf,
  isDeepPair,
  lawCell,
  type MatrixTable,
  pairCheckOf,
  pairRows,
  type Row,
  searchedCell,
  TABLES,
  tableIn,
  tableText,
  withTable,
} from "../../../../simulator/cli/verify/matrix.ts";
import { actsWithinS } from "../../../../simulator/protocol/hardened/bounds.ts";
import { LAW_NAMES, type Law, type Violation } from "../../../../simulator/protocol/laws.ts";
import { TIMING } from "../../../../simulator/protocol/timing.ts";

const [ARTICLE, HARDENED, WITNESS] = COLUMNS;

const AT_ONCE: Violation = { law: "at-most-one-acts", node: 1, others: [0] };
const OLD_TERM: Violation = { law: "terms-only-rise", node: 0, term: 1, before: { node: 1, term: 1 } };

/** A search without a finding. */
const found = (check: Check, more: Partial<CheckResult> = {}): CheckResult => ({
  check,
  states: 1_234,
  transitions: 5_000,
  depth: 20,
  exhausted: true,
  counterexample: undefined,
  roundsToAct: { "in-turn": 2, "in-turn-from-the-last": 2, lockstep: 2, adversary: 3 },
  statesWithoutCapableNode: 0,
  unmet: { laws: [], schedules: [], faults: [] },
  ...more,
});

/** A search that ends with a counterexample of one step. */
const broken = (check: Check, violation: Violation, start: Start): CheckResult =>
  found(check, {
    exhausted: false,
    counterexample: { violation, start, prelude: [], steps: [{ kind: "reads", node: 0, chip: 1 }] },
  });

const cell = (check: Check, searches: readonly CheckResult[], replays: Cell["replays"] = []): Cell => ({
  check,
  searches,
  seconds: 3.21,
  replays,
});
const LOST = checkOf(HARDENED, ["eeprom-dislodged"]);
const CUT = checkOf(HARDENED, ["wire-cut"]);

describe("a law in a cell", () => {
  const only = (law: Law): Check => ({ ...LOST, unasked: LAW_NAMES.filter((other) => other !== law) });
  const rest = { ...LOST, unasked: ["at-most-one-acts", "nobody-well-is-expelled"] as const };

  test.each<[string, Cell | undefined, Law, string]>([
    ["not searched", undefined, "at-most-one-acts", "–"],
    ["not asked", cell(only("terms-only-rise"), [found(only("terms-only-rise"))]), "at-most-one-acts", "–"],
    ["every state was looked at", cell(LOST, [found(LOST)]), "terms-only-rise", "holds"],
    [
      "the limit came first",
      cell(LOST, [found(LOST, { exhausted: false })]),
      "terms-only-rise",
      "none found",
    ],
    [
      "broken from one start",
      cell(LOST, [
        broken(LOST, AT_ONCE, "running"),
        found({ ...only("at-most-one-acts"), starts: ["blank"] }),
        found(rest),
      ]),
      "at-most-one-acts",
      "holds from blank chips; **broken** in 1 steps from a running cluster",
    ],
    [
      "broken from both, with files that play it",
      cell(
        LOST,
        [
          broken(LOST, AT_ONCE, "blank"),
          broken({ ...only("at-most-one-acts"), starts: ["running"] }, AT_ONCE, "running"),
          found(rest),
        ],
        ["x.yaml", undefined],
      ),
      "at-most-one-acts",
      "**broken** in 1 steps from blank chips ([replay](x.yaml)); **broken** in 1 steps from a running cluster",
    ],
    [
      "another law is broken",
      cell(LOST, [broken(LOST, AT_ONCE, "blank"), found(rest)]),
      "terms-only-rise",
      "holds",
    ],
  ])("%s -> said", (_, one, law, text) => {
    expect(lawCell(one, law)).toBe(text);
  });
});

describe("how far a row was searched", () => {
  test.each<[string, Cell | undefined, string]>([
    ["not at all", undefined, "–"],
    ["all states", cell(LOST, [found(LOST)]), "all 1,234 states, 3.2 s; acts within 3 rounds"],
    [
      "nobody is left in some",
      cell(LOST, [found(LOST, { statesWithoutCapableNode: 3 })]),
      "all 1,234 states, 3.2 s; acts within 3 rounds; nobody is left to act in some: see the cloud",
    ],
    [
      "the limit came first",
      cell(LOST, [broken(LOST, OLD_TERM, "blank"), found(LOST, { exhausted: false })]),
      "not exhausted, 20 steps deep: 2,468 states, 3.2 s; acts within 3 rounds",
    ],
    [
      "all states, and nobody ever took over",
      cell(LOST, [found(LOST, { unmet: { laws: ["terms-only-rise"], schedules: [], faults: ["freeze"] } })]),
      "proves nothing: never came about: a node acts after another one did; freeze made a difference",
    ],
    [
      "outside the promise",
      cell(CUT, [broken(CUT, AT_ONCE, "blank")]),
      "all 1,234 states, 3.2 s; acts within 3 rounds; outside the promise: needs a third chip",
    ],
  ])("%s -> said", (_, one, text) => {
    expect(searchedCell(one)).toBe(text);
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

const tableCalled = (name: string): MatrixTable => TABLES.find((table) => table.name === name)!;

test("a table of single classes -> a line for each, and how much was searched", () => {
  const cells = new Map([[cellKey(ARTICLE, []), cell(checkOf(ARTICLE, []), [found(checkOf(ARTICLE, []))])]]);
  const text = tableText(tableCalled("article"), cells);
  expect(text).toMatch(/^\| nothing: wakes come late \| holds \| holds \| all 1,234 states, 3\.2 s/m);
  expect(text).toMatch(/^\| `stall`: .* \| – \| – \| – \|$/m);
});

test("a row that was not searched -> as it was in the table before", () => {
  const table = tableCalled("hardened");
  const first = tableText(
    table,
    new Map([[cellKey(HARDENED, ["eeprom-dislodged"]), cell(LOST, [found(LOST)])]]),
  );
  const second = tableText(
    table,
    new Map([[cellKey(HARDENED, ["wire-cut"]), cell(CUT, [found(CUT)])]]),
    first,
  );
  const searched = second.split("\n").filter((line) => line.includes("1,234 states"));
  expect(searched.map((line) => line.slice(0, 20))).toEqual(["| `eeprom-dislodged`", "| `wire-cut`: a node"]);
  expect(tableIn(withTable("", table, second), table)).toBe(second);
});

test("a table of pairs -> those that break before those that hold", () => {
  const cells = new Map<string, Cell>();
  for (const [row, violation] of [
    [["eeprom-dislodged", "eeprom-dislodged"], undefined],
    [["eeprom-dislodged", "freeze"], AT_ONCE],
  ] as const) {
    const check = pairCheckOf(HARDENED, row);
    cells.set(
      cellKey(HARDENED, row),
      cell(check, [violation === undefined ? found(check) : broken(check, violation, "blank")]),
    );
  }
  const lines = tableText(tableCalled("hardened-pairs"), cells)
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  expect(lines.slice(0, 2)).toEqual([
    expect.stringMatching(/^\| `eeprom-dislodged` \+ `freeze` \| \*\*broken\*\* /),
    expect.stringMatching(/^\| `eeprom-dislodged` \+ `eeprom-dislodged` \| holds \| holds \| holds \| all /),
  ]);
});

test("pairs that are searched further -> each is one of two classes that are survived", () => {
  const rows = pairRows(
    FAULT_CLASS_NAMES.filter((one) => neededFor(one, { nodes: 2, witness: true }) === undefined),
  );
  const deep = [HARDENED, WITNESS].flatMap((column) => rows.filter((row) => isDeepPair(column, row)));
  expect(deep).toHaveLength(8);
});

test("a document with a table's marks -> only what is between them is new; without -> they are appended", () => {
  const [article, hardened] = [tableCalled("article"), tableCalled("hardened")];
  const document = withTable(withTable("before\n", article, "old"), hardened, "other");
  expect(document).toMatch(
    /^before\n\n<!-- begin.* article -->\nold\n<!-- end -->\n\n<!-- begin.* hardened -->\nother\n/,
  );
  expect(withTable(document, article, "new")).toBe(document.replace("old", "new"));
});

describe("docs/failure-matrix.md", () => {
  const text = readFileSync(join(__dirname, "../../../../docs/failure-matrix.md"), "utf8");
  /** The row of a column's table of single classes, cell by cell. */
  const row = ({ title }: Column, begin: string): string[] => {
    const section = text.slice(text.indexOf(`#### ${title}\n`));
    const line = section.split("\n").find((each) => each.startsWith(`| ${begin}`)) ?? "";
    return line.replace(/^\| | \|$/g, "").split(" | ");
  };
  /** Those that have been made: the long ones may be empty, which the document says. */
  const made = TABLES.filter((table) => tableIn(text, table)?.includes("|"));
  /** What a search gives again on any machine: the figures without the time. */
  const timeless = (of: string): string =>
    of.replace(/, [\d.]+ s(?=;|$)/, "").replace(/ \(\[replay\]\([^)]*\)\)/g, "");

  test.each<[string, Row, Column]>([
    ["nothing: wakes come late", [], ARTICLE],
    ["`freeze`", ["freeze"], ARTICLE],
    ["`eeprom-resets`", ["eeprom-resets"], ARTICLE],
    ["nothing: wakes come late", [], HARDENED],
    ["`freeze`", ["freeze"], HARDENED],
  ])("the row %s -> what the checker finds", (begin, faults, column) => {
    const check = checkOf(column, faults);
    const searched = cell(check, runEachLaw(check));
    const cells = [...column.laws.map((law) => lawCell(searched, law)), searchedCell(searched)];
    expect(row(column, begin).slice(1).map(timeless)).toEqual(cells.map(timeless));
  });

  test("each row -> searched; it holds, or no promise covers it and it says what it would need", () => {
    const unsearched: string[] = [];
    for (const fault of FAULT_CLASS_NAMES)
      for (const column of made.flatMap((table) =>
        table.pairs || table.column === ARTICLE ? [] : [table.column],
      )) {
        const need = neededFor(fault, { nodes: 2, ...column });
        const cells = row(column, `\`${fault}\`:`).slice(1);
        if (cells.at(-1) === "–") {
          unsearched.push(fault);
          continue;
        }
        if (need !== undefined)
          expect([fault, cells.at(-1)]).toEqual([fault, expect.stringContaining(needText(need))]);
        else expect([fault, ...cells.slice(0, -1)]).toEqual([fault, ...column.laws.map(() => "holds")]);
      }
    expect(unsearched).toEqual([]);
  });

  test.each(made)(
    "the table $name -> its heading, its columns and what is said above it are those of the code",
    (table) => {
      const lines = tableText(table, new Map()).split("\n");
      for (const line of lines.filter((each) => /^#|^\| what|^[A-Z]/.test(each)))
        expect(text).toContain(`\n${line}\n`);
    },
  );

  test("its takeover bound -> that of the code", () => {
    const bound = actsWithinS(TIMING);
    expect(text).toContain(`${bound.toLocaleString("en")} s (${Math.floor(bound / 60)} minutes)`);
  });
});
