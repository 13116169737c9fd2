/** Runs the checks of `npm run verify`, prints each result as it comes, and what all came to at the end. */
import { type Check, isGroup } from "../../checker/checks.ts";
import { outsideText, storyOf, unmetText, violationText } from "../../checker/print-steps.ts";
import { outsidePromise } from "../../checker/promises.ts";
import { untilInterrupted } from "../shared/run-command.ts";
import { paint, type Terminal } from "../shared/terminal.ts";
import { checkName, runChecks } from "./check-runner.ts";
import { expectedThousands, TimeLeft } from "./progress.ts";
import { prepareFolder, type Replay, writeReplay } from "./replay-files.ts";
import {
  counterexamplesOf,
  isAsPromised,
  LAW_TITLES,
  lawText,
  type Outcome,
  outcomeOf,
  roundsIn,
  START_TEXTS,
  statesIn,
  vacuousIn,
  verdictsOf,
} from "./verdicts.ts";
import type { FromWorker, JobResult } from "./worker.ts";

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
  const broken = first.results.filter((job) => isGroup(job.check) && counterexamplesOf(job).length > 0);
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
  const started = performance.now();
  const timeLeft = new TimeLeft(checks, statesMax);
  const size = (index: number): number => expectedThousands(checks[index]!, statesMax);
  const order = checks.map((_, index) => index).sort((x, y) => size(y) - size(x) || x - y);
  const results = await runChecks(
    order.map((index) => ({ check: checks[index]!, statesMax })),
    {
      stop,
      onProgress: (progress, index) => {
        timeLeft.reached(checks[order[index]!]!, progress.states);
        const left = timeLeft.seconds((performance.now() - started) / 1_000);
        printProgress(terminal, progress, `${done} of ${checks.length} done${leftText(left)}`);
      },
      onResult: (result, index) => {
        done += 1;
        timeLeft.done(checks[order[index]!]!);
        clearLine(terminal);
        printResult(terminal, result);
      },
    },
  );
  clearLine(terminal);
  return checks.map((_, index) => results[order.indexOf(index)]);
}

/** A result, and a scenario for each of its counterexamples, in their order. */
export type Replayed = JobResult & { readonly replays: readonly Replay[] };

/** Each counterexample as a scenario; the folder is made when there is one to write. */
export async function withReplays(
  results: readonly JobResult[],
  folder: string,
  sleepS: number,
): Promise<Replayed[]> {
  const replayed: Replayed[] = [];
  for (const result of results) {
    const replays: Replay[] = [];
    for (const { violation, start, prelude, steps } of counterexamplesOf(result)) {
      prepareFolder(folder);
      const counterexample = {
        check: result.check,
        violation,
        start,
        preludeLength: prelude.length,
        steps: [...prelude, ...steps],
      };
      replays.push(await writeReplay(folder, counterexample, sleepS));
    }
    replayed.push({ ...result, replays });
  }
  return replayed;
}

/** Why a check is outside the promise; undefined: it is promised. */
function whyOutside(check: Check): string | undefined {
  const outside = outsidePromise(check);
  return outside === undefined ? undefined : outsideText(outside);
}

/** What `--json` prints of each check. `outside`: why nothing is promised of it. */
export const reported = (results: readonly Replayed[]) =>
  results.map((result) => ({
    check: result.check,
    name: checkName(result.check),
    outcome: outcomeOf(result),
    outside: whyOutside(result.check) ?? null,
    states: statesIn(result),
    seconds: rounded(result.seconds),
    rounds_to_act: roundsIn(result),
    unmet: vacuousIn(result)?.unmet ?? null,
    laws: verdictsOf(result).map(({ law, start, verdict }) => ({
      law,
      start,
      verdict: verdict.kind,
      states: verdict.states,
      steps: verdict.kind === "broken" ? verdict.counterexample.steps.length : null,
    })),
    counterexamples: counterexamplesOf(result).map(({ violation, start, prelude, steps }, index) => ({
      law: violation.law,
      violation: violationText(violation),
      start,
      prelude: prelude.length,
      story: storyOf([...prelude, ...steps]),
      replay: result.replays[index],
    })),
  }));

/** To the millisecond. */
export const rounded = (seconds: number): number => Math.round(seconds * 1_000) / 1_000;
const count = (n: number): string => n.toLocaleString("en");

const MARKS = {
  holds: { text: "holds", style: "green" },
  outside: { text: "outside", style: "yellow" },
  broken: { text: "BROKEN", style: "red" },
  "given-up": { text: "gave up", style: "yellow" },
  vacuous: { text: "VACUOUS", style: "red" },
} as const satisfies Readonly<Record<Outcome, object>>;
const INDENT = "        ";

