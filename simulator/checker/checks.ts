/** One check of a protocol: the model, its laws, and the search through its states. */
import { ROUNDS, ROUNDS_AFTER_OUTAGE } from "../protocol/hardened/bounds.ts";
import type { Law, Violation } from "../protocol/laws.ts";
import type { Protocol } from "../protocol/protocol.ts";
import { ArticleCanonical } from "./article-canonical.ts";
import type { ModelOptions } from "./cluster.ts";
import { type Exploration, type ExploreOptions, explore } from "./explore.ts";
import type { FaultClass } from "./fault-classes.ts";
import { HardenedCanonical } from "./hardened-canonical.ts";
import { Liveness, type Schedule } from "./liveness.ts";
import { Model } from "./model.ts";
import { lawsAsked } from "./model-laws.ts";
import { PartialOrderReduction } from "./partial-order-reduction.ts";
import { HARDENED, type Profile, PUBLISHED } from "./profiles.ts";
import { type Start, startState } from "./starts.ts";
import type { Transition } from "./transition.ts";

/** What to check: a cluster, and what may go wrong in it. */
export interface Check {
  readonly protocol: "article" | "hardened";
  readonly nodes: number;
  readonly witness: boolean;
  readonly faults: readonly FaultClass[];
  /** How many faults may come. */
  readonly budget: number;
  /** Each class comes at most once; else any class, and the same again. */
  readonly onceEach?: boolean;
  /** How many resets may come besides the faults, each at any time. */
  readonly crashes: number;
  /**
   * Wakes come as they should (`punctuality.ts`), and no node that is well may be expelled; else they come as late as
   * they like.
   */
  readonly punctual: boolean;
  /** Who is marked dead, and what the cloud was told, are part of the state. */
  readonly bookkeeping: boolean;
  /** Another protocol in place of the shipped one: a mutant. */
  readonly instead?: Protocol;
  /** The starts, all searched at once; absent: blank chips. */
  readonly starts?: readonly Start[];
  /** Laws that are not asked, because a law that is known to be broken would hide the others. */
  readonly unasked?: readonly Law[];
  /** Terms that are further apart count as this far apart; from 2 on, and 2 where absent. */
  readonly termsApart?: number;
  /**
   * States are not reduced to canonical forms, for a protocol that can tell those apart. Their number has then no
   * limit.
   */
  readonly noSymmetry?: true;
}

/** The outcome of one search. */
export interface CheckResult extends Omit<Exploration, "counterexample"> {
  readonly check: Check;
  readonly counterexample: FoundCounterexample | undefined;
  /** By schedule: most rounds of wakes until a node acts again, over all states in which no node is awake. */
  readonly roundsToAct: Readonly<Record<Schedule, number>>;
  /** Number of states in which nodes run, but none has both a network and enough chips: none is asked to act. */
  readonly statesWithoutCapableNode: number;
  /** What an exhaustive search never met, and so proves nothing about. Empty where the search is not exhaustive. */
  readonly unmet: Unmet;
}

/** A shortest path from one of the starts to a broken law. */
export interface FoundCounterexample {
  readonly violation: Violation;
  readonly start: Start;
  /** The steps from blank chips to the start. */
  readonly prelude: readonly Transition[];
  /** The steps from the start to the violation. */
  readonly steps: readonly Transition[];
}

/** Laws and schedules that were never put to the test, and faults that never made a difference. */
export interface Unmet {
  readonly laws: readonly Law[];
  readonly schedules: readonly Schedule[];
  readonly faults: readonly FaultClass[];
}

/** Whether an exhaustive search proves nothing, because a law or a fault was never put to the test. */
export const isVacuous = ({ unmet }: Pick<CheckResult, "unmet">): boolean =>
  unmet.laws.length > 0 || unmet.schedules.length > 0 || unmet.faults.length > 0;

/** The model of a check: its cluster, with all that may happen to it. */
export const modelOf = (check: Check): Model => new Model(optionsOf(check));

function optionsOf(check: Check): ModelOptions {
  const { nodes, witness, faults, budget, onceEach, crashes, punctual, unasked = [] } = check;
  return {
    profile: profileOf(check),
    nodes,
    witness,
    faults,
    budget,
    ...(onceEach === undefined ? {} : { onceEach }),
    crashes,
    punctual,
    unasked,
  };
}

/** The laws that a check asks. */
export const lawsIn = (check: Check): Law[] => lawsAsked(optionsOf(check));

/** Rounds of wakes within which a node must act in this check; in a round every node wakes once. */
export const roundsMax = ({ protocol, faults }: Check): number =>
  protocol === "hardened" && faults.includes("wifi-outage") ? ROUNDS_AFTER_OUTAGE : ROUNDS;

/** Whether the check has more classes than faults that may come. */
export const isGroup = ({ faults, budget }: Check): boolean => faults.length > budget;

/** The starts of a check, with the default. */
export const startsIn = ({ starts = ["blank"] }: Check): readonly Start[] => starts;

