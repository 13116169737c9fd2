/** `npm run verify`: all states of a small cluster, for each class of faults, and what becomes of the protocol's promises. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { nearest } from "../../lib/nearest.ts";
import type { Check } from "../checker/checks.ts";
import {
  CHIP_FAULTS,
  FAULT_CLASS_NAMES,
  FAULT_CLASSES,
  FAULT_GROUPS,
  type FaultClass,
} from "../checker/fault-classes.ts";
import { storyOf } from "../checker/print-steps.ts";
import { writeFile } from "../write-file.ts";
import { oneOf, parseFlags, refuseWords, UsageError, wholeNumber } from "./arguments.ts";
import { callersPath } from "./callers-path.ts";
import { checkName, isGroup, runChecks } from "./check-runner.ts";
import { clusterFor } from "./chosen-cluster.ts";
import { prepareFolder, type Replay, writeReplay } from "./counterexample-files.ts";
import {
  type Cell,
  type Cells,
  COLUMNS,
  type Column,
  cellKey,
  checkOf,
  matrixText,
  pairCheckOf,
  pairRows,
  type Row,
  SINGLE_ROWS,
  withMatrix,
} from "./matrix/matrix.ts";
import { runCommand } from "./run-command.ts";
import { paint, type Terminal, terminalOf } from "./terminal.ts";
import type { FromWorker, JobResult } from "./verify-worker.ts";

const FOLDER = "counterexamples";
const STATES_MAX = 20_000_000;
const PAIR_STATES_MAX = 100_000;
const MATRIX = "docs/failure-matrix.md";
/** The classes with the most states: begun first, so that no thread is left with one at the end. */
const LARGEST: readonly FaultClass[] = [
  "page-worn",
  "chip-lost",
  "write-protected",
  "stale-memory",
  "page-rot",
];

const HELP = `Explores every state that a small cluster can come to: the shipped wake cycle,
one bus transaction at a time, in every order that makes a difference, with late
wakes, for each class of faults. Looked for: two nodes that act at once, an older term after a newer one,
and a state from which nobody acts again. A counterexample is a shortest one; it
is written as a scenario that npm run simulate replays.

  npm run verify -- [options]

  --protocol NAME    "hardened" (default) or "article", as published
  --nodes N          2 (default) or 3
  --witness          with a witness chip
  --only CLASS       one class of faults by itself, not with others of which any may
                     come; may be given more than once
  --faults N         how many faults may come: 1 (default), or 2, every pair
  --crashes N        resets besides, at any moment, 0 to 2 (default 1; 0 with --faults 2)
  --states-max N     gives a class up after so many states (default 20,000,000)
  --scenarios DIR    where counterexamples are written (default ${FOLDER})
  --matrix           the failure matrix: single classes and pairs, both protocols, with
                     and without a witness chip, into ${MATRIX} (or --out FILE)
  --pair-states N    with --matrix, how far each pair is explored (default 100,000)
  --classes          lists the classes of faults
  --json             prints one JSON object on stdout
  --help

Exit code: 0 all promises held, 1 one was broken, 2 the command line was wrong.
`;

