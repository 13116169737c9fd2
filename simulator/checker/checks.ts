/** What is checked of a protocol: one model, its laws, and the search through it. */
import { ARTICLE } from "../protocol/article/article.ts";
import { chipsNeeded } from "../protocol/hardened/chip-records.ts";
import { HARDENED } from "../protocol/hardened/hardened.ts";
import { areaBytes } from "../protocol/hardened/record.ts";
import type { Protocol } from "../protocol/protocol.ts";
import { ArticleForm } from "./article-canonical.ts";
import { type Exploration, type ExploreOptions, explore } from "./explore.ts";
import type { FaultClass } from "./fault-classes.ts";
import { forgiven, HardenedForm } from "./hardened-canonical.ts";
import { Liveness } from "./liveness.ts";
import { Model } from "./model.ts";
import { Reduction } from "./partial-order-reduction.ts";

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
  /** Who is dead and what was told is part of the state. */
  readonly bookkeeping: boolean;
  /** Another protocol in place of the shipped one: a mutant. */
  readonly instead?: Protocol;
  /** Each state for itself, for a protocol that can tell states of one form: their number then has no end. */
  readonly formless?: true;
}

export interface Verdict extends Exploration {
  readonly check: Check;
  /** The most rounds of wakes until somebody acts again, from any state in which nobody is awake. */
  readonly roundsToAct: number;
  /** States from which nobody can be asked to act: no node that runs has both a network and enough chips. */
  readonly helpless: number;
}

/**
 * A sole survivor acts within four of its own wakes, and a node that cannot publish leaves the role after two; each round
 * is a wake of every node.
 */
export const ROUNDS_MAX = 8;

/** What a check looks at: the cluster with all that may happen to it. */
export function modelOf(check: Check): Model {
  const hardened = check.protocol === "hardened";
  const seat = {
    nodes: check.nodes,
    chips: check.nodes + (check.witness ? 1 : 0),
    cluster: "c",
  };
  return new Model({
    protocol: check.instead ?? (hardened ? HARDENED : ARTICLE),
    nodes: check.nodes,
    witness: check.witness,
    chip: hardened
      ? new Uint8Array(areaBytes(check.nodes)).fill(0xff)
      : ARTICLE.runningChip(seat, new Array<number>(check.nodes).fill(2)),
    faults: check.faults,
    budget: check.budget,
    ...(check.onceEach === undefined ? {} : { onceEach: check.onceEach }),
    crashes: check.crashes,
    punctual: check.punctual,
    busyLine: !hardened,
    chipsNeeded: hardened ? chipsNeeded({ ...seat, self: 0 }) : 1,
    terms: hardened,
    ...(hardened ? { inTime: forgiven } : {}),
  });
}

export function runCheck(
  check: Check,
  statesMax = Number.POSITIVE_INFINITY,
  progress: ExploreOptions["progress"] = () => {},
): Verdict {
  const reduced = check.protocol === "hardened" && !check.punctual && check.formless !== true;
  const verdict = searched(check, reduced, { statesMax, progress });
  // A shortest way to it is found where every step is followed, and is told as it is.
  return reduced && verdict.counterexample !== undefined ? searched(check, false, { progress }) : verdict;
}

function searched(
  check: Check,
  reduced: boolean,
  limits: Pick<ExploreOptions, "statesMax" | "progress">,
): Verdict {
  const model = modelOf(check);
  const form =
    check.protocol === "hardened"
      ? new HardenedForm(model, check.bookkeeping, reduced)
      : new ArticleForm(model);
  const apply = (state: Int32Array): void => {
    if (check.formless !== true) form.apply(state);
  };
  const liveness = new Liveness(model, apply, ROUNDS_MAX);
  const exploration = explore(reduced ? new Reduction(model) : model, {
    form: apply,
    check: (state) => liveness.broken(state),
    ...limits,
  });
  return { ...exploration, check, roundsToAct: liveness.longest, helpless: liveness.helpless };
}