function profileOf({ protocol, instead }: Check): Profile {
  const profile = protocol === "hardened" ? HARDENED : PUBLISHED;
  return instead === undefined ? profile : { ...profile, protocol: instead };
}

/**
 * Searches all states of one check, up to the first law that is broken. Where a reduced search finds a violation, the
 * full search runs after it.
 * @param statesMax the search ends at this many states, and is then not exhaustive; the full search has no such limit
 */
export function runCheck(
  check: Check,
  statesMax = Number.POSITIVE_INFINITY,
  progress: ExploreOptions["progress"] = () => {},
): CheckResult {
  const reduced = check.protocol === "hardened" && !check.punctual && check.noSymmetry !== true;
  const result = search(check, reduced, { statesMax, progress });
  // Only the full search follows every step, so that its counterexample is a shortest one.
  return reduced && result.counterexample !== undefined ? search(check, false, { progress }) : result;
}

/**
 * Searches for every law from every start. Where a law is broken from one start, the other starts are searched for that
 * law, and then all starts for the laws that are left, until a search finds nothing or no law is left.
 * @param statesMax each search ends at this many states
 */
export function runEachLaw(
  check: Check,
  statesMax = Number.POSITIVE_INFINITY,
  progress: ExploreOptions["progress"] = () => {},
): CheckResult[] {
  const asked = lawsIn(check);
  if (asked.length === 0) return [];
  const result = runCheck(check, statesMax, progress);
  if (result.counterexample === undefined) return [result];
  const { start, violation } = result.counterexample;
  const otherLaws = asked.filter((law) => law !== violation.law);
  const otherStarts = startsIn(check).filter((other) => other !== start);
  const elsewhere = otherStarts.flatMap((other) =>
    runCheck(
      { ...check, starts: [other], unasked: [...unaskedIn(check), ...otherLaws] },
      statesMax,
      progress,
    ),
  );
  const rest = { ...check, unasked: [...unaskedIn(check), violation.law] };
  return [result, ...elsewhere, ...runEachLaw(rest, statesMax, progress)];
}

const unaskedIn = ({ unasked = [] }: Check): readonly Law[] => unasked;

/** The result for one law from one start. `states` and `depth` are those of the search that found it. */
export type Verdict =
  | { readonly kind: "holds" | "given-up"; readonly states: number; readonly depth: number }
  | { readonly kind: "broken"; readonly states: number; readonly counterexample: FoundCounterexample };

/** The result for one law from one start; undefined: none of the searches asked for it. */
export function verdictOf(results: readonly CheckResult[], law: Law, start: Start): Verdict | undefined {
  for (const { check, counterexample, states, depth, exhausted } of results) {
    if (!startsIn(check).includes(start) || !lawsIn(check).includes(law)) continue;
    if (counterexample === undefined) return { kind: exhausted ? "holds" : "given-up", states, depth };
    if (counterexample.violation.law === law && counterexample.start === start)
      return { kind: "broken", states, counterexample };
  }
  return undefined;
}

function search(
  check: Check,
  reduced: boolean,
  limits: Pick<ExploreOptions, "statesMax" | "progress">,
): CheckResult {
  const model = modelOf(check);
  const { bookkeeping, faults, termsApart } = check;
  const canonical =
    check.protocol === "hardened"
      ? new HardenedCanonical(model, { bookkeeping, pagesSwap: reduced, termsApart })
      : new ArticleCanonical(model);
  const unhindered =
    check.protocol === "hardened" && faults.includes("wifi-outage")
      ? new HardenedCanonical(model, { bookkeeping, pagesSwap: reduced, termsApart, countsJoins: true })
      : canonical;
  const by = (form: typeof canonical) => (state: Int32Array) => {
    if (check.noSymmetry !== true) form.canonicalize(state);
  };
  const canonicalize = by(canonical);
  const liveness = new Liveness(model, by(unhindered), roundsMax(check));
  const asksLiveness = lawsAsked(model.options).includes("somebody-acts-again");
  const starts = startsIn(check).map((start) => startState(model, start));
  const { counterexample, ...exploration } = explore(reduced ? new PartialOrderReduction(model) : model, {
    starts: starts.map(({ state }) => state),
    canonicalize,
    ...(asksLiveness ? { check: (state: Int32Array) => liveness.violationOf(state) } : {}),
    ...limits,
  });
  const from = counterexample && starts[counterexample.start]!;
  return {
    ...exploration,
    check,
    counterexample: counterexample &&
      from && {
        violation: counterexample.violation,
        start: from.start,
        prelude: from.prelude,
        steps: counterexample.steps.map(({ transition }) => transition),
      },
    roundsToAct: liveness.longest,
    statesWithoutCapableNode: liveness.statesWithoutCapableNode,
    unmet: exploration.exhausted
      ? { ...unmetIn(model), schedules: asksLiveness ? liveness.unmet : [] }
      : { laws: [], schedules: [], faults: [] },
  };
}

function unmetIn({ cluster: { coverage }, options }: Model): Omit<Unmet, "schedules"> {
  return {
    laws: coverage.laws.missing(lawsAsked(options)),
    faults: coverage.faultsMissing(options.faults),
  };
}
