/** One of `npm run swarm`'s worker threads: plays the seeds that it is handed. */
import { parentPort } from "node:worker_threads";
import { type Law, Occasions } from "../../protocol/laws.ts";
import type { DrawOptions } from "../../swarm/draw-scenario.ts";
import type { Breach } from "../../swarm/referee.ts";
import type { Regression } from "../../swarm/regression.ts";
import { runSeed, shrinkSeed } from "../../swarm/run-seed.ts";

/** A row of seeds to play, or one that broke and is to be made small. */
export type SwarmJob = { readonly options: DrawOptions } & (
  | { readonly kind: "play"; readonly from: number; readonly count: number }
  | { readonly kind: "shrink"; readonly failure: SwarmFailure }
);

/** A seed whose run has broken a rule. */
export interface SwarmFailure {
  readonly seed: number;
  readonly violation: Breach;
}

/** What a row of seeds came to. */
export interface SwarmCount {
  readonly runs: number;
  readonly wakes: number;
  readonly acts: number;
  /** Runs that stayed within the stated assumptions to their end. */
  readonly within: number;
  /** Silences that were held against the bound, and the longest, as a share of it. */
  readonly silences: number;
  readonly longest: number;
  /** Laws that were put to the test in one of the runs. */
  readonly occasions: readonly Law[];
}

/** What a worker posts: a batch that was played, or a failure made small. */
export type FromSwarmWorker =
  | { readonly kind: "played"; readonly count: SwarmCount; readonly failures: readonly SwarmFailure[] }
  | { readonly kind: "shrunk"; readonly failure: SwarmFailure; readonly regression: Regression };

const port = parentPort;
if (port === null) throw new Error("swarm-worker.ts runs in a worker thread");

port.on("message", async (job: SwarmJob) => {
  port.postMessage(job.kind === "play" ? await play(job) : await shrunk(job));
});

async function shrunk({ failure, options }: SwarmJob & { kind: "shrink" }): Promise<FromSwarmWorker> {
  const regression = await shrinkSeed(failure.seed, failure.violation, options);
  return { kind: "shrunk", failure, regression };
}

async function play({ from, count, options }: SwarmJob & { kind: "play" }): Promise<FromSwarmWorker> {
  const occasions = new Occasions();
  const sum = { runs: count, wakes: 0, acts: 0, within: 0, silences: 0, longest: 0 };
  const failures: SwarmFailure[] = [];
  for (let seed = from; seed < from + count; seed++) {
    const { violations, wakes, acts, beyond, judged, longest, occasions: met } = await runSeed(seed, options);
    sum.wakes += wakes;
    sum.acts += acts;
    sum.within += beyond === undefined ? 1 : 0;
    sum.silences += judged;
    occasions.add(met);
    sum.longest = Math.max(sum.longest, longest);
    for (const violation of violations) failures.push({ seed, violation });
  }
  return { kind: "played", count: { ...sum, occasions: occasions.laws }, failures };
}
