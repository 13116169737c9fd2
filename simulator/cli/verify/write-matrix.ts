/** `npm run verify -- --matrix`: every cell of the failure matrix, and the document that it stands in. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Check } from "../../checker/checks.ts";
import { FAULT_CLASS_NAMES } from "../../checker/fault-classes.ts";
import { writeFile } from "../../write-file.ts";
import { wholeNumber } from "../shared/arguments.ts";
import { callersPath } from "../shared/callers-path.ts";
import { clusterFor } from "../shared/cluster-choice.ts";
import { INTERRUPTED } from "../shared/run-command.ts";
import { paint } from "../shared/terminal.ts";
import {
  type Cell,
  type Cells,
  COLUMNS,
  type Column,
  cellKey,
  checkOf,
  DEEP_PAIR_STATES,
  isDeepPair,
  matrixText,
  pairCheckOf,
  pairRows,
  type Row,
  SINGLE_ROWS,
  withMatrix,
} from "./matrix.ts";
import { prepareFolder } from "./replay-files.ts";
import { rounded, runAll, type Search, withReplays } from "./search.ts";
import { counterexamplesOf } from "./verdicts.ts";

/** Where it is written unless --out says otherwise. */
export const MATRIX = "docs/failure-matrix.md";
const PAIR_STATES_MAX = 100_000;

interface MatrixFlags {
  readonly out?: string | undefined;
  readonly scenarios?: string | undefined;
  readonly "pair-states"?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Every cell of the failure matrix, and the document that it stands in. */
export async function writeMatrix(values: MatrixFlags, how: Search): Promise<number> {
  const pairMax = wholeNumber(
    "--pair-states",
    values["pair-states"] ?? String(PAIR_STATES_MAX),
    0,
    100_000_000,
  );
  const out = callersPath("verify", values.out ?? MATRIX);
  const folder = callersPath("verify", values.scenarios ?? join(dirname(out), "counterexamples"));
  prepareFolder(folder);
  const started = performance.now();
  const run = (column: Column, rows: readonly Row[], check: (row: Row) => Check, statesMax: number) =>
    cellsOf(column, rows, check, { folder, out, ...how, statesMax });
  const singles = new Map<string, Cell>();
  for (const column of COLUMNS)
    for (const [key, cell] of await run(column, SINGLE_ROWS, (row) => checkOf(column, row), how.statesMax))
      singles.set(key, cell);
  const pairs = new Map<string, Cell>();
  for (const column of pairMax === 0 ? [] : COLUMNS.filter(({ protocol }) => protocol === "hardened")) {
    const rows = pairRows(FAULT_CLASS_NAMES.filter((one) => survives(singles.get(cellKey(column, [one])))));
    const check = (row: Row): Check => pairCheckOf(column, row);
    const deep = rows.filter((row) => isDeepPair(column, row));
    const others = rows.filter((row) => !isDeepPair(column, row));
    for (const [key, cell] of [
      ...(await run(column, deep, check, Math.max(pairMax, DEEP_PAIR_STATES))),
      ...(await run(column, others, check, pairMax)),
    ])
      pairs.set(key, cell);
  }
  const seconds = (performance.now() - started) / 1_000;
  if (await isOver(how.stop)) {
    how.terminal.write(`\nInterrupted: ${out} is as it was.\n`);
    return INTERRUPTED;
  }
  const before = existsSync(out) ? readFileSync(out, "utf8") : undefined;
  const text = withMatrix(before, matrixText(singles, pairs, seconds));
  writeFile({ path: out, data: text }, "--out");
  const cells = { singles: Object.fromEntries(singles), pairs: Object.fromEntries(pairs) };
  if (values.json === true)
    process.stdout.write(`${JSON.stringify({ seconds: rounded(seconds), out, ...cells }, null, 2)}\n`);
  else how.terminal.write(`\nThe matrix is in ${out}, its counterexamples in ${folder}\n`);
  return 0;
}

/** Whether no law was found broken. */
const survives = (cell: Cell | undefined): boolean =>
  cell !== undefined && counterexamplesOf(cell).length === 0;

async function cellsOf(
  column: Column,
  rows: readonly Row[],
  checkFor: (row: Row) => Check,
  { folder, out, ...how }: Search & { readonly folder: string; readonly out: string },
): Promise<Cells> {
  if (await isOver(how.stop)) return new Map();
  how.terminal.write(`\n${paint(how.terminal, "bold", column.title)}\n`);
  const results = await runAll(rows.map(checkFor), how);
  const cells = new Map<string, Cell>();
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

/** Whether it has been asked to end. */
const isOver = (stop: Promise<void>): Promise<boolean> =>
  Promise.race([stop.then(() => true), Promise.resolve(false)]);
