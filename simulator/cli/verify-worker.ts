/** One of `npm run verify`'s worker threads: runs the checks that it is handed, one after another. */
import { parentPort } from "node:worker_threads";
import { type Check, runCheck } from "../checker/checks.ts";
import type { Label } from "../checker/model.ts";

export interface Job {
  readonly check: Check;
  readonly statesMax: number;
}

export interface JobResult {
  readonly check: Check;
  readonly states: number;
  readonly depth: number;
  readonly exhausted: boolean;
  readonly roundsToAct: number;
  /** States from which nobody is left to act. */
  readonly helpless: number;
  readonly seconds: number;
  readonly violation: string | null;
  readonly steps: readonly Label[];
}

export type FromWorker =
  | { readonly kind: "progress"; readonly check: Check; readonly states: number; readonly queue: number }
  | { readonly kind: "done"; readonly result: JobResult };

const port = parentPort;
if (port === null) throw new Error("verify-worker.ts runs in a worker thread");

port.on("message", ({ check, statesMax }: Job) => {
  const started = performance.now();
  const verdict = runCheck(check, statesMax, (states, queue) =>
    port.postMessage({ kind: "progress", check, states, queue } satisfies FromWorker),
  );
  const result: JobResult = {
    check,
    states: verdict.states,
    depth: verdict.depth,
    exhausted: verdict.exhausted,
    roundsToAct: verdict.roundsToAct,
    helpless: verdict.helpless,
    seconds: (performance.now() - started) / 1_000,
    violation: verdict.counterexample?.violation ?? null,
    steps: verdict.counterexample?.steps.map(({ label }) => label) ?? [],
  };
  port.postMessage({ kind: "done", result } satisfies FromWorker);
});
