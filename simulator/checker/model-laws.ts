/** The laws that the model asks when a node decides. `liveness.ts` asks the law "somebody-acts-again". */
import { beginsAlone, expelsOnlyUnwell, type Law, raisesTerm, type Violation } from "../protocol/laws.ts";
import type { Cluster, ModelOptions } from "./cluster.ts";
import { CHIP_FAULTS } from "./fault-classes.ts";
import { MODE, NODE } from "./layout.ts";
import type { Decided } from "./local-runs.ts";

const isUnasked = ({ unasked = [] }: ModelOptions, law: Law): boolean => unasked.includes(law);

/**
 * Whether to ask "nobody-well-is-expelled": with punctual wakes, no reset, and at most one fault, of a chip. With more,
 * a node that is well may be marked dead.
 */
const asksExpulsion = (options: ModelOptions): boolean => {
  const { punctual, crashes, budget, faults } = options;
  return (
    !isUnasked(options, "nobody-well-is-expelled") &&
    punctual &&
    crashes === 0 &&
    (budget === 0 || (budget === 1 && faults.every((fault) => CHIP_FAULTS.includes(fault))))
  );
};

/**
 * The laws that a search must have put to the test. Where no node that is well may be expelled, none takes over either,
 * so that the law of terms has no occasion there.
 */
export const lawsAsked = (options: ModelOptions): Law[] => {
  const expulsion = asksExpulsion(options);
  const asked: readonly Law[] = [
    "at-most-one-acts",
    ...(options.profile.terms && !expulsion ? ["terms-only-rise" as const] : []),
    "somebody-acts-again",
    ...(expulsion ? ["nobody-well-is-expelled" as const] : []),
  ];
  return asked.filter((law) => !isUnasked(options, law));
};

/** Asks the laws of a transition in which a node decides or acts. */
export class ModelLaws {
  readonly #cluster: Cluster;
  readonly #asksExpulsion: boolean;
  readonly #asksExclusion: boolean;
  readonly #asksTerms: boolean;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    const { options } = cluster;
    this.#asksExpulsion = asksExpulsion(options);
    this.#asksExclusion = !isUnasked(options, "at-most-one-acts");
    this.#asksTerms = options.profile.terms && !isUnasked(options, "terms-only-rise");
  }

  /**
   * The law that a decision breaks. Where it breaks none and the node begins to act, its term is noted in `next`.
   * @param acts the node begins to act after this decision
   */
  violationOf(next: Int32Array, node: number, decided: Decided, acts: boolean): Violation | undefined {
    const { laws } = this.#cluster.coverage;
    if (this.#asksExpulsion) {
      if (decided.suspects) laws.note("nobody-well-is-expelled");
      if (decided.expelled.length > 0) {
        const [violation] = expelsOnlyUnwell(node, decided.expelled, (peer) => this.#isWell(next, peer));
        if (violation !== undefined) return violation;
      }
    }
    return acts ? this.#beginsToAct(next, node, decided.term) : undefined;
  }

  #isWell(state: Int32Array, node: number): boolean {
    const mode = state[this.#cluster.layout.node(node, NODE.mode)];
    return mode !== MODE.off && mode !== MODE.reset;
  }

  #beginsToAct(next: Int32Array, node: number, term: number): Violation | undefined {
    const { layout, coverage } = this.#cluster;
    if (this.#asksExclusion) {
      for (let other = 0; other < layout.nodes; other++)
        if (other !== node && next[layout.node(other, NODE.mode)] !== MODE.off)
          coverage.laws.note("at-most-one-acts");
      const together = beginsAlone(node, this.#cluster.acting(next));
      if (together !== undefined) return together;
    }
    // The last node to act is part of the state only if the law "terms-only-rise" is asked.
    if (!this.#asksTerms) return undefined;
    const [before, actor] = [next[layout.actedTerm]!, next[layout.actor]! - 1];
    if (actor >= 0 && actor !== node) coverage.laws.note("terms-only-rise");
    const stale = raisesTerm(node, term, actor, before);
    if (stale !== undefined) return stale;
    next[layout.actedTerm] = term;
    next[layout.actor] = node + 1;
    return undefined;
  }
}
