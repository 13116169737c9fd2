/** Runs the checks of `npm run verify`, tells of each as it is done, and says at the end what they came to. */
import { type Check, isVacuous } from "../../checker/checks.ts";
import type { FaultClass } from "../../checker/fault-classes.ts";
import { outsideText, storyOf, unmetText, violationText } from "../../checker/print-steps.ts";
import { outsidePromise } from "../../checker/promises.ts";
import { untilInterrupted } from "../shared/run-command.ts";
import { paint, type Terminal } from "../shared/terminal.ts";
import { checkName, isGroup, runChecks } from "./check-runner.ts";
import { prepareFolder, type Replay, writeReplay } from "./replay-files.ts";
import type { FromWorker, JobResult } from "./worker.ts";

/** The classes with the most states: begun first, so that no thread is left with one at the end. */
const LARGEST: readonly FaultClass[] = [
  "worn-page",
  "eeprom-dislodged",
  "write-protected",
  "stale-memory",
  "page-rot",
];

/** How far each check is searched, where it is told, and until when. */
export interface Search {
  readonly statesMax: number;
  readonly terminal: Terminal;
  readonly stop: Promise<void>;
}

/** The search of one command: it ends when somebody asks for it. */
export const search = (statesMax: number, terminal: Terminal): Search => ({
  statesMax,
  terminal,
  stop: untilInterrupted(),
});

/** What was found, and what was not searched to its end when somebody asked it to end. */
export interface Searched {
  readonly results: JobResult[];
  readonly left: Check[];
}

/** Where a group breaks, its classes one by one. */
export async function runEach(checks: readonly Check[], how: Search): Promise<Searched> {
  const first = searched(checks, await runAll(checks, how));
  const broken = first.results.filter(({ check, violation }) => violation !== null && isGroup(check));
  const singly = broken.flatMap(({ check }) => check.faults.map((one) => ({ ...check, faults: [one] })));
  const second = searched(singly, first.left.length > 0 ? [] : await runAll(singly, how));
  return {
    results: [...first.results.filter((result) => !broken.includes(result)), ...second.results],
    left: [...first.left, ...second.left],
  };
}

const searched = (checks: readonly Check[], results: readonly (JobResult | undefined)[]): Searched => ({
  results: results.filter((result) => result !== undefined),
  left: checks.filter((_, index) => results[index] === undefined),
});

/** Largest first; each result is printed as it comes. @returns the results in the order of `checks` */
export async function runAll(
  checks: readonly Check[],
  { statesMax, terminal, stop }: Search,
): Promise<(JobResult | undefined)[]> {
  let done = 0;
  const size = ({ faults }: Check): number => faults.filter((fault) => LARGEST.includes(fault)).length;
  const order = checks.map((_, index) => index).sort((x, y) => size(checks[y]!) - size(checks[x]!) || x - y);
  const results = await runChecks(
    order.map((index) => ({ check: checks[index]!, statesMax })),
    {
      stop,
      onProgress: (progress, elapsedMs) =>
        printProgress(terminal, progress, elapsedMs, `${done} of ${checks.length} done`),
      onResult: (result) => {
        done += 1;
        clearLine(terminal);
        printResult(terminal, result);
      },
    },
  );
  clearLine(terminal);
  return checks.map((_, index) => results[order.indexOf(index)]);
}

/** A result, and the scenario that replays its counterexample; null: there is none. */
export type Replayed = JobResult & { readonly replay: Replay | null };

/** Each broken promise as a scenario; the folder is made when there is one to write. */
export async function withReplays(
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

/** Why a check is outside the promise; undefined: it is promised. */
function knownText(check: Check): string | undefined {
  const outside = outsidePromise(check);
  return outside === undefined ? undefined : outsideText(outside);
}

/** `known`: why nothing is promised of it; `law`: by name, which one is broken. */
export const reported = (results: readonly Replayed[]) =>
  results.map((result) => ({
    ...result,
    violation: result.violation && violationText(result.violation),
    law: result.violation?.law ?? null,
    known: knownText(result.check) ?? null,
    story: storyOf(result.steps),
  }));

/** Searched to its end without a counterexample, or outside what is promised; and nothing that it was to meet was missing. */
export const isAsPromised = (result: JobResult): boolean =>
  !isVacuous(result) && (result.exhausted || outsidePromise(result.check) !== undefined);

/** To the millisecond. */
export const rounded = (seconds: number): number => Math.round(seconds * 1_000) / 1_000;
const count = (n: number): string => n.toLocaleString("en");

function printResult(terminal: Terminal, result: JobResult): void {
  const { check, exhausted, violation, states, seconds, roundsToAct } = result;
  const known = knownText(check);
  const mark = isVacuous(result)
    ? paint(terminal, "red", "VACUOUS")
    : exhausted
      ? paint(terminal, "green", "holds  ")
      : violation === null
        ? paint(terminal, "yellow", "gave up")
        : known === undefined
          ? paint(terminal, "red", "BROKEN ")
          : paint(terminal, "yellow", "known  ");
  const figures = `${count(states).padStart(11)} states ${seconds.toFixed(1).padStart(6)} s`;
  const why =
    violation === null
      ? exhausted
        ? (unmetText(result.unmet) ?? `acts within ${roundsToAct} rounds`)
        : ""
      : `${violationText(violation)}${known === undefined ? "" : ` (known: ${known})`}`;
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
  done: string,
): void {
  if (!terminal.live || states < 2) return;
  const rate = Math.round(states / (elapsedMs / 1_000));
  const text = `${done}; ${checkName(check)}: ${count(states)} states, ${count(rate)}/s, ${count(queue)} waiting`;
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

/** Each counterexample step by step, the sum, and what was left. */
export function printEnd(
  terminal: Terminal,
  results: readonly Replayed[],
  left: readonly Check[],
  seconds: number,
): void {
  for (const { check, violation, steps, replay } of results) {
    if (violation === null || replay === null) continue;
    terminal.write(`\n${paint(terminal, "bold", checkName(check))}: ${violationText(violation)}\n`);
    for (const line of storyOf(steps)) terminal.write(`${line}\n`);
    terminal.write(`${replayText(replay)}\n`);
  }
  const states = results.reduce((sum, result) => sum + result.states, 0);
  const broken = results.filter(({ violation }) => violation !== null);
  const known = broken.filter(isAsPromised).length;
  const held = results.filter((result) => result.exhausted && !isVacuous(result)).length;
  const vacuous = results.filter(isVacuous).length;
  terminal.write(
    `\n${held} of ${results.length} hold, ${broken.length - known} broken${known === 0 ? "" : `, ${known} known to be outside what is promised`}${vacuous === 0 ? "" : `, ${vacuous} prove nothing`}; ${count(states)} states in ${seconds.toFixed(1)} s\n`,
  );
  if (left.length === 0) return;
  terminal.write(`Interrupted. Not searched to the end: ${left.map(checkName).join("; ")}\n`);
}
