/** The searches of one check as a verdict for each law and start, and whether they are as promised. */
import {
  type CheckResult,
  type FoundCounterexample,
  isVacuous,
  lawsIn,
  startsIn,
  type Verdict,
  verdictOf,
} from "../../checker/checks.ts";
import { SCHEDULE_NAMES } from "../../checker/liveness.ts";
import { outsidePromise } from "../../checker/promises.ts";
import type { Start } from "../../checker/starts.ts";
import type { Law } from "../../protocol/laws.ts";
import type { JobResult } from "./worker.ts";

/** A law in a table's heading: the violation in a few words. */
export const LAW_TITLES: Readonly<Record<Law, string>> = {
  "at-most-one-acts": "two act",
  "terms-only-rise": "order of terms",
  "somebody-acts-again": "nobody acts",
  "nobody-well-is-expelled": "a well node is expelled",
};

/** A start, as part of a sentence. */
export const START_TEXTS: Readonly<Record<Start, string>> = {
  blank: "blank chips",
  running: "a running cluster",
};

/** What became of one law from one start. */
export interface LawFromStart {
  readonly law: Law;
  readonly start: Start;
  readonly verdict: Verdict;
}

/** A verdict for each law and start that was asked. */
export const verdictsOf = ({ check, searches }: JobResult): LawFromStart[] =>
  lawsIn(check).flatMap((law) =>
    startsIn(check).flatMap((start) => {
      const verdict = verdictOf(searches, law, start);
      return verdict === undefined ? [] : [{ law, start, verdict }];
    }),
  );

/** All counterexamples, in the order in which they were found. */
export const counterexamplesOf = ({ searches }: JobResult): FoundCounterexample[] =>
  searches.flatMap(({ counterexample }) => (counterexample === undefined ? [] : [counterexample]));

/** Number of states of all searches. */
export const statesIn = ({ searches }: JobResult): number =>
  searches.reduce((sum, { states }) => sum + states, 0);

/** The exhaustive search that proves nothing; undefined: there is none. */
export const vacuousIn = ({ searches }: JobResult): CheckResult | undefined => searches.find(isVacuous);

/** Most rounds of wakes until a node acts again, over all schedules; 0: it was not asked. */
export const roundsIn = ({ searches }: JobResult): number =>
  Math.max(0, ...searches.flatMap(({ roundsToAct }) => SCHEDULE_NAMES.map((name) => roundsToAct[name])));

/** `outside`: a law is broken, or its search was given up, and nothing is promised of this check. */
export type Outcome = "holds" | "outside" | "broken" | "given-up" | "vacuous";

/** The worst that any law came to from any start. */
export function outcomeOf(job: JobResult): Outcome {
  if (vacuousIn(job) !== undefined) return "vacuous";
  const kinds = verdictsOf(job).map(({ verdict }) => verdict.kind);
  if (kinds.every((kind) => kind === "holds")) return "holds";
  if (outsidePromise(job.check) !== undefined) return "outside";
  return kinds.includes("broken") ? "broken" : "given-up";
}

/** Whether a check is exhausted without a counterexample, or outside the promise. */
export const isAsPromised = (job: JobResult): boolean => {
  const outcome = outcomeOf(job);
  return outcome === "holds" || outcome === "outside";
};

/** `in 17 steps from blank chips, in 21 from a running cluster`: one law from every start. */
export function lawText(verdicts: readonly LawFromStart[]): string {
  const kinds = new Set(verdicts.map(({ verdict }) => verdict.kind));
  if (kinds.size === 1 && kinds.has("holds")) return "holds";
  return verdicts
    .map(({ start, verdict }) => `${verdictText(verdict)} from ${START_TEXTS[start]}`)
    .join(", ");
}

/** `broken in 17 steps`. */
export function verdictText(verdict: Verdict): string {
  switch (verdict.kind) {
    case "holds":
      return "holds";
    case "given-up":
      return `none in ${verdict.states.toLocaleString("en")} states, ${verdict.depth} steps deep,`;
    case "broken":
      return `broken in ${verdict.counterexample.steps.length} steps`;
  }
}
