/** The laws that the model asks when a node decides. `liveness.ts` asks the law "somebody-acts-again". */
import { beginsAlone, expelsOnlyUnwell, type Law, raisesTerm, type Violation } from "../protocol/laws.ts";
import type { Cluster, ModelOptions } from "./cluster.ts";
import { CHIP_FAULTS } from "./fault-classes.ts";
import { MODE, NODE } from "./layout.ts";
import type { Decided } from "./local-runs.ts";

/**
 * Whether to ask "nobody-well-is-expelled": with punctual wakes, no reset, and at most one fault, of a chip. With more,
 * a node that is well may be marked dead.
 */
const asksExpulsion = ({ punctual, crashes, budget, faults }: ModelOptions): boolean =>
  punctual &&
  crashes === 0 &&
  (budget === 0 || (budget === 1 && faults.every((fault) => CHIP_FAULTS.includes(fault))));

/**
 * The laws that a search must have put to the test. Where no node that is well may be expelled, none takes over either,
 * so that the law of terms has no occasion there.
 */
export const lawsAsked = (options: ModelOptions): Law[] => [
  "at-most-one-acts",
  "somebody-acts-again",
  ...(asksExpulsion(options)
    ? ["nobody-well-is-expelled" as const]
    : options.profile.terms
      ? ["terms-only-rise" as const]
      : []),
];

/** Asks the laws of a transition in which a node decides or acts. */
export class ModelLaws {
  readonly #cluster: Cluster;
  readonly #asksExpulsion: boolean;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#asksExpulsion = asksExpulsion(cluster.options);
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
    const { layout, options, coverage } = this.#cluster;
    for (let other = 0; other < layout.nodes; other++)
      if (other !== node && next[layout.node(other, NODE.mode)] !== MODE.off)
        coverage.laws.note("at-most-one-acts");
    const together = beginsAlone(node, this.#cluster.acting(next));
    if (together !== undefined) return together;
    if (!options.profile.terms) return undefined;
    const [before, actor] = [next[layout.actedTerm]!, next[layout.actor]! - 1];
    if (actor >= 0 && actor !== node) coverage.laws.note("terms-only-rise");
    const stale = raisesTerm(node, term, actor, before);
    if (stale !== undefined) return stale;
    next[layout.actedTerm] = term;
    next[layout.actor] = node + 1;
    return undefined;
  }
}
