/**
 * What must hold of every run of a failover protocol. The checker asks it of every state, the scenario's score counts
 * the violations, and the swarm's referee ends a run at the first.
 *
 * Each law has an occasion, a situation that puts it to the test. A search without the occasion counts as failed,
 * because a model in which nothing happens breaks no law.
 */
import { isNewerTerm } from "./serial.ts";

/** By name: what must always hold, and the occasion, which must sometimes happen for the law to mean anything. */
export const LAWS = {
  "at-most-one-acts": {
    always: "at most one node acts at a time",
    sometimes: "a node begins to act while another one runs",
  },
  "terms-only-rise": {
    always: "each new primary acts under a higher term than the one before",
    sometimes: "a node acts after another one did",
  },
  "somebody-acts-again": {
    always: "as long as one node could act, one acts within the bound",
    sometimes: "nobody acts for a while, although one could",
  },
  "nobody-well-is-expelled": {
    always: "a node that is well is not marked dead",
    sometimes: "a node is suspected",
  },
} as const satisfies Readonly<Record<string, { readonly always: string; readonly sometimes: string }>>;

/** Name of a law. */
export type Law = keyof typeof LAWS;
/** All names, in the order of `LAWS`. */
export const LAW_NAMES = Object.keys(LAWS) as Law[];

/** The order in which nodes wake in a round. `adversary`: in each round the worst of the other orders. */
export type WakeOrder = "in-turn" | "in-turn-from-the-last" | "lockstep" | "adversary";

/** A law that a run has broken: by which nodes, and under which terms. */
export type Violation =
  /** `node` begins to act while `others` do. */
  | { readonly law: "at-most-one-acts"; readonly node: number; readonly others: readonly number[] }
  /** `node` acts under `term` after `before.node` did under `before.term`. */
  | { readonly law: "terms-only-rise"; readonly node: number; readonly term: number; readonly before: Act }
  /**
   * Nobody acts for longer than `bound`: rounds of wakes in the checker, seconds in a run. `order`: that of the wakes
   * meanwhile; absent: in turn.
   */
  | {
      readonly law: "somebody-acts-again";
      readonly bound: number;
      readonly unit: "rounds" | "seconds";
      readonly order?: WakeOrder;
    }
  /** `by` marks `node` dead, which is well. */
  | { readonly law: "nobody-well-is-expelled"; readonly by: number; readonly node: number };

/** A node that acts, and its term. */
export interface Act {
  readonly node: number;
  /** The claim under which it acts, from 1 on; 0: nobody has acted yet, or the protocol has no terms. */
  readonly term: number;
}

/**
 * Asks "at-most-one-acts" of a node that begins to act. @returns the violation; undefined: it acts alone
 * @param acting the nodes that act then; `node` itself may be among them
 */
export function beginsAlone(node: number, acting: Iterable<number>): Violation | undefined {
  const others = [...acting].filter((other) => other !== node);
  return others.length === 0 ? undefined : { law: "at-most-one-acts", node, others };
}

/**
 * Asks "terms-only-rise" of a node that begins to act. The same node may act again under the same term, and a protocol
 * without terms breaks nothing. The parameters are numbers, not an `Act`: the checker asks this millions of times.
 * @param beforeNode the node that acted under the highest term so far
 * @param beforeTerm that term; 0: none has acted
 */
export function raisesTerm(
  node: number,
  term: number,
  beforeNode: number,
  beforeTerm: number,
): Violation | undefined {
  const isStale = isNewerTerm(beforeTerm, term) || (term > 0 && term === beforeTerm && node !== beforeNode);
  if (!isStale) return undefined;
  return { law: "terms-only-rise", node, term, before: { node: beforeNode, term: beforeTerm } };
}

/**
 * Asks "somebody-acts-again".
 * @param quiet how long nobody has acted, in `unit` like `bound`
 * @param order of the wakes meanwhile, as the violation has it
 */
export function actsWithin(
  quiet: number,
  bound: number,
  unit: "rounds" | "seconds",
  order?: WakeOrder,
): Violation | undefined {
  if (quiet <= bound) return undefined;
  return { law: "somebody-acts-again", bound, unit, ...(order === undefined ? {} : { order }) };
}

/**
 * Asks "nobody-well-is-expelled". @returns a violation for each node that is marked dead and is well
 * @param by the node that marks others dead
 * @param expelled the nodes that it marks
 * @param isWell the caller's view: the checker goes by the node's mode, a run by the node's power
 */
export function expelsOnlyUnwell(
  by: number,
  expelled: readonly number[],
  isWell: (node: number) => boolean,
): Violation[] {
  return expelled.filter(isWell).map((node): Violation => ({ law: "nobody-well-is-expelled", by, node }));
}

/**
 * The laws that have had their occasion, in a search or in a run. A bit mask, because a search notes one at each step.
 */
export class Occasions {
  #mask = 0;

  note(law: Law): void {
    this.#mask |= BIT[law];
  }

  has(law: Law): boolean {
    return (this.#mask & BIT[law]) !== 0;
  }

  /** Notes all of `laws`. */
  add(laws: Iterable<Law>): void {
    for (const law of laws) this.note(law);
  }

  /** The laws noted, in the order of `LAWS`. */
  get laws(): Law[] {
    return LAW_NAMES.filter((law) => this.has(law));
  }

  /** Those of `asked` that were never put to the test. */
  missing(asked: readonly Law[]): Law[] {
    return asked.filter((law) => !this.has(law));
  }
}

const BIT = Object.fromEntries(LAW_NAMES.map((law, index) => [law, 1 << index])) as Readonly<
  Record<Law, number>
>;
