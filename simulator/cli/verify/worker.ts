/** One of `npm run verify`'s worker threads: runs the checks that it is handed, one after another. */
import { parentPort } from "node:worker_threads";
import { type Check, type CheckResult, isGroup, runCheck, runEachLaw } from "../../checker/checks.ts";

/** One check for a worker, and how far it is to be searched. */
export interface Job {
  readonly check: Check;
  /** Each of its searches ends at this many states. */
  readonly statesMax: number;
}

/** The outcome of all searches of one check: a group's single one, or those of each law by itself. */
export interface JobResult {
  readonly check: Check;
  readonly searches: readonly CheckResult[];
  readonly seconds: number;
}

/** What a worker posts, while it searches and when it is done. */
export type FromWorker =
  | { readonly kind: "progress"; readonly check: Check; readonly states: number; readonly queue: number }
  | { readonly kind: "done"; readonly result: JobResult };

const port = parentPort;
if (port === null) throw new Error("verify-worker.ts runs in a worker thread");

port.on("message", ({ check, statesMax }: Job) => {
  const started = performance.now();
  const progress = (states: number, queue: number): void =>
    port.postMessage({ kind: "progress", check, states, queue } satisfies FromWorker);
  // Which class of a group broke a law is found by searching its classes one by one.
  const searches = isGroup(check)
    ? [runCheck(check, statesMax, progress)]
    : runEachLaw(check, statesMax, progress);
  const result: JobResult = { check, searches, seconds: (performance.now() - started) / 1_000 };
  port.postMessage({ kind: "done", result } satisfies FromWorker);
});
