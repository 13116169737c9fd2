/**
 * Whether a cluster recovers: from a state in which no node is awake, and with nothing more going wrong, a node acts
 * within a number of rounds. In a round every node wakes once, those in a settle sleep first; the schedule has the rest
 * of the order. A node that is off, a chip that is lost and a wire that is cut stay so.
 */
import { actsWithin, type Violation, type WakeOrder } from "../protocol/laws.ts";
import { CHIP, MODE, NODE } from "./layout.ts";
import type { Model } from "./model.ts";
import { SequenceSet } from "./sequence-set.ts";

/** Most steps that one wake may take. */
const STEPS_MAX = 100;
/** Most settle sleeps of a node in one round. */
const SETTLES_MAX = 2;
/** The outcome of a round in which a node acts. */
const ACTED = -1;

/** By name: the order in which nodes wake in a round, and what must sometimes happen for that to mean anything. */
export const SCHEDULES = {
  "in-turn": {
    order: "one after another, node 0 first",
    sometimes: "a node wakes after another one of the same round",
  },
  "in-turn-from-the-last": {
    order: "one after another, the last node first",
    sometimes: "a node wakes after another one of the same round",
  },
  lockstep: {
    order: "all at once, each an operation at a time",
    sometimes: "two nodes are awake at once",
  },
  adversary: {
    order: "in each round in the one of these orders that keeps them longest from acting",
    sometimes: "it has more than one order to choose from",
  },
} as const satisfies Readonly<Record<WakeOrder, { readonly order: string; readonly sometimes: string }>>;

/** An order of wakes under which a node must act again. */
export type Schedule = WakeOrder;
/** All names, in the order of `SCHEDULES`. */
export const SCHEDULE_NAMES = Object.keys(SCHEDULES) as Schedule[];
/** The schedules in which a state determines the order. */
const FIXED = ["in-turn", "in-turn-from-the-last", "lockstep"] as const;
type Fixed = (typeof FIXED)[number];

/** A round of wakes so far. */
interface Round {
  state: Int32Array;
  acted: boolean;
}

