/** What is checked of a protocol: one model, its laws, and the search through it. */
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

/** What is to be checked: a cluster, and what may go wrong in it. */
export interface Check {
  readonly protocol: "article" | "hardened";
  readonly nodes: number;
  readonly witness: boolean;
  readonly faults: readonly FaultClass[];
  /** How many of them may come. */
  readonly budget: number;
  /** Each of them once; else any, and the same again. */
  readonly onceEach?: boolean;
  /** Resets besides. */
  readonly crashes: number;
  /** Wakes come as they should, and nobody who is well may be expelled; else they come as late as they like. */
  readonly punctual: boolean;
  /** Who is marked dead and what the cloud was told is part of the state. */
  readonly bookkeeping: boolean;
  /** Another protocol in place of the shipped one: a mutant. */
  readonly instead?: Protocol;
  /** Each state for itself, for a protocol that can tell apart states of one canonical form: their number then has no end. */
  readonly noSymmetry?: true;
}

/** What the search of one check came to. */
export interface CheckResult extends Exploration {
  readonly check: Check;
  /** The most rounds of wakes until somebody acts again, from any state in which nobody is awake. */
  readonly roundsToAct: number;
  /** States in which nodes run and none of them has both a network and enough chips: nobody is asked to act. */
  readonly statesWithoutCapableNode: number;
  /** What an exhaustive search never met: it proves nothing of that. Empty where the search is not exhaustive. */
  readonly unmet: Unmet;
}

/** Laws that were never put to the test, and faults that never made a difference. */
export interface Unmet {
  readonly laws: readonly Law[];
  readonly faults: readonly FaultClass[];
}

/** Whether a search has gone through all states and proves nothing all the same. */
export const isVacuous = ({ unmet }: Pick<CheckResult, "unmet">): boolean =>
  unmet.laws.length > 0 || unmet.faults.length > 0;

/**
 * A sole survivor acts within four of its own wakes, and a node that cannot publish leaves the role after two; each round
 * is a wake of every node.
 */
export const ROUNDS_MAX = 8;

/** What a check looks at: the cluster with all that may happen to it. */
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

/** @param statesMax a search ends at so many states, and is then not exhaustive */
export function runCheck(
  check: Check,
  statesMax = Number.POSITIVE_INFINITY,
  progress: ExploreOptions["progress"] = () => {},
): CheckResult {
  const reduced = check.protocol === "hardened" && !check.punctual && check.noSymmetry !== true;
  const result = search(check, reduced, { statesMax, progress });
  // A shortest way to it is found where every step is followed, and is told as it is.
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
