/** One check of a protocol: the model, its laws, and the search through its states. */
import type { Law } from "../protocol/laws.ts";
import type { Protocol } from "../protocol/protocol.ts";
import { ArticleCanonical } from "./article-canonical.ts";
import { type Exploration, type ExploreOptions, explore } from "./explore.ts";
import type { FaultClass } from "./fault-classes.ts";
import { HardenedCanonical } from "./hardened-canonical.ts";
import { Liveness } from "./liveness.ts";
import { Model } from "./model.ts";
import { lawsAsked } from "./model-laws.ts";
import { PartialOrderReduction } from "./partial-order-reduction.ts";
import { HARDENED, type Profile, PUBLISHED } from "./profiles.ts";

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
  /**
   * States are not reduced to canonical forms, for a protocol that can tell those apart. Their number has then no
   * limit.
   */
  readonly noSymmetry?: true;
}

/** The outcome of the search for one check. */
export interface CheckResult extends Exploration {
  readonly check: Check;
  /** Most rounds of wakes until a node acts again, over all states in which no node is awake. */
  readonly roundsToAct: number;
  /** Number of states in which nodes run, but none has both a network and enough chips: none is asked to act. */
  readonly statesWithoutCapableNode: number;
  /** What an exhaustive search never met, and so proves nothing about. Empty where the search is not exhaustive. */
  readonly unmet: Unmet;
}

/** Laws that were never put to the test, and faults that never made a difference. */
export interface Unmet {
  readonly laws: readonly Law[];
  readonly faults: readonly FaultClass[];
}

/** Whether an exhaustive search proves nothing, because a law or a fault was never put to the test. */
export const isVacuous = ({ unmet }: Pick<CheckResult, "unmet">): boolean =>
  unmet.laws.length > 0 || unmet.faults.length > 0;

/**
 * Rounds of wakes within which a node must act; in a round every node wakes once. A sole survivor acts within four of
 * its own wakes, and a node that cannot publish leaves the role after two.
 */
export const ROUNDS_MAX = 8;

/** The model of a check: its cluster, with all that may happen to it. */
export function modelOf(check: Check): Model {
  const { nodes, witness, faults, budget, onceEach, crashes, punctual } = check;
  return new Model({
    profile: profileOf(check),
    nodes,
    witness,
    faults,
    budget,
    ...(onceEach === undefined ? {} : { onceEach }),
    crashes,
    punctual,
  });
}

function profileOf({ protocol, instead }: Check): Profile {
  const profile = protocol === "hardened" ? HARDENED : PUBLISHED;
  return instead === undefined ? profile : { ...profile, protocol: instead };
}

/**
 * Searches all states of one check. Where a reduced search finds a violation, the full search runs after it.
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

function search(
  check: Check,
  reduced: boolean,
  limits: Pick<ExploreOptions, "statesMax" | "progress">,
): CheckResult {
  const model = modelOf(check);
  const canonical =
    check.protocol === "hardened"
      ? new HardenedCanonical(model, check.bookkeeping, reduced)
      : new ArticleCanonical(model);
  const canonicalize = (state: Int32Array): void => {
    if (check.noSymmetry !== true) canonical.canonicalize(state);
  };
  const liveness = new Liveness(model, canonicalize, ROUNDS_MAX);
  const exploration = explore(reduced ? new PartialOrderReduction(model) : model, {
    canonicalize,
    check: (state) => liveness.violationOf(state),
    ...limits,
  });
  return {
    ...exploration,
    check,
    roundsToAct: liveness.longest,
    statesWithoutCapableNode: liveness.statesWithoutCapableNode,
    unmet: exploration.exhausted ? unmetIn(model) : { laws: [], faults: [] },
  };
}

function unmetIn({ cluster: { coverage }, options }: Model): Unmet {
  return {
    laws: coverage.laws.missing(lawsAsked(options)),
    faults: coverage.faultsMissing(options.faults),
  };
}