const FLAGS = {
  protocol: { type: "string" },
  nodes: { type: "string" },
  witness: { type: "boolean" },
  only: { type: "string", multiple: true },
  faults: { type: "string" },
  crashes: { type: "string" },
  "states-max": { type: "string" },
  scenarios: { type: "string" },
  matrix: { type: "boolean" },
  out: { type: "string" },
  "pair-states": { type: "string" },
  classes: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

export const main = (argv: readonly string[]): Promise<number> =>
  runCommand(async () => {
    const { values, positionals } = parseFlags("verify", argv, FLAGS);
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    refuseWords("verify", positionals);
    if (values.classes === true) {
      for (const name of FAULT_CLASS_NAMES)
        process.stdout.write(`${name.padEnd(18)} ${FAULT_CLASSES[name]}\n`);
      return 0;
    }
    const statesMax = wholeNumber("--states-max", values["states-max"] ?? String(STATES_MAX), 1, 100_000_000);
    const terminal = values.json === true ? terminalOf(process.stderr) : terminalOf(process.stdout);
    if (values.matrix === true) return await writeMatrix(values, statesMax, terminal);
    for (const name of ["out", "pair-states"] as const)
      if (values[name] !== undefined) throw new UsageError(`--${name} is for --matrix`);
    const checks = checksFor(values);
    const folder = callersPath("verify", values.scenarios ?? FOLDER);
    if (values.scenarios !== undefined) prepareFolder(folder);
    const { sleepS } = clusterFor(checks[0]!.nodes);
    const started = performance.now();
    const results = await runEach(checks, statesMax, terminal);
    const seconds = (performance.now() - started) / 1_000;
    const replayed = await withReplays(results, folder, sleepS);
    if (values.json === true)
      process.stdout.write(
        `${JSON.stringify({ seconds: rounded(seconds), results: withStories(replayed) }, null, 2)}\n`,
      );
    else printEnd(terminal, replayed, seconds);
    return results.every(({ exhausted }) => exhausted) ? 0 : 1;
  });

type Values = ReturnType<typeof parseFlags<typeof FLAGS>>["values"];

/** @throws UsageError */
function checksFor(values: Values): Check[] {
  const protocol = oneOf("--protocol", values.protocol ?? "hardened", ["hardened", "article"]);
  const nodes = wholeNumber("--nodes", values.nodes ?? "2", 2, 3);
  const budget = wholeNumber("--faults", values.faults ?? "1", 1, 2);
  const crashes = wholeNumber("--crashes", values.crashes ?? (budget === 1 ? "1" : "0"), 0, 2);
  const witness = values.witness === true;
  const only = (values.only ?? []).map(faultClass);
  if (protocol === "article" && witness)
    throw new UsageError("The published protocol knows no witness chip.");
  const check = (faults: readonly FaultClass[], punctual = false, more = crashes): Check => ({
    protocol,
    nodes,
    witness,
    faults,
    budget: faults.length === 0 ? 0 : budget,
    onceEach: budget > 1 && faults.length > 1,
    crashes: more,
    punctual,
    bookkeeping: punctual,
  });
  const classes = only.length > 0 ? only : FAULT_CLASS_NAMES;
  const mixes =
    budget === 1
      ? // The published protocol breaks with each: none of them is hidden behind another.
        only.length > 0 || protocol === "article"
        ? classes.map((one) => [one])
        : FAULT_GROUPS
      : classes.flatMap((one, index) =>
          classes.slice(index).map((two) => (one === two ? [one] : [one, two])),
        );
  const quiet =
    only.length > 0
      ? []
      : [
          check([], true, 0),
          check([], false, 0),
          check([], false, 1),
          // Nobody who is well is expelled for a chip's fault.
          ...(protocol === "hardened" && budget === 1 ? [check(CHIP_FAULTS, true, 0)] : []),
        ];
  return [...quiet, ...mixes.map((mix) => check(mix))];
}

function faultClass(name: string): FaultClass {
  const found = FAULT_CLASS_NAMES.find((known) => known === name);
  if (found !== undefined) return found;
  const near = nearest(name, FAULT_CLASS_NAMES);
  const hint = near === undefined ? "See: npm run verify -- --classes" : `Did you mean "${near}"?`;
  throw new UsageError(`--only: the fault class "${name}" is unknown. ${hint}`);
}

/** Where a group breaks, its classes one by one. */
async function runEach(
  checks: readonly Check[],
  statesMax: number,
  terminal: Terminal,
): Promise<JobResult[]> {
  const results = await runAll(checks, statesMax, terminal);
  const broken = results.filter(({ check, violation }) => violation !== null && isGroup(check));
  const singly = broken.flatMap(({ check }) => check.faults.map((one) => ({ ...check, faults: [one] })));
  return [
    ...results.filter((result) => !broken.includes(result)),
    ...(await runAll(singly, statesMax, terminal)),
  ];
}

/** Largest first; each result is printed as it comes. @returns the results in the order of `checks` */
async function runAll(checks: readonly Check[], statesMax: number, terminal: Terminal): Promise<JobResult[]> {
  const size = ({ faults }: Check): number => faults.filter((fault) => LARGEST.includes(fault)).length;
  const order = checks.map((_, index) => index).sort((x, y) => size(checks[y]!) - size(checks[x]!) || x - y);
  const results = await runChecks(
    order.map((index) => ({ check: checks[index]!, statesMax })),
    {
      onProgress: (progress, elapsedMs) => printProgress(terminal, progress, elapsedMs),
      onResult: (result) => {
        clearLine(terminal);
        printResult(terminal, result);
      },
    },
  );
  return checks.map((_, index) => results[order.indexOf(index)]!);
}

/** Every cell of the failure matrix, and the document that it stands in. */
async function writeMatrix(values: Values, statesMax: number, terminal: Terminal): Promise<number> {
  for (const name of ["protocol", "nodes", "witness", "only", "faults", "crashes"] as const)
    if (values[name] !== undefined)
      throw new UsageError(`--${name} does not go with --matrix, which takes all of them`);
  const pairMax = wholeNumber(
    "--pair-states",
    values["pair-states"] ?? String(PAIR_STATES_MAX),
    1,
    100_000_000,
  );
  const out = callersPath("verify", values.out ?? MATRIX);
  const folder = callersPath("verify", values.scenarios ?? join(dirname(out), "counterexamples"));
  prepareFolder(folder);
  const started = performance.now();
  const run = (column: Column, rows: readonly Row[], check: (row: Row) => Check, max: number) =>
    cellsOf(column, rows, check, { max, folder, out, terminal });
  const singles = new Map<string, Cell>();
  const pairs = new Map<string, Cell>();
  for (const column of COLUMNS) {
    const cells = await run(column, SINGLE_ROWS, (row) => checkOf(column, row), statesMax);
    for (const [key, cell] of cells) singles.set(key, cell);
    if (column.protocol === "article") continue;
    const survived = FAULT_CLASS_NAMES.filter((one) => cells.get(cellKey(column, [one]))?.violation === null);
    for (const [key, cell] of await run(
      column,
      pairRows(survived),
      (row) => pairCheckOf(column, row),
      pairMax,
    ))
      pairs.set(key, cell);
  }
  const seconds = (performance.now() - started) / 1_000;
  const before = existsSync(out) ? readFileSync(out, "utf8") : undefined;
  const text = withMatrix(before, matrixText(singles, pairs, seconds));
  writeFile({ path: out, data: text }, "--out");
  const cells = { singles: Object.fromEntries(singles), pairs: Object.fromEntries(pairs) };
  if (values.json === true)
    process.stdout.write(`${JSON.stringify({ seconds: rounded(seconds), out, ...cells }, null, 2)}\n`);
  else terminal.write(`\nThe matrix is in ${out}, its counterexamples in ${folder}\n`);
  return 0;
}

async function cellsOf(
  column: Column,
  rows: readonly Row[],
  checkFor: (row: Row) => Check,
  { max, folder, out, terminal }: { max: number; folder: string; out: string; terminal: Terminal },
): Promise<Cells> {
  terminal.write(`\n${paint(terminal, "bold", column.title)}\n`);
  const results = await withReplays(
    await runAll(rows.map(checkFor), max, terminal),
    folder,
    clusterFor(2).sleepS,
  );
  return new Map(
    rows.map((row, index) => {
      const { replay, ...result } = results[index]!;
      const file = replay !== null && "file" in replay ? relative(dirname(out), replay.file) : undefined;
      return [cellKey(column, row), { ...result, replay: file }];
    }),
  );
}

type Replayed = JobResult & { readonly replay: Replay | null };

/** Each broken promise as a scenario; the folder is made when there is one to write. */
async function withReplays(
  results: readonly JobResult[],
  folder: string,
  sleepS: number,
): Promise<Replayed[]> {
  const replayed: Replayed[] = [];
  for (const result of results) {
    const { check, violation, steps } = result;
    if (violation !== null) prepareFolder(folder);
    const replay = violation === null ? null : await writeReplay(folder, { check, violation, steps }, sleepS);
    replayed.push({ ...result, replay });
  }
  return replayed;
}

const withStories = (results: readonly Replayed[]) =>
  results.map((result) => ({ ...result, story: storyOf(result.steps) }));

const rounded = (seconds: number): number => Math.round(seconds * 1_000) / 1_000;
const count = (n: number): string => n.toLocaleString("en");

function printResult(terminal: Terminal, result: JobResult): void {
  const { check, exhausted, violation, states, seconds, roundsToAct } = result;
  const mark = exhausted
    ? paint(terminal, "green", "holds  ")
    : violation === null
      ? paint(terminal, "yellow", "gave up")
      : paint(terminal, "red", "BROKEN ");
  const figures = `${count(states).padStart(11)} states ${seconds.toFixed(1).padStart(6)} s`;
  const why = violation ?? (exhausted ? `acts within ${roundsToAct} rounds` : "");
  terminal.write(`${mark} ${checkName(check).padEnd(34)} ${figures}  ${why}\n`);
  if (isGroup(check)) for (const line of listed(check.faults)) terminal.write(`        ${line}\n`);
}

const LISTED_MAX = 80;

/** Names with commas, in lines that are not too long. */
function listed(names: readonly string[]): string[] {
  const lines = [""];
  for (const [index, name] of names.entries()) {
    const word = index < names.length - 1 ? `${name}, ` : name;
    if (lines.at(-1)!.length + word.length > LISTED_MAX) lines.push("");
    lines[lines.length - 1] += word;
  }
  return lines.map((line) => line.trimEnd());
}

function printProgress(
  terminal: Terminal,
  { check, states, queue }: FromWorker & { kind: "progress" },
  elapsedMs: number,
): void {
  if (!terminal.live || states < 2) return;
  const rate = Math.round(states / (elapsedMs / 1_000));
  const text = `${checkName(check)}: ${count(states)} states, ${count(rate)}/s, ${count(queue)} waiting`;
  terminal.write(`\r${text.slice(0, terminal.columns - 1).padEnd(terminal.columns - 1)}`);
}

function clearLine(terminal: Terminal): void {
  if (terminal.live) terminal.write(`\r${" ".repeat(terminal.columns - 1)}\r`);
}

function replayText(replay: Replay): string {
  if ("impossible" in replay) return `It cannot be replayed in the simulator: ${replay.impossible}.`;
  const { command, shown } = replay;
  if (shown) return `Replay it: ${command}`;
  return [`The simulator does not show it: ${command}`, ...replay.found].join("\n");
}

function printEnd(terminal: Terminal, results: readonly Replayed[], seconds: number): void {
  for (const { check, violation, steps, replay } of results) {
    if (violation === null || replay === null) continue;
    terminal.write(`\n${paint(terminal, "bold", checkName(check))}: ${violation}\n`);
    for (const line of storyOf(steps)) terminal.write(`${line}\n`);
    terminal.write(`${replayText(replay)}\n`);
  }
  const states = results.reduce((sum, result) => sum + result.states, 0);
  const broken = results.filter(({ violation }) => violation !== null).length;
  const held = results.filter(({ exhausted }) => exhausted).length;
  terminal.write(
    `\n${held} of ${results.length} hold, ${broken} broken; ${count(states)} states in ${seconds.toFixed(1)} s\n`,
  );
}