/** Asks the law "somebody-acts-again" of each state in which no node is awake, under each schedule. */
export class Liveness {
  readonly #model: Model;
  readonly #canonicalize: (state: Int32Array) => void;
  readonly #roundsMax: number;
  /** States in which no node is awake, by the parts that matter here. */
  readonly #ids = new SequenceSet();
  readonly #states: Int32Array[] = [];
  readonly #key: number[] = [];
  /** By fixed schedule and state: the state after a round, or `ACTED`. */
  readonly #rounds: Readonly<Record<Fixed, number[]>> = {
    "in-turn": [],
    "in-turn-from-the-last": [],
    lockstep: [],
  };
  /** By state: the round in which a node acts against the worst choice of the adversary; 0: not known yet. */
  readonly #worst: number[] = [];
  readonly #met = new Set<Schedule>();
  /** By schedule: most rounds that any state has taken so far. */
  readonly longest: Record<Schedule, number> = {
    "in-turn": 0,
    "in-turn-from-the-last": 0,
    lockstep: 0,
    adversary: 0,
  };
  /** Number of states in which nodes run, but none has both a network and enough chips. */
  statesWithoutCapableNode = 0;

  /** @param roundsMax rounds within which a node must act */
  constructor(model: Model, canonicalize: (state: Int32Array) => void, roundsMax: number) {
    this.#model = model;
    this.#canonicalize = canonicalize;
    this.#roundsMax = roundsMax;
  }

  /** The schedules without an occasion so far. */
  get unmet(): Schedule[] {
    return SCHEDULE_NAMES.filter((schedule) => !this.#met.has(schedule));
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
    const id = this.#idOf(this.#unhindered(state));
    for (const schedule of FIXED) {
      const rounds = this.#roundsUnder(schedule, id);
      if (rounds > this.#roundsMax) return this.#violation(schedule);
      this.longest[schedule] = Math.max(this.longest[schedule], rounds);
    }
    const rounds = this.#roundsAtWorst(id);
    if (rounds > this.#roundsMax) return this.#violation("adversary");
    this.longest.adversary = Math.max(this.longest.adversary, rounds);
    return undefined;
  }

  #violation(schedule: Schedule): Violation | undefined {
    const rounds = Number.POSITIVE_INFINITY;
    return schedule === "in-turn"
      ? actsWithin(rounds, this.#roundsMax, "rounds")
      : actsWithin(rounds, this.#roundsMax, "rounds", schedule);
  }

  #roundsUnder(schedule: Fixed, from: number): number {
    let id = from;
    for (let round = 1; round <= this.#roundsMax; round++) {
      id = this.#after(schedule, id);
      if (id === ACTED) return round;
    }
    return Number.POSITIVE_INFINITY;
  }

  #roundsAtWorst(id: number): number {
    const known = this.#worst[id];
    // A state that comes again within one search may come for ever.
    if (known !== undefined) return known === 0 ? Number.POSITIVE_INFINITY : known;
    this.#worst[id] = 0;
    let worst = 1;
    for (const schedule of FIXED) {
      const next = this.#after(schedule, id);
      if (next !== ACTED) worst = Math.max(worst, 1 + this.#roundsAtWorst(next));
    }
    this.#worst[id] = worst;
    return worst;
  }

  /** The state after a round, or `ACTED`. */
  #after(schedule: Fixed, id: number): number {
    const rounds = this.#rounds[schedule];
    rounds[id] ??= this.#play(schedule, this.#states[id]!);
    return rounds[id];
  }

  #play(schedule: Fixed, from: Int32Array): number {
    const round: Round = { state: from, acted: false };
    const nodes = this.#running(from);
    if (nodes.length > 1) this.#met.add(schedule).add("adversary");
    if (schedule === "lockstep") this.#wakeTogether(round, nodes);
    else {
      if (schedule === "in-turn-from-the-last") nodes.reverse();
      const [settling, sleeping] = this.#bySleep(from, nodes);
      for (const node of [...settling, ...sleeping]) if (!round.acted) this.#wakeTogether(round, [node]);
    }
    return round.acted ? ACTED : this.#idOf(round.state);
  }

  /** The nodes that are not off. */
  #running(state: Int32Array): number[] {
    const { layout } = this.#model;
    const nodes: number[] = [];
    for (let node = 0; node < layout.nodes; node++)
      if (state[layout.node(node, NODE.mode)] !== MODE.off) nodes.push(node);
    return nodes;
  }

  /** The nodes in a settle sleep, and the others. */
  #bySleep(state: Int32Array, nodes: readonly number[]): readonly [readonly number[], readonly number[]] {
    const { layout } = this.#model;
    const settles = (node: number): boolean => state[layout.node(node, NODE.mode)] === MODE.settle;
    return [nodes.filter(settles), nodes.filter((node) => !settles(node))];
  }

  /**
   * Wakes all nodes in lockstep, one operation of each at a time, also after settle sleeps, which are over before any
   * full one.
   */
  #wakeTogether(round: Round, nodes: readonly number[]): void {
    const [settling, sleeping] = this.#bySleep(round.state, nodes);
    for (const group of settling.length > 0 && sleeping.length > 0 ? [settling, sleeping] : [nodes]) {
      let awake = group;
      for (let settles = 0; awake.length > 0 && settles <= SETTLES_MAX && !round.acted; settles++) {
        this.#wakeOnce(round, awake);
        awake = this.#bySleep(round.state, awake)[0];
      }
    }
  }

  /** Wakes the nodes one after another, each for a whole wake. */
  #wakeOnce(round: Round, nodes: readonly number[]): void {
    const { layout } = this.#model;
    let awake = nodes;
    // A node that waits for the busy line takes no step. If no node takes one, they wait for ever.
    for (let step = 0, goesOn = true; goesOn && step < STEPS_MAX; step++) {
      goesOn = false;
      awake = awake.filter((node) => {
        const taken = this.#model.proceed(round.state, node);
        if (taken === undefined) return true;
        goesOn = true;
        round.state = taken.next;
        round.acted ||= taken.acts;
        return round.state[layout.node(node, NODE.mode)] === MODE.awake;
      });
    }
    this.#canonicalize(round.state);
  }

  /** The state with no faults left to come, so that states that differ in these alone are one. */
  #unhindered(state: Int32Array): Int32Array {
    const { layout } = this.#model;
    const copy = state.slice();
    copy[layout.faultsLeft] = 0;
    copy[layout.crashesLeft] = 0;
    copy[layout.actedTerm] = 0;
    copy[layout.actor] = 0;
    for (let node = 0; node < layout.nodes; node++) this.#backOff(copy, node);
    this.#canonicalize(copy);
    return copy;
  }

  /**
   * Sets the most joins that a node may still have to skip: the search's states do not say how many. Fewer are no worse. Up
   * to the first join nothing differs; it succeeds, or the node is offline and stays so.
   */
  #backOff(state: Int32Array, node: number): void {
    const { layout, runs, options, cluster } = this.#model;
    const mode = state[layout.node(node, NODE.mode)];
    if (!cluster.has("wifi-outage") || (mode !== MODE.period && mode !== MODE.settle)) return;
    const ref = layout.node(node, NODE.ref);
    const longest = options.profile.longestBackOff?.(runs.memories.get(state[ref]!));
    if (longest !== undefined) state[ref] = runs.memory(longest);
  }

  /**
   * The number of a state by the parts that matter here: not the faults still to come, and not who has slept how long.
   */
  #idOf(state: Int32Array): number {
    const { layout } = this.#model;
    const key = this.#key;
    key.length = 0;
    key.push(state[layout.busy]!);
    for (let chip = 0; chip < layout.chips; chip++)
      key.push(state[layout.chip(chip, CHIP.flags)]!, state[layout.chip(chip, CHIP.content)]!);
    for (let node = 0; node < layout.nodes; node++)
      for (const field of [NODE.mode, NODE.boot, NODE.ref, NODE.cause, NODE.flags])
        key.push(state[layout.node(node, field)]!);
    const id = this.#ids.id(key, key.length);
    if (id === this.#states.length) this.#states.push(state.slice());
    return id;
  }
}
