/** The failure matrix: which checks it is made of, and the table that is made of their results. */
import type { Check } from "../../checker/checks.ts";
import { FAULT_CLASS_NAMES, FAULT_CLASSES, type FaultClass } from "../../checker/fault-classes.ts";
import { needText, unmetText, violationText } from "../../checker/print-steps.ts";
import { type Need, neededFor } from "../../checker/promises.ts";
import type { JobResult } from "./worker.ts";

/**
 * The columns: a protocol on two nodes; the hardened one with two chips or with three. `crashes`: resets of a node besides what goes
 * wrong; the published protocol does without, so that each of its failures is the row's, and with three chips there would be
 * too many states.
 */
export const COLUMNS = [
  { name: "article", title: "published", protocol: "article", witness: false, crashes: 0 },
  {
    name: "hardened",
    title: "hardened, two chips",
    protocol: "hardened",
    witness: false,
    crashes: 1,
  },
  {
    name: "witness",
    title: "hardened, with a witness chip",
    protocol: "hardened",
    witness: true,
    crashes: 0,
  },
] as const;
/** A kind of cluster in the matrix. */
export type Column = (typeof COLUMNS)[number];

/** As the table of single classes has it; pairs come without resets. */
const titleWithResets = ({ title, crashes }: Column): string =>
  crashes === 0 ? title : `${title}, plus one reset`;

/** What may go wrong in a row; none: only that wakes come late. */
export type Row = readonly FaultClass[];

/** The rows of the first table: no fault, then each class by itself. */
export const SINGLE_ROWS: readonly Row[] = [[], ...FAULT_CLASS_NAMES.map((one) => [one])];

/** A result, and where its counterexample was written. */
export interface Cell extends JobResult {
  /** Relative to the table's file. */
  readonly replay: string | undefined;
}

/** The check that a cell of the matrix stands for. */
export const checkOf = ({ protocol, witness, crashes }: Column, row: Row): Check => ({
  protocol,
  nodes: 2,
  witness,
  faults: row,
  budget: row.length,
  crashes,
  punctual: false,
  bookkeeping: false,
});

/**
 * Every two classes, and one twice, that a protocol survives each by itself: with any other nothing is learnt from a pair.
 * @param survived of one column
 */
export function pairRows(survived: readonly FaultClass[]): Row[] {
  return survived.flatMap((one, index) => survived.slice(index).map((two) => [one, two]));
}

/** A pair of one class is that class twice: one in `faults`, two in the budget. */
export const pairCheckOf = (column: Column, [one, two]: Row): Check => ({
  ...checkOf(column, one === two ? [one!] : [one!, two!]),
  budget: 2,
  onceEach: one !== two,
  crashes: 0,
});

const count = (n: number): string => n.toLocaleString("en");
const seconds = (s: number): string => (s < 10 ? s.toFixed(1) : String(Math.round(s)));
const nameOf = (row: Row): string =>
  row.length === 0 ? "nothing: wakes come late" : row.map((name) => `\`${name}\``).join(" + ");

/** What one check came to, in a cell. */
export function cellText(cell: Cell | undefined): string {
  if (cell === undefined) return "–";
  const { exhausted, violation, states, seconds: took, depth, steps, replay } = cell;
  if (violation !== null) {
    const where = replay === undefined ? "" : ` ([replay](${replay}))`;
    const known = needed(cell.check);
    return `**broken** in ${steps.length} steps: ${violationText(violation)}${where}${known === undefined ? "" : `; known: ${needText(known)}`}`;
  }
  if (!exhausted) return `no counterexample in the first ${count(states)} states, ${depth} steps deep`;
  const unmet = unmetText(cell.unmet);
  if (unmet !== undefined) return `proves nothing: ${unmet}`;
  const alone = cell.statesWithoutCapableNode > 0 ? "; nobody is left to act in some: see the cloud" : "";
  return `holds: ${count(states)} states, ${seconds(took)} s${alone}`;
}

/** Said of single classes alone: that two things at once may be too much, and that the article's breaks, is known of all. */
const needed = ({ protocol, nodes, witness, faults: [fault, ...more] }: Check): Need | undefined =>
  protocol === "article" || fault === undefined || more.length > 0
    ? undefined
    : neededFor(fault, { nodes, witness });

/** The results of all searched cells, by `cellKey`. */
export type Cells = ReadonlyMap<string, Cell>;
/** By what a cell is found: `hardened chip+page`. */
export const cellKey = ({ name }: Column, row: Row): string => `${name} ${row.join("+")}`;

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

function table(
  rows: readonly Row[],
  columns: readonly Column[],
  cells: Cells,
  what: (row: Row) => string,
  title: (column: Column) => string,
): string[] {
  return [
    line(["what goes wrong", ...columns.map(title)]),
    line(["---", ...columns.map(() => "---")]),
    ...rows.map((row) =>
      line([what(row), ...columns.map((column) => cellText(cells.get(cellKey(column, row))))]),
    ),
  ];
}

/** The two tables, one of single classes and one of those pairs that the hardened protocol does not get through or not wholly. */
export function matrixText(singles: Cells, pairs: Cells, took: number): string {
  const whole = [...singles.values(), ...pairs.values()];
  const states = whole.reduce((sum, cell) => sum + cell.states, 0);
  const hardened = COLUMNS.slice(1);
  const rows = new Map<string, Row>();
  for (const column of hardened)
    for (const { check } of pairs.values()) {
      const [one, two = one] = check.faults;
      const row = [one!, two!];
      if (pairs.has(cellKey(column, row))) rows.set(row.join("+"), row);
    }
  const broken = [...rows.values()].filter((row) =>
    hardened.some((column) => (pairs.get(cellKey(column, row))?.violation ?? null) !== null),
  );
  const rest = [...rows.values()].filter((row) => !broken.includes(row));
  return [
    "### One thing goes wrong",
    "",
    "Each fault strikes once, at any moment, in every order of the bus transactions of two nodes, whose wakes may come arbitrarily late. Each cell is an exhaustive search or a shortest counterexample.",
    "“Plus one reset”: at any moment of the same run, one node is reset and loses its memory.",
    "",
    ...table(
      SINGLE_ROWS,
      COLUMNS,
      singles,
      (row) => `${nameOf(row)}${row.length === 1 ? `: ${FAULT_CLASSES[row[0]!]}` : ""}`,
      titleWithResets,
    ),
    "",
    "### Two things go wrong",
    "",
    "Pairs of fault classes of which each alone is survived, without an additional reset. A search that is not exhaustive says how far it got, breadth first.",
    "",
    ...table([...broken, ...rest], hardened, pairs, nameOf, ({ title }) => title),
    "",
    `${count(whole.length)} checks, ${count(states)} states, ${count(Math.round(took))} s on two threads.`,
  ].join("\n");
}

const BEGIN = "<!-- begin: npm run verify -- --matrix -->";
const END = "<!-- end -->";

/** `document` with the table put between its marks; with none, the table alone. */
export function withMatrix(document: string | undefined, text: string): string {
  const block = `${BEGIN}\n${text}\n${END}`;
  const from = document?.indexOf(BEGIN) ?? -1;
  const to = document?.indexOf(END, from) ?? -1;
  if (document === undefined || from < 0 || to < 0) return `${block}\n`;
  return `${document.slice(0, from)}${block}${document.slice(to + END.length)}`;
}
