/** `npm run verify -- --matrix`: the tables of the failure matrix, and the document that they stand in. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { FaultClass } from "../../checker/fault-classes.ts";
import { writeFile } from "../../write-file.ts";
import { UsageError, wholeNumber } from "../shared/arguments.ts";
import { callersPath } from "../shared/callers-path.ts";
import { clusterFor } from "../shared/cluster-choice.ts";
import { INTERRUPTED } from "../shared/run-command.ts";
import { paint } from "../shared/terminal.ts";
import { faultClass } from "./check-list.ts";
import {
  type Cell,
  type Cells,
  cellKey,
  DEEP_PAIR_STATES,
  isDeepPair,
  type MatrixTable,
  type Row,
  TABLES,
  tableIn,
  tableText,
  withTable,
} from "./matrix.ts";
import { prepareFolder } from "./replay-files.ts";
import { rounded, runAll, type Search, withReplays } from "./search.ts";

/** Where it is written unless --out says otherwise. */
export const MATRIX = "docs/failure-matrix.md";
const PAIR_STATES_MAX = 100_000;

interface MatrixFlags {
  readonly only?: readonly string[] | undefined;
  readonly out?: string | undefined;
  readonly scenarios?: string | undefined;
  readonly "pair-states"?: string | undefined;
  readonly json?: boolean | undefined;
}

/** What all tables of one run have in common. */
interface Run extends Search {
  readonly out: string;
  /** Of the counterexamples. */
  readonly folder: string;
  readonly pairStates: number;
  /** Whether it has been asked to end. */
  readonly isOver: () => boolean;
}

/**
 * Each table is written into the document as soon as it is made, or as far as it came. Rows that were not searched stay as
 * they were.
 * @param names of tables; empty: all of them
 * @throws UsageError
 */
export async function writeMatrix(
  values: MatrixFlags,
  names: readonly string[],
  how: Search,
): Promise<number> {
  const pairStates = wholeNumber(
    "--pair-states",
    values["pair-states"] ?? String(PAIR_STATES_MAX),
    1,
    100_000_000,
  );
  const tables = names.length === 0 ? TABLES : names.map(tableCalled);
  const only = (values.only ?? []).map(faultClass);
  const out = callersPath("verify", values.out ?? MATRIX);
  const folder = callersPath("verify", values.scenarios ?? join(dirname(out), "counterexamples"));
  prepareFolder(folder);
  let isOver = false;
  void how.stop.then(() => {
    isOver = true;
  });
  const run: Run = { ...how, out, folder, pairStates, isOver: () => isOver };
  const made: Record<string, object> = {};
  for (const table of tables) {
    const started = performance.now();
    const cells = await cellsOf({ ...table, rows: rowsOf(table, only) }, run);
    const seconds = (performance.now() - started) / 1_000;
    const before = existsSync(out) ? readFileSync(out, "utf8") : "";
    const text = tableText(table, cells, tableIn(before, table));
    writeFile({ path: out, data: withTable(before, table, text) }, "--out");
    made[table.name] = { seconds: rounded(seconds), cells: Object.fromEntries(cells) };
    if (isOver) {
      how.terminal.write(`\nInterrupted: in the table ${table.name} the other rows are as they were.\n`);
      return INTERRUPTED;
    }
  }
  if (values.json === true) process.stdout.write(`${JSON.stringify({ out, tables: made }, null, 2)}\n`);
  else how.terminal.write(`\nThe matrix is in ${out}, its counterexamples in ${folder}\n`);
  return 0;
}

/** The rows with one of these classes, and the one without a fault; all of them where none is named. */
const rowsOf = ({ rows }: MatrixTable, only: readonly FaultClass[]): readonly Row[] =>
  only.length === 0 ? rows : rows.filter((row) => row.length === 0 || row.some((one) => only.includes(one)));

function tableCalled(name: string): MatrixTable {
  const found = TABLES.find((table) => table.name === name);
  if (found !== undefined) return found;
  const known = TABLES.map((table) => table.name).join(", ");
  throw new UsageError(`--matrix: there is no table "${name}"; there are ${known}`);
}

async function cellsOf(table: MatrixTable, run: Run): Promise<Cells> {
  const { column, pairs } = table;
  run.terminal.write(`\n${paint(run.terminal, "bold", `${column.title}${pairs ? ", pairs" : ""}`)}\n`);
  if (!pairs) return await searched(table, table.rows, run.statesMax, run);
  const deep = table.rows.filter((row) => isDeepPair(column, row));
  const others = table.rows.filter((row) => !deep.includes(row));
  return new Map([
    ...(await searched(table, deep, Math.max(run.pairStates, DEEP_PAIR_STATES), run)),
    ...(await searched(table, others, run.pairStates, run)),
  ]);
}

async function searched(
  { column, checkOf }: MatrixTable,
  rows: readonly Row[],
  statesMax: number,
  { folder, out, terminal, stop, isOver }: Run,
): Promise<Cells> {
  const cells = new Map<string, Cell>();
  if (isOver()) return cells;
  const results = await runAll(rows.map(checkOf), { statesMax, terminal, stop });
  for (const [index, row] of rows.entries()) {
    const result = results[index];
    if (result === undefined) continue;
    const [replayed] = await withReplays([result], folder, clusterFor(2).sleepS);
    const replays = (replayed?.replays ?? []).map((replay) =>
      "file" in replay ? relative(dirname(out), replay.file) : undefined,
    );
    cells.set(cellKey(column, row), { ...result, replays });
  }
  return cells;
}
