/** Breadth-first search of all states that a model can come to. The first counterexample that it meets is a shortest one. */
import type { Emit, Label } from "./model.ts";
import { StateSet } from "./state-set.ts";

/** What a model has to offer to the search. */
export interface Explorable {
  readonly layout: {
    /** How many integers make a state, and how many it takes to store one. */
    readonly width: number;
    readonly packedWidth: number;
    pack(state: Int32Array, into: Int32Array): void;
    unpack(packed: Int32Array, into: Int32Array): void;
  };
  initial(): Int32Array;
  successors(state: Int32Array, emit: Emit): void;
}

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  /** Steps from the start to the furthest state. */
  readonly depth: number;
  /** False when the limit came first. */
  readonly exhausted: boolean;
  readonly counterexample: Counterexample | undefined;
}

export interface Counterexample {
  readonly violation: string;
  /** From the start, each with the state that it leads to. */
  readonly steps: readonly { readonly label: Label; readonly state: Int32Array }[];
}

export interface ExploreOptions {
  /** Brings a state into the form of all states that are like it, in place. */
  readonly form: (state: Int32Array) => void;
  /** Looked at once for each state; a text where it breaks a law. */
  readonly check?: (state: Int32Array) => string | undefined;
  readonly statesMax?: number;
  /** Called now and then. */
  readonly progress?: (states: number, queue: number) => void;
}

const PROGRESS_EVERY = 20_000;

export function explore(model: Explorable, options: ExploreOptions): Exploration {
  const statesMax = options.statesMax ?? Number.POSITIVE_INFINITY;
  const set = new PackedStates(model.layout);
  const parents: number[] = [];
  const start = model.initial();
  options.form(start);
  set.add(start);
  parents.push(-1);
  const state = new Int32Array(model.layout.width);
  let transitions = 0;
  let found: { parent: number; next: Int32Array; label: Label; violation: string } | undefined;
  let depth = 0;
  let levelEnd = 1;
  let at = 0;
  for (; at < set.size && found === undefined && set.size < statesMax; at++) {
    if (at === levelEnd) {
      depth += 1;
      levelEnd = set.size;
    }
    set.read(at, state);
    const broken = options.check?.(state);
    if (broken !== undefined) {
      found = { parent: at, next: state.slice(), label: { kind: "from-here-on" }, violation: broken };
      break;
    }
    model.successors(state, (next, label, violation) => {
      transitions += 1;
      if (violation !== undefined) {
        found ??= { parent: at, next: next.slice(), label: label(), violation };
        return;
      }
      options.form(next);
      if (set.add(next) === parents.length) parents.push(at);
    });
    if (at % PROGRESS_EVERY === 0) options.progress?.(set.size, set.size - at);
  }
  return {
    states: set.size,
    transitions,
    depth,
    exhausted: found === undefined && at === set.size,
    counterexample: found === undefined ? undefined : trace(model, options, set, parents, found),
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

/** The way to the last step: each state's label is found anew, by looking for the successor that it was. */
function trace(
  model: Explorable,
  options: ExploreOptions,
  set: PackedStates,
  parents: readonly number[],
  last: { parent: number; next: Int32Array; label: Label; violation: string },
): Counterexample {
  const positions: number[] = [];
  for (let at = last.parent; at >= 0; at = parents[at]!) positions.unshift(at);
  const steps: { label: Label; state: Int32Array }[] = [];
  const from = new Int32Array(model.layout.width);
  for (let i = 1; i < positions.length; i++) {
    set.read(positions[i - 1]!, from);
    let found: { label: Label; state: Int32Array } | undefined;
    model.successors(from, (next, label, violation) => {
      if (found !== undefined || violation !== undefined) return;
      options.form(next);
      if (set.add(next) === positions[i]) found = { label: label(), state: next.slice() };
    });
    if (found === undefined) throw new Error("a counterexample cannot be walked again");
    steps.push(found);
  }
  return { violation: last.violation, steps: [...steps, { label: last.label, state: last.next }] };
}
