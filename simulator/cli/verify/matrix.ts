/** The failure matrix: which checks it is made of, and the tables that are made of their results. */
import type { Check, FoundCounterexample } from "../../checker/checks.ts";
import { FAULT_CLASS_NAMES, FAULT_CLASSES, type FaultClass } from "../../checker/fault-classes.ts";
import { needText, unmetText } from "../../checker/print-steps.ts";
import { type Need, neededFor } from "../../checker/promises.ts";
import { START_NAMES } from "../../checker/starts.ts";
import { LAW_NAMES, type Law } from "../../protocol/laws.ts";
import {
  counterexamplesOf,
  LAW_TITLES,
  type LawFromStart,
  roundsIn,
  START_TEXTS,
  statesIn,
  vacuousIn,
  verdictsOf,
} from "./verdicts.ts";
import type { JobResult } from "./worker.ts";

/** A kind of cluster in the matrix. */
export interface Column {
  readonly name: string;
  readonly title: string;
  /** Said above its table of single classes. */
  readonly singles: string;
  readonly protocol: Check["protocol"];
  readonly witness: boolean;
  readonly crashes: number;
  readonly laws: readonly Law[];
}

const HARDENED_LAWS: readonly Law[] = ["at-most-one-acts", "terms-only-rise", "somebody-acts-again"];

/**
 * The tables: a protocol on two nodes; the hardened one with two chips or with three. `crashes`: resets of a node besides
 * what goes wrong. The published protocol does without, and its wakes are punctual where there is a fault: with late wakes it
 * breaks without one, and a counterexample would not need the row's own.
 */
export const COLUMNS: readonly [Column, Column, Column] = [
  {
    name: "article",
    title: "The published protocol",
    singles:
      "Without an additional reset, and with punctual wakes in every row but the first: late wakes alone break it.",
    protocol: "article",
    witness: false,
    crashes: 0,
    laws: ["at-most-one-acts", "somebody-acts-again"],
  },
  {
    name: "hardened",
    title: "The hardened protocol on two chips",
    singles: "Plus one reset: at any moment of the same run, one node is reset and loses its memory.",
    protocol: "hardened",
    witness: false,
    crashes: 1,
    laws: HARDENED_LAWS,
  },
  {
    name: "witness",
    title: "The hardened protocol with a witness chip",
    singles: "Plus one reset, as above.",
    protocol: "hardened",
    witness: true,
    crashes: 1,
    laws: HARDENED_LAWS,
  },
];

/** What may go wrong in a row; none: only that wakes come late. */
export type Row = readonly FaultClass[];

/** The rows of a table of single classes: no fault, then each class by itself. */
export const SINGLE_ROWS: readonly Row[] = [[], ...FAULT_CLASS_NAMES.map((one) => [one])];

/** A result, and where its counterexamples were written. */
export interface Cell extends JobResult {
  /** By counterexample, in the order in which they were found: relative to the table's file; undefined: not playable. */
  readonly replays: readonly (string | undefined)[];
}

/** The check that a row stands for. */
export const checkOf = ({ protocol, witness, crashes, laws }: Column, row: Row): Check => ({
  protocol,
  nodes: 2,
  witness,
  faults: row,
  budget: row.length,
  crashes,
  punctual: protocol === "article" && row.length > 0,
  bookkeeping: false,
  starts: protocol === "article" ? ["blank"] : START_NAMES,
  unasked: LAW_NAMES.filter((law) => !laws.includes(law)),
});

/**
 * Every two classes, and one twice, that a protocol survives each by itself: with any other nothing is learnt from a pair.
 * @param survived of one column
 */
export function pairRows(survived: readonly FaultClass[]): Row[] {
  return survived.flatMap((one, index) => survived.slice(index).map((two) => [one, two]));
}

/** A pair of one class is that class twice: one in `faults`, two in the budget. Pairs come without a reset. */
export const pairCheckOf = (column: Column, [one, two]: Row): Check => ({
  ...checkOf(column, one === two ? [one!] : [one!, two!]),
  budget: 2,
  onceEach: one !== two,
  crashes: 0,
});

