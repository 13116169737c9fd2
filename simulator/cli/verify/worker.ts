/** One of `npm run verify`'s worker threads: runs the checks that it is handed, one after another. */
import { parentPort } from "node:worker_threads";
import { type Check, runCheck, type Unmet } from "../../checker/checks.ts";
import type { Transition } from "../../checker/transition.ts";
import type { Violation } from "../../protocol/laws.ts";

/** One check for a worker, and how far it is to be searched. */
export interface Job {
  readonly check: Check;
  readonly statesMax: number;
}

/** What a search came to. `violation` null: none was found as far as it went. */
export interface JobResult {
  readonly check: Check;
  readonly states: number;
  readonly depth: number;
  readonly exhausted: boolean;
  readonly roundsToAct: number;
  /** States from which nobody is left to act. */
  readonly statesWithoutCapableNode: number;
  /** What an exhaustive search never met, and so proves nothing of. */
  readonly unmet: Unmet;
  readonly seconds: number;
  readonly violation: Violation | null;
  readonly steps: readonly Transition[];
}

/** What a worker posts, while it searches and when it is done. */
export type FromWorker =
  | { readonly kind: "progress"; readonly check: Check; readonly states: number; readonly queue: number }
  | { readonly kind: "done"; readonly result: JobResult };

const port = parentPort;
if (port === null) throw new Error("verify-worker.ts runs in a worker thread");

port.on("message", ({ check, statesMax }: Job) => {
  const started = performance.now();
  const found = runCheck(check, statesMax, (states, queue) =>
    port.postMessage({ kind: "progress", check, states, queue } satisfies FromWorker),
  );
  const result: JobResult = {
    check,
    states: found.states,
    depth: found.depth,
    exhausted: found.exhausted,
    roundsToAct: found.roundsToAct,
    statesWithoutCapableNode: found.statesWithoutCapableNode,
    unmet: found.unmet,
    seconds: (performance.now() - started) / 1_000,
    violation: found.counterexample?.violation ?? null,
    steps: found.counterexample?.steps.map(({ transition }) => transition) ?? [],
  };
  port.postMessage({ kind: "done", result } satisfies FromWorker);
});
