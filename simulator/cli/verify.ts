/** `npm run verify`: all states of a small cluster, for each class of faults, and what becomes of the protocol's promises. */
import { Worker } from "node:worker_threads";
import { nearest } from "../../lib/nearest.ts";
import type { Check } from "../checker/checks.ts";
import { FAULT_CLASS_NAMES, FAULT_CLASSES, type FaultClass } from "../checker/fault-classes.ts";
import { storyOf } from "../checker/story.ts";
import { oneOf, parseFlags, UsageError, wholeNumber } from "./arguments.ts";
import { callersPath } from "./callers-path.ts";
import { clusterFor } from "./chosen-cluster.ts";
import { prepareFolder, type Replay, writeReplay } from "./counterexample/files.ts";
import { runCommand } from "./run-command.ts";
import { paint, type Terminal, terminalOf } from "./terminal.ts";
import type { FromWorker, Job, JobResult } from "./verify-worker.ts";

const FOLDER = "counterexamples";

const HELP = `Explores every state that a small cluster can come to: the shipped wake cycle,
one bus transaction at a time, in every order, with late wakes, for each class of
faults. Looked for: two nodes that act at once, an older term after a newer one,
and a state from which nobody acts again. A counterexample is a shortest one; it
is written as a scenario that npm run simulate replays.

  npm run verify -- [options]

  --protocol NAME    "hardened" (default) or "article", as published
  --nodes N          2 (default) or 3
  --witness          with a witness chip
  --only CLASS       one class of faults; may be given more than once
  --faults N         how many faults may come: 1 (default), or 2, every pair
  --crashes N        resets besides, at any moment, 0 (default) to 2
  --states-max N     gives a class up after so many states (default 20,000,000)
  --scenarios DIR    where counterexamples are written (default ${FOLDER})
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
  classes: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const WORKERS = 2;
const STATES_MAX = 20_000_000;
const HEAP_MB = 6_144;

export const main = (argv: readonly string[]): Promise<number> =>
  runCommand(async () => {
    const { values, positionals } = parseFlags("verify", argv, FLAGS);
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    if (positionals.length > 0)
      throw new UsageError(`"${positionals[0]}" is not an option. See: npm run verify -- --help`);
    if (values.classes === true) {
      for (const name of FAULT_CLASS_NAMES)
        process.stdout.write(`${name.padEnd(18)} ${FAULT_CLASSES[name]}\n`);
      return 0;
    }
    const checks = checksFor(values);
    const statesMax = wholeNumber("--states-max", values["states-max"] ?? String(STATES_MAX), 1, 100_000_000);
    const folder = callersPath("verify", values.scenarios ?? FOLDER);
    if (values.scenarios !== undefined) prepareFolder(folder);
    const { sleepS } = clusterFor(checks[0]!.nodes);
    const terminal = values.json === true ? terminalOf(process.stderr) : terminalOf(process.stdout);
    const started = performance.now();
    const results = await runAll(checks, statesMax, terminal);
    const seconds = (performance.now() - started) / 1_000;
    const replayed = await withReplays(results, folder, sleepS);
    if (values.json === true)
      process.stdout.write(`${JSON.stringify({ seconds: rounded(seconds), results: replayed }, null, 2)}\n`);
    else printEnd(terminal, replayed, seconds);
    return results.every(({ exhausted }) => exhausted) ? 0 : 1;
  });

type Values = ReturnType<typeof parseFlags<typeof FLAGS>>["values"];

/** @throws UsageError */
function checksFor(values: Values): Check[] {
  const protocol = oneOf("--protocol", values.protocol ?? "hardened", ["hardened", "article"]);
  const nodes = wholeNumber("--nodes", values.nodes ?? "2", 2, 3);
  const budget = wholeNumber("--faults", values.faults ?? "1", 1, 2);
  const crashes = wholeNumber("--crashes", values.crashes ?? "0", 0, 2);
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
    crashes: more,
    punctual,
    bookkeeping: punctual,
  });
  const classes = only.length > 0 ? only : FAULT_CLASS_NAMES;
  const mixes =
    budget === 1
      ? classes.map((one) => [one])
      : classes.flatMap((one, index) =>
          classes.slice(index).map((two) => (one === two ? [one] : [one, two])),
        );
  const quiet = only.length > 0 ? [] : [check([], true, 0), check([], false, 0), check([], false, 1)];
  return [...quiet, ...mixes.map((mix) => check(mix))];
}

function faultClass(name: string): FaultClass {
  const found = FAULT_CLASS_NAMES.find((known) => known === name);
  if (found !== undefined) return found;
  const near = nearest(name, FAULT_CLASS_NAMES);
  const hint = near === undefined ? "See: npm run verify -- --classes" : `Did you mean "${near}"?`;
  throw new UsageError(`--only: the fault class "${name}" is unknown. ${hint}`);
}

/** Two threads take the checks in turn; each result is printed as it comes. */
async function runAll(checks: readonly Check[], statesMax: number, terminal: Terminal): Promise<JobResult[]> {
  const waiting = checks.map((check, index) => ({ check, index }));
  const results: JobResult[] = [];
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL("./verify-worker.mjs", import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { check, index } = next;
        results[index] = await runOne(worker, { check, statesMax }, terminal);
        clearLine(terminal);
        printResult(terminal, results[index]);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(WORKERS, checks.length) }, work));
  return results;
}

function runOne(worker: Worker, job: Job, terminal: Terminal): Promise<JobResult> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const done = (): void => {
      worker.off("message", hear);
      worker.off("error", fail);
    };
    const fail = (error: unknown): void => {
      done();
      reject(error);
    };
    const hear = (message: FromWorker): void => {
      if (message.kind === "progress") return printProgress(terminal, message, performance.now() - started);
      done();
      resolve(message.result);
    };
    worker.on("message", hear);
    worker.on("error", fail);
    worker.postMessage(job);
  });
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

const rounded = (seconds: number): number => Math.round(seconds * 1_000) / 1_000;
const count = (n: number): string => n.toLocaleString("en");

function nameOf({ faults, crashes, punctual }: Check): string {
  const parts = faults.length > 0 ? [faults.join(" + ")] : [];
  if (crashes > 0) parts.push(crashes === 1 ? "a reset" : `${crashes} resets`);
  if (parts.length === 0) return punctual ? "nothing, wakes as they should" : "late wakes only";
  return parts.join(", ");
}

function printResult(terminal: Terminal, result: JobResult): void {
  const { check, exhausted, violation, states, seconds, roundsToAct } = result;
  const mark = exhausted
    ? paint(terminal, "green", "holds  ")
    : violation === null
      ? paint(terminal, "yellow", "gave up")
      : paint(terminal, "red", "BROKEN ");
  const figures = `${count(states).padStart(11)} states ${seconds.toFixed(1).padStart(6)} s`;
  const why = violation ?? (exhausted ? `acts within ${roundsToAct} rounds` : "");
  terminal.write(`${mark} ${nameOf(check).padEnd(34)} ${figures}  ${why}\n`);
}

function printProgress(
  terminal: Terminal,
  { check, states, queue }: FromWorker & { kind: "progress" },
  elapsedMs: number,
): void {
  if (!terminal.live || states < 2) return;
  const rate = Math.round(states / (elapsedMs / 1_000));
  const text = `${nameOf(check)}: ${count(states)} states, ${count(rate)}/s, ${count(queue)} waiting`;
  terminal.write(`\r${text.slice(0, terminal.columns - 1).padEnd(terminal.columns - 1)}`);
}

function clearLine(terminal: Terminal): void {
  if (terminal.live) terminal.write(`\r${" ".repeat(terminal.columns - 1)}\r`);
}

function replayText(replay: Replay): string {
  if ("impossible" in replay) return `It cannot be replayed in the simulator: ${replay.impossible}.`;
  const { command, shown } = replay;
  return shown ? `Replay it: ${command}` : `The simulator does not show it, see why: ${command}`;
}

function printEnd(terminal: Terminal, results: readonly Replayed[], seconds: number): void {
  for (const { check, violation, steps, replay } of results) {
    if (violation === null || replay === null) continue;
    terminal.write(`\n${paint(terminal, "bold", nameOf(check))}: ${violation}\n`);
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
