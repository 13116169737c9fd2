/** The states in which a search begins: blank chips, and a cluster after a takeover. */
import { MODE, NODE } from "./layout.ts";
import type { Model } from "./model.ts";
import type { Transition } from "./transition.ts";

/** By name: the state of the cluster at the start. */
export const STARTS = {
  blank: "every node boots for the first time, on blank chips",
  running: "node 0 acted and lost its power, node 1 took over and acted, and node 0 is back as standby",
} as const;
/** Name of a starting state. */
export type Start = keyof typeof STARTS;
/** All names, in the order of `STARTS`. */
export const START_NAMES = Object.keys(STARTS) as Start[];

/** A starting state, and the steps that lead to it from blank chips. */
export interface StartState {
  readonly start: Start;
  readonly state: Int32Array;
  readonly prelude: readonly Transition[];
}

/** Most rounds until node 0 acts, or until node 1 has missed it twice and acts: more than either takes. */
const ROUNDS_MAX = 8;
/** Most steps that one wake may take. */
const STEPS_MAX = 100;

/**
 * A starting state. In each, all faults and resets are still to come.
 * @throws Error for a protocol in which node 1 does not take over
 */
export function startState(model: Model, start: Start): StartState {
  const blank = { start, state: model.initial(), prelude: [] };
  return start === "blank" ? blank : new Prelude(model, blank.state).takeover();
}

/** Takes the steps to a takeover: nothing goes wrong, except that node 0 loses its power once. */
class Prelude {
  readonly #model: Model;
  readonly #steps: Transition[] = [];
  #state: Int32Array;
  #lastToAct: number | undefined;

  constructor(model: Model, from: Int32Array) {
    this.#model = model;
    this.#state = from;
  }

  takeover(): StartState {
    const { layout } = this.#model;
    const nodes = Array.from({ length: layout.nodes }, (_, node) => node);
    for (let round = 0; round < ROUNDS_MAX && this.#lastToAct !== 0; round++) this.#wake(0);
    for (const node of nodes.slice(1)) this.#wake(node);
    this.#crash(0);
    for (let round = 0; round < ROUNDS_MAX && this.#lastToAct !== 1; round++)
      for (const node of nodes.slice(1)) this.#wake(node);
    this.#wake(0);
    const asleep = nodes.every((node) => this.#state[layout.node(node, NODE.mode)] === MODE.period);
    if (this.#lastToAct !== 1 || !asleep)
      throw new Error("this protocol comes to no start with a takeover behind it");
    return { start: "running", state: this.#state, prelude: this.#steps };
  }

  /** Wakes a node, also after its settle sleeps, up to its next full sleep. */
  #wake(node: number): void {
    const mode = this.#model.layout.node(node, NODE.mode);
    for (let step = 0; step < STEPS_MAX; step++) {
      const taken = this.#model.proceed(this.#state, node);
      if (taken === undefined) return;
      this.#state = taken.next;
      this.#steps.push(taken.transition());
      if (taken.acts) this.#lastToAct = node;
      if (this.#state[mode] !== MODE.awake && this.#state[mode] !== MODE.settle) return;
    }
  }

  /** Resets a node that is asleep: it boots at its next wake. */
  #crash(node: number): void {
    const { cluster } = this.#model;
    this.#state = this.#state.slice();
    cluster.reset(this.#state, node, "power-on");
    this.#steps.push({ kind: "crash", node, pageWritten: false });
  }
}
