/**
 * What must hold of every run of a failover protocol. The checker asks it of every state, the scenario's score counts what
 * breaks it, and the swarm's referee ends a run with it.
 *
 * Each law has an occasion beside it: a law that was never put to the test fails, because a model in which nothing happens
 * breaks no law.
 */

/** By name: what always holds, and what must sometimes happen for that to mean anything. */
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

/** One of the laws, by its name. */
export type Law = keyof typeof LAWS;
/** All of them, in the order in which they are asked. */
export const LAW_NAMES = Object.keys(LAWS) as Law[];

/** A law that a run has broken: by which nodes, and under which terms. */
export type Violation =
  /** `node` begins to act while `others` do. */
  | { readonly law: "at-most-one-acts"; readonly node: number; readonly others: readonly number[] }
  /** `node` acts under `term` after `before.node` did under `before.term`. */
  | { readonly law: "terms-only-rise"; readonly node: number; readonly term: number; readonly before: Act }
  /** Nobody acts for longer than `bound`, which is in `unit`: rounds of wakes in the checker. */
  | { readonly law: "somebody-acts-again"; readonly bound: number; readonly unit: "rounds" | "seconds" }
  | { readonly law: "nobody-well-is-expelled"; readonly by: number; readonly node: number };

/** That a node acts. */
export interface Act {
  readonly node: number;
  /** The claim under which it acts, from 1 on; 0: nobody has acted yet, or the protocol has no terms. */
  readonly term: number;
}

/** @param acting nodes that act when `node` begins to; `node` itself may be among them */
export function beginsAlone(node: number, acting: Iterable<number>): Violation | undefined {
  const others = [...acting].filter((other) => other !== node);
  return others.length === 0 ? undefined : { law: "at-most-one-acts", node, others };
}

/**
 * Numbers, not an `Act`: the checker asks it millions of times.
 * @param beforeNode the node that acted under the highest term so far, which is `beforeTerm`; 0: none has
 */
export function raisesTerm(
  node: number,
  term: number,
  beforeNode: number,
  beforeTerm: number,
): Violation | undefined {
  const isStale = term < beforeTerm || (term > 0 && term === beforeTerm && node !== beforeNode);
  if (!isStale) return undefined;
  return { law: "terms-only-rise", node, term, before: { node: beforeNode, term: beforeTerm } };
}

/** @param quiet for how long nobody has acted, in `unit` as `bound` is */
export function actsWithin(quiet: number, bound: number, unit: "rounds" | "seconds"): Violation | undefined {
  return quiet <= bound ? undefined : { law: "somebody-acts-again", bound, unit };
}

/**
 * @param by the node that marks others dead
 * @param expelled those that it marks
 * @param isWell each caller has its own view of that: the checker the node's mode, a run the node's power
 */
export function expelsOnlyUnwell(
  by: number,
  expelled: readonly number[],
  isWell: (node: number) => boolean,
): Violation[] {
  return expelled.filter(isWell).map((node): Violation => ({ law: "nobody-well-is-expelled", by, node }));
}

/**
 * Which laws have had their occasion, in a search or in a run.
 * Additions are cheap enough for each step of a search.
 */
export class Occasions {
  #mask = 0;

  note(law: Law): void {
    this.#mask |= BIT[law];
  }

  has(law: Law): boolean {
    return (this.#mask & BIT[law]) !== 0;
  }

  /** Takes over what `other` has seen. */
  add(laws: Iterable<Law>): void {
    for (const law of laws) this.note(law);
  }

  /** In the order of `LAWS`. */
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
