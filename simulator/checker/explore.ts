/**
 * Breadth-first search of all states that a model can reach. The first counterexample that it meets is a shortest one.
 */
import type { Violation } from "../protocol/laws.ts";
import { StateSet } from "./state-set.ts";
import type { Transition } from "./transition.ts";

/** What the search needs of a model. `Step` is a transition's type, `Broken` a violation's. */
export interface Explorable<Step = Transition, Broken = Violation> {
  readonly layout: {
    /** Integers of a state. */
    readonly width: number;
    /** Integers of a state as it is stored. */
    readonly packedWidth: number;
    pack(state: Int32Array, into: Int32Array): void;
    unpack(packed: Int32Array, into: Int32Array): void;
  };
  initial(): Int32Array;
  successors(
    state: Int32Array,
    emit: (next: Int32Array, transition: () => Step, violation: Broken | undefined) => void,
  ): void;
}

/** The outcome of a search. */
export interface Exploration<Step = Transition, Broken = Violation> {
  readonly states: number;
  readonly transitions: number;
  /** Steps from the start to the furthest state. */
  readonly depth: number;
  /** All states were searched; false where a limit or a violation came first. */
  readonly exhausted: boolean;
  readonly counterexample: Counterexample<Step, Broken> | undefined;
}

/** A shortest path from the start to a state or step that breaks a law. */
export interface Counterexample<Step = Transition, Broken = Violation> {
  readonly violation: Broken;
  /** Index of the starting state of its path. */
  readonly start: number;
  /** The steps in order, each with the state that it leads to. */
  readonly steps: readonly CounterexampleStep<Step>[];
}

/** The last step of a counterexample whose last state breaks a law, not a step to it. */
const FROM_HERE_ON = { kind: "from-here-on" } as const;

/** One transition of a counterexample. */
export interface CounterexampleStep<Step = Transition> {
  readonly transition: Step | typeof FROM_HERE_ON;
  /** The state that it leads to. */
  readonly state: Int32Array;
}

/** The last step of a counterexample, and the number of the state that it is taken from. */
interface LastStep<Step, Broken> extends CounterexampleStep<Step> {
  readonly parent: number;
  readonly violation: Broken;
}

/** What a search does with each state, and when it stops. */
export interface ExploreOptions<Broken = Violation> {
  /** The starting states, all searched at once; absent: the model's initial one alone. */
  readonly starts?: readonly Int32Array[];
  /** Replaces a state by its canonical form, in place. */
  readonly canonicalize: (state: Int32Array) => void;
  /** Called once for each state. @returns the law that it breaks; undefined: none */
  readonly check?: (state: Int32Array) => Broken | undefined;
  readonly statesMax?: number;
  /** Called after every 20,000 states searched, with all known and those yet to be searched. */
  readonly progress?: (states: number, queue: number) => void;
}

const PROGRESS_EVERY = 20_000;

/** Searches breadth first until a law is broken, all states are searched, or `statesMax` are known. */
export function explore<Step = Transition, Broken = Violation>(
  model: Explorable<Step, Broken>,
  options: ExploreOptions<Broken>,
): Exploration<Step, Broken> {
  const statesMax = options.statesMax ?? Number.POSITIVE_INFINITY;
  const set = new PackedStates(model.layout);
  const parents: number[] = [];
  // By start: its position. Two starts may have the same canonical form.
  const starts = (options.starts ?? [model.initial()]).map((one) => {
    const start = one.slice();
    options.canonicalize(start);
    const position = set.add(start);
    if (position === parents.length) parents.push(-1);
    return position;
  });
  const state = new Int32Array(model.layout.width);
  let transitions = 0;
  let found: LastStep<Step, Broken> | undefined;
  let depth = 0;
  let levelEnd = set.size;
  let at = 0;
  for (; at < set.size && found === undefined && set.size < statesMax; at++) {
    if (at === levelEnd) {
      depth += 1;
      levelEnd = set.size;
    }
    set.read(at, state);
    const broken = options.check?.(state);
    if (broken !== undefined) {
      found = { parent: at, state: state.slice(), transition: FROM_HERE_ON, violation: broken };
      break;
    }
    model.successors(state, (next, transition, violation) => {
      transitions += 1;
      if (violation !== undefined) {
        found ??= { parent: at, state: next.slice(), transition: transition(), violation };
        return;
      }
      options.canonicalize(next);
      if (set.add(next) === parents.length) parents.push(at);
    });
    if (at % PROGRESS_EVERY === 0) options.progress?.(set.size, set.size - at);
  }
  return {
    states: set.size,
    transitions,
    depth,
    exhausted: found === undefined && at === set.size,
    counterexample: found === undefined ? undefined : trace({ model, options, set, parents, starts }, found),
  };
}

class PackedStates {
  readonly #layout: Explorable["layout"];
  readonly #set: StateSet;
  readonly #packed: Int32Array;

  constructor(layout: Explorable["layout"]) {
    this.#layout = layout;
    this.#set = new StateSet(layout.packedWidth);
    this.#packed = new Int32Array(layout.packedWidth);
  }

  get size(): number {
    return this.#set.size;
  }

  add(state: Int32Array): number {
    this.#layout.pack(state, this.#packed);
    return this.#set.add(this.#packed);
  }

  read(position: number, into: Int32Array): void {
    this.#set.read(position, this.#packed);
    this.#layout.unpack(this.#packed, into);
  }
}

interface Searched<Step, Broken> {
  readonly model: Explorable<Step, Broken>;
  readonly options: ExploreOptions<Broken>;
  readonly set: PackedStates;
  readonly parents: readonly number[];
  readonly starts: readonly number[];
}

/**
 * The path to the last step. Transitions are not stored: each is found again as the one that leads to the next state.
 */
function trace<Step, Broken>(
  { model, options, set, parents, starts }: Searched<Step, Broken>,
  last: LastStep<Step, Broken>,
): Counterexample<Step, Broken> {
  const positions: number[] = [];
  for (let at = last.parent; at >= 0; at = parents[at]!) positions.unshift(at);
  const steps: CounterexampleStep<Step>[] = [];
  const from = new Int32Array(model.layout.width);
  for (let i = 1; i < positions.length; i++) {
    set.read(positions[i - 1]!, from);
    let found: CounterexampleStep<Step> | undefined;
    model.successors(from, (next, transition, violation) => {
      if (found !== undefined || violation !== undefined) return;
      options.canonicalize(next);
      if (set.add(next) === positions[i]) found = { transition: transition(), state: next.slice() };
    });
    if (found === undefined) throw new Error("a counterexample cannot be walked again");
    steps.push(found);
  }
  const { violation, transition, state } = last;
  return { violation, start: starts.indexOf(positions[0]!), steps: [...steps, { transition, state }] };
}