function printResult(terminal: Terminal, result: JobResult): void {
  const { check, seconds } = result;
  const outcome = outcomeOf(result);
  const { text, style } = MARKS[outcome];
  const figures = `${count(statesIn(result)).padStart(11)} states ${seconds.toFixed(1).padStart(7)} s`;
  const mark = paint(terminal, style, text.padEnd(INDENT.length));
  terminal.write(`${mark}${checkName(check).padEnd(39)} ${figures}\n`);
  if (isGroup(check)) for (const line of listed(check.faults)) terminal.write(`${INDENT}${line}\n`);
  for (const line of detailsOf(result, outcome)) terminal.write(`${INDENT}${line}\n`);
}

function detailsOf(result: JobResult, outcome: Outcome): string[] {
  const vacuous = vacuousIn(result);
  if (vacuous !== undefined) return [`proves nothing; ${unmetText(vacuous.unmet)}`];
  if (outcome === "holds") return [`acts again within ${roundsIn(result)} rounds of wakes`];
  const verdicts = verdictsOf(result);
  const laws = [...new Set(verdicts.map(({ law }) => law))].map(
    (law) => `${LAW_TITLES[law]}: ${lawText(verdicts.filter((each) => each.law === law))}`,
  );
  const outside = whyOutside(result.check);
  return [...(outside === undefined ? [] : [`outside the promise: ${outside}`]), ...laws];
}

const LISTED_MAX = 71;

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

/** `, about 3 min left`; empty while too little is known. */
function leftText(seconds: number | undefined): string {
  if (seconds === undefined) return "";
  return seconds < 90
    ? `, about ${Math.ceil(seconds)} s left`
    : `, about ${Math.round(seconds / 60)} min left`;
}

function printProgress(
  terminal: Terminal,
  { check, states, queue }: FromWorker & { kind: "progress" },
  done: string,
): void {
  if (!terminal.live || states < 2) return;
  const text = `${done}; ${checkName(check)}: ${count(states)} states, ${count(queue)} waiting`;
  terminal.write(`\r${text.slice(0, terminal.columns - 1).padEnd(terminal.columns - 1)}`);
}

function clearLine(terminal: Terminal): void {
  if (terminal.live) terminal.write(`\r${" ".repeat(terminal.columns - 1)}\r`);
}

function replayText(replay: Replay): string {
  if ("impossible" in replay) return `The simulator cannot replay it: ${replay.impossible}.`;
  const { command, shown } = replay;
  if (shown) return `Replay it: ${command}`;
  return [`The simulator does not show it: ${command}`, ...replay.found].join("\n");
}

/**
 * The sum, and what was left. A broken promise is told step by step; of what is outside the promise only how to replay it.
 */
export function printEnd(
  terminal: Terminal,
  results: readonly Replayed[],
  left: readonly Check[],
  seconds: number,
): void {
  for (const result of results) {
    for (const [index, { violation, start, prelude, steps }] of counterexamplesOf(result).entries()) {
      const replay = result.replays[index];
      if (replay === undefined) continue;
      const title = paint(terminal, "bold", checkName(result.check));
      terminal.write(`\n${title}, from ${START_TEXTS[start]}:\n${violationText(violation)}\n`);
      if (outcomeOf(result) !== "outside")
        for (const line of storyOf([...prelude, ...steps])) terminal.write(`${line}\n`);
      terminal.write(`${replayText(replay)}\n`);
    }
  }
  const states = results.reduce((sum, result) => sum + statesIn(result), 0);
  const parts = (Object.keys(MARKS) as Outcome[]).flatMap((outcome) => {
    const number = results.filter((result) => outcomeOf(result) === outcome).length;
    return number === 0 ? [] : [`${number} ${ENDS[outcome]}`];
  });
  terminal.write(
    `\n${parts.join(", ")};\n${count(states)} states in ${seconds.toFixed(1)} s. ${promiseText(results, left)}\n`,
  );
  if (left.length === 0) return;
  terminal.write(`Interrupted. Not finished: ${left.map(checkName).join("; ")}\n`);
}

const ENDS: Readonly<Record<Outcome, string>> = {
  holds: "hold",
  outside: "outside the promise",
  broken: "broken",
  "given-up": "given up",
  vacuous: "prove nothing",
};

function promiseText(results: readonly JobResult[], left: readonly Check[]): string {
  if (!results.every(isAsPromised)) return "Not all is as promised.";
  return left.length === 0 ? "All is as promised." : "So far all is as promised.";
}