/** Pairs that are known to break, and only after more states than pairs are given. */
const DEEP_PAIRS: readonly string[] = [
  "hardened eeprom-dislodged+torn-write",
  "hardened eeprom-dislodged+eeprom-resets",
  "hardened eeprom-dislodged+worn-page",
  "hardened eeprom-dislodged+stale-memory",
  "hardened write-protected+worn-page",
  "witness eeprom-blank+wire-cut",
  "witness eeprom-noise+wire-cut",
  "witness page-rot+wire-cut",
];
/** How far these are searched at least. */
export const DEEP_PAIR_STATES = 2_000_000;

/** Whether a pair is searched further than the others. */
export const isDeepPair = (column: Column, row: Row): boolean => DEEP_PAIRS.includes(cellKey(column, row));

const count = (n: number): string => n.toLocaleString("en");
const seconds = (s: number): string => (s < 10 ? s.toFixed(1) : String(Math.round(s)));
const nameOf = (row: Row): string =>
  row.length === 0 ? "nothing: wakes come late" : row.map((name) => `\`${name}\``).join(" + ");

/** What became of one law. */
export function lawCell(cell: Cell | undefined, law: Law): string {
  const verdicts = cell === undefined ? [] : verdictsOf(cell).filter((each) => each.law === law);
  if (cell === undefined || verdicts.length === 0) return "–";
  const kinds = new Set(verdicts.map(({ verdict }) => verdict.kind));
  if (kinds.size === 1 && kinds.has("holds")) return "holds";
  if (kinds.size === 1 && kinds.has("given-up")) return "none found";
  return verdicts.map((each) => startCell(cell, each, verdicts.length > 1)).join("; ");
}

function startCell(cell: Cell, { start, verdict }: LawFromStart, named: boolean): string {
  const from = named ? ` from ${START_TEXTS[start]}` : "";
  switch (verdict.kind) {
    case "holds":
      return `holds${from}`;
    case "given-up":
      return `none found${from}`;
    case "broken":
      return `**broken** in ${verdict.counterexample.steps.length} steps${from}${replayLink(cell, verdict.counterexample)}`;
  }
}

function replayLink(cell: Cell, counterexample: FoundCounterexample): string {
  const replay = cell.replays[counterexamplesOf(cell).indexOf(counterexample)];
  return replay === undefined ? "" : ` ([replay](${replay}))`;
}

/** How far a row was searched, and what that leaves open. */
export function searchedCell(cell: Cell | undefined): string {
  if (cell === undefined) return "–";
  const vacuous = vacuousIn(cell);
  if (vacuous !== undefined) return `proves nothing: ${unmetText(vacuous.unmet)}`;
  const open = cell.searches.find(
    ({ exhausted, counterexample }) => !exhausted && counterexample === undefined,
  );
  const far = open === undefined ? "all" : `not exhausted, ${open.depth} steps deep:`;
  const rounds = roundsIn(cell);
  const alone = cell.searches.some(({ statesWithoutCapableNode }) => statesWithoutCapableNode > 0);
  const need = needed(cell.check);
  return [
    `${far} ${count(statesIn(cell))} states, ${seconds(cell.seconds)} s`,
    ...(rounds === 0 ? [] : [`acts within ${rounds} rounds`]),
    ...(alone ? ["nobody is left to act in some: see the cloud"] : []),
    ...(need === undefined ? [] : [`outside the promise: ${needText(need)}`]),
  ].join("; ");
}

/** Said of single classes alone: that two things at once may be too much, and that the article's breaks, is known of all. */
const needed = ({ protocol, nodes, witness, faults: [fault, ...more], budget }: Check): Need | undefined =>
  protocol === "article" || fault === undefined || more.length > 0 || budget > 1
    ? undefined
    : neededFor(fault, { nodes, witness });

