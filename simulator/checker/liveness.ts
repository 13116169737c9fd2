/**
 * Whether a cluster recovers: from a state in which no node is awake, and with nothing more going wrong, a node acts
 * within a number of rounds. In a round the nodes wake in turn, those in a settle sleep first. A node that is off, a
 * chip that is lost and a wire that is cut stay so.
 */
import { actsWithin, type Violation } from "../protocol/laws.ts";
import { CHIP, MODE, NODE } from "./layout.ts";
import type { Model } from "./model.ts";

/** Most steps that one wake may take. */
const STEPS_MAX = 100;

/** Asks the law "somebody-acts-again" of each state in which no node is awake. */
export class Liveness {
  readonly #model: Model;
  readonly #canonicalize: (state: Int32Array) => void;
  readonly #roundsMax: number;
  readonly #known = new Map<string, number | undefined>();
  /** Most rounds that any state has taken so far. */
  longest = 0;
  /** Number of states in which nodes run, but none has both a network and enough chips. */
  statesWithoutCapableNode = 0;

  /** @param roundsMax rounds within which a node must act */
  constructor(model: Model, canonicalize: (state: Int32Array) => void, roundsMax: number) {
    this.#model = model;
    this.#canonicalize = canonicalize;
    this.#roundsMax = roundsMax;
  }

  /** Undefined where a node acts within the rounds, where none can, and where one is awake. */
  violationOf(state: Int32Array): Violation | undefined {
    const { layout, cluster } = this.#model;
    let running = 0;
    let capable = 0;
    for (let node = 0; node < layout.nodes; node++) {
      const mode = state[layout.node(node, NODE.mode)];
      if (mode === MODE.awake) return undefined;
      if (mode === MODE.off) continue;
      running += 1;
      if (cluster.isOnline(state, node) && cluster.usableChips(state, node) >= cluster.chipsNeeded)
        capable += 1;
    }
    if (running === 0) return undefined;
    if (capable === 0) {
      this.statesWithoutCapableNode += 1;
      return undefined;
    }
    cluster.coverage.laws.note("somebody-acts-again");
    const rounds = this.#rounds(state.slice());
    if (rounds === undefined) return actsWithin(Number.POSITIVE_INFINITY, this.#roundsMax, "rounds");
    this.longest = Math.max(this.longest, rounds);
    return undefined;
  }

  /** The round in which a node acts, from 1 on; undefined: none of them does. */
  #rounds(from: Int32Array): number | undefined {
    const { layout } = this.#model;
    const key = this.#key(from);
    if (this.#known.has(key)) return this.#known.get(key);
    let state = from;
    let found: number | undefined;
    for (let round = 1; round <= this.#roundsMax && found === undefined; round++) {
      for (const node of this.#order(state)) {
        const woken = this.#wake(state, node);
        state = woken.state;
        if (woken.acted) found = round;
        // A settle sleep is over before any full one is.
        for (let again = 0; state[layout.node(node, NODE.mode)] === MODE.settle && again < 2; again++) {
          const settled = this.#wake(state, node);
          state = settled.state;
          if (settled.acted) found = round;
        }
        if (found !== undefined) break;
      }
    }
    this.#known.set(key, found);
    return found;
  }

  #order(state: Int32Array): number[] {
    const { layout } = this.#model;
    const settles = (node: number) => (state[layout.node(node, NODE.mode)] === MODE.settle ? 0 : 1);
    return Array.from({ length: layout.nodes }, (_, node) => node).sort((x, y) => settles(x) - settles(y));
  }

  /** One whole wake with nothing going wrong. @returns a state in canonical form */
  #wake(from: Int32Array, node: number): { state: Int32Array; acted: boolean } {
    const { layout } = this.#model;
    let state = from;
    let acted = false;
    for (let step = 0; step < STEPS_MAX; step++) {
      const taken = this.#model.proceed(state, node);
      if (taken === undefined) break;
      state = taken.next;
      acted ||= taken.acts;
      if (state[layout.node(node, NODE.mode)] !== MODE.awake) break;
    }
    this.#canonicalize(state);
    return { state, acted };
  }

  /** The parts of a state that matter here: not the faults still to come, and not who has slept how long. */
  #key(state: Int32Array): string {
    const { layout } = this.#model;
    const parts: number[] = [state[layout.busy]!];
    for (let chip = 0; chip < layout.chips; chip++)
      parts.push(state[layout.chip(chip, CHIP.flags)]!, state[layout.chip(chip, CHIP.content)]!);
    for (let node = 0; node < layout.nodes; node++)
      for (const field of [NODE.mode, NODE.boot, NODE.ref, NODE.cause, NODE.flags])
        parts.push(state[layout.node(node, field)]!);
    return parts.join();
  }
}
