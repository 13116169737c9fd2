/** Runs checks on worker threads, each of which takes the next one when it is done with one. */
import { Worker } from "node:worker_threads";
import { type Check, isGroup } from "../../checker/checks.ts";
import { GAP_MAX } from "../../checker/close-gaps.ts";
import type { FromWorker, Job, JobResult } from "./worker.ts";

const WORKERS = 2;
const HEAP_MB = 6_144;
/** A search makes many small objects of short life. */
const YOUNG_MB = 192;

/** Who is told of progress and results, and what stops the search. */
export interface RunnerOptions {
  readonly onProgress: (progress: FromWorker & { kind: "progress" }, index: number) => void;
  readonly onResult: (result: JobResult, index: number) => void;
  /** Resolves when no more is wanted: what is under way is given up. */
  readonly stop: Promise<void>;
}

/** @returns the results in the order of `jobs`; undefined: not searched to its end when it was stopped */
export async function runChecks(
  jobs: readonly Job[],
  options: RunnerOptions,
): Promise<(JobResult | undefined)[]> {
  const waiting = jobs.map((job, index) => ({ job, index }));
  const results: (JobResult | undefined)[] = jobs.map(() => undefined);
  const stopped = options.stop.then(() => {
    waiting.length = 0;
    return undefined;
  });
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL("./verify-worker.mjs", import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
    });
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const result = await Promise.race([runOne(worker, next, options), stopped]);
        if (result === undefined) return;
        results[next.index] = result;
        options.onResult(result, next.index);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(WORKERS, jobs.length) }, work));
  return results;
}

function runOne(
  worker: Worker,
  { job, index }: { readonly job: Job; readonly index: number },
  { onProgress }: RunnerOptions,
): Promise<JobResult> {
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
      if (message.kind === "progress") return onProgress(message, index);
      done();
      resolve(message.result);
    };
    worker.on("message", hear);
    worker.on("error", fail);
    worker.postMessage(job);
  });
}

/** What goes wrong in a check, and what is particular about it, in a few words. */
export function checkName(check: Check): string {
  const { faults, budget, crashes, punctual, witness, termsApart = GAP_MAX } = check;
  const twice = budget > faults.length && faults.length > 0 ? " twice" : "";
  const classes = isGroup(check) ? `any of ${faults.length} classes` : `${faults.join(" + ")}${twice}`;
  const parts = faults.length > 0 ? [classes] : [];
  if (crashes > 0) parts.push(crashes === 1 ? "a reset" : `${crashes} resets`);
  if (parts.length === 0) parts.push(punctual ? "nothing, wakes as they should" : "late wakes only");
  else if (punctual) parts.push("wakes as they should");
  if (witness) parts.push("a witness");
  if (termsApart > GAP_MAX) parts.push(`terms ${termsApart} apart`);
  return parts.join(", ");
}