/** The results of all searched cells, by `cellKey`. */
export type Cells = ReadonlyMap<string, Cell>;
/** By what a cell is found: `hardened chip+page`. */
export const cellKey = ({ name }: Column, row: Row): string => `${name} ${row.join("+")}`;

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** @param before the table as it was: a row that was not searched stays as it stands there */
function table(
  column: Column,
  rows: readonly Row[],
  cells: Cells,
  what: (row: Row) => string,
  before: string,
): string[] {
  const titles = ["what goes wrong", ...column.laws.map((law) => LAW_TITLES[law]), "searched"];
  return [
    line(titles),
    line(titles.map(() => "---")),
    ...rows.map((row) => {
      const cell = cells.get(cellKey(column, row));
      const old = before.split("\n").find((each) => each.startsWith(`| ${what(row)} |`));
      if (cell === undefined && old !== undefined) return old;
      return line([what(row), ...column.laws.map((law) => lawCell(cell, law)), searchedCell(cell)]);
    }),
  ];
}

const singleText = (row: Row): string =>
  `${nameOf(row)}${row.length === 1 ? `: ${FAULT_CLASSES[row[0]!]}` : ""}`;

/** A table of the matrix: what stands above it, its rows, and the check that each of them stands for. */
export interface MatrixTable {
  readonly name: string;
  readonly column: Column;
  readonly pairs: boolean;
  readonly rows: readonly Row[];
  readonly checkOf: (row: Row) => Check;
}

const singlesOf = (column: Column): MatrixTable => ({
  name: column.name,
  column,
  pairs: false,
  rows: SINGLE_ROWS,
  checkOf: (row) => checkOf(column, row),
});

const pairsOf = (column: Column): MatrixTable => ({
  name: `${column.name}-pairs`,
  column,
  pairs: true,
  rows: pairRows(FAULT_CLASS_NAMES.filter((one) => neededFor(one, { nodes: 2, ...column }) === undefined)),
  checkOf: (row) => pairCheckOf(column, row),
});

/** All tables, in their order in the document. */
export const TABLES: readonly MatrixTable[] = [
  ...COLUMNS.map(singlesOf),
  ...COLUMNS.filter(({ protocol }) => protocol === "hardened").map(pairsOf),
];

/**
 * A table with what is said above it. Of pairs, those that break come first.
 * @param before the table as it was
 */
export function tableText({ column, pairs, rows }: MatrixTable, cells: Cells, before = ""): string {
  const what = pairs ? nameOf : singleText;
  const [titles, line, ...lines] = table(column, rows, cells, what, before);
  const breaks = (row: string): number => (row.includes("**broken**") ? 0 : 1);
  return [
    `#### ${column.title}${pairs ? ": two things go wrong" : ""}`,
    "",
    pairs ? PAIRS : column.singles,
    "",
    titles,
    line,
    ...(pairs ? lines.sort((x, y) => breaks(x) - breaks(y)) : lines),
  ].join("\n");
}

/** Said above each table of pairs. */
const PAIRS = "Without an additional reset.";

const beginOf = ({ name }: MatrixTable): string => `<!-- begin: npm run verify -- --matrix ${name} -->`;
const END = "<!-- end -->";

/** The table as it stands between its marks in `document`; empty: it is not there. */
export function tableIn(document: string, table: MatrixTable): string {
  const begin = beginOf(table);
  const from = document.indexOf(begin);
  return from < 0 ? "" : document.slice(from + begin.length, document.indexOf(END, from)).trim();
}

/** `document` with a table put between its marks; appended with its marks where there are none. */
export function withTable(document: string, table: MatrixTable, text: string): string {
  const begin = beginOf(table);
  const block = `${begin}\n${text}\n${END}`;
  const from = document.indexOf(begin);
  const to = document.indexOf(END, from);
  if (from < 0 || to < 0) return `${document}${document === "" ? "" : "\n"}${block}\n`;
  return `${document.slice(0, from)}${block}${document.slice(to + END.length)}`;
}
