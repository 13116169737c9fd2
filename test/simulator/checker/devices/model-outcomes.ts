/** What the checker's model lets become of two nodes and two chips within a wake of each, or within one operation. */
import type { FaultClass } from "../../../../simulator/checker/fault-classes.ts";
import { garbage } from "../../../../simulator/checker/garbage.ts";
import { CAUSES, CHIP, MODE, NODE } from "../../../../simulator/checker/layout.ts";
import { Model } from "../../../../simulator/checker/model.ts";
import { HARDENED } from "../../../../simulator/checker/profiles.ts";
import { isOperation, nodeOf, type Transition } from "../../../../simulator/checker/transition.ts";
import { COLD, type HardenedMemory } from "../../../../simulator/protocol/hardened/memory.ts";
import { RECORD_BYTES } from "../../../../simulator/protocol/hardened/record.ts";
import { NODES, PAGE, PAGES, parsedPages, type Setout } from "./real-cluster.ts";

export const modelWith = (faults: readonly FaultClass[], budget: number, crashes: number): Model =>
  new Model({
    profile: HARDENED,
    nodes: NODES,
    witness: false,
    faults,
    budget,
    crashes,
    punctual: false,
  });

const modeOf = ({ layout }: Model, state: Int32Array, node: number): number =>
  state[layout.node(node, NODE.mode)]!;

/** After so many whole wakes, by turns, of which nothing disturbs any. */
export function afterWakes(model: Model, wakes: number): Int32Array {
  let state = model.initial();
  for (let wake = 0; wake < wakes; wake++)
    do state = model.proceed(state, wake % NODES)!.next;
    while (modeOf(model, state, wake % NODES) === MODE.awake);
  return state;
}

/** What the chips hold, from address 0 on. */
export const contentsOf = ({ layout, runs }: Model, state: Int32Array): Uint8Array[] =>
  Array.from({ length: NODES }, (_, chip) => runs.contents.get(state[layout.chip(chip, CHIP.content)]!));

/** With what a node that is asleep or off wakes next. */
export function setoutOf(model: Model, state: Int32Array, node: number): Setout {
  const { layout, runs } = model;
  const boot = state[layout.node(node, NODE.boot)]!;
  const coldStarts = state[layout.node(node, NODE.coldStarts)]!;
  if (modeOf(model, state, node) === MODE.reset) {
    const cause = CAUSES[state[layout.node(node, NODE.cause)]!]!;
    return { memory: COLD, start: { cause, boot: boot + 1, coldStarts: coldStarts + 1 } };
  }
  const memory = runs.memories.get(state[layout.node(node, NODE.ref)]!) as HardenedMemory;
  return { memory, start: { cause: "deep-sleep", boot, coldStarts } };
}

/** What is to be seen of an outcome: each page of each chip as parsed, and what became of each node. */
export const outcomeText = (contents: readonly Uint8Array[], nodes: readonly string[]): string =>
  [...contents.map((bytes) => parsedPages(bytes).join(" ")), ...nodes].join("\n");

export const GONE = "gone";

/** Every outcome of one wake of each node from `from` on, in every order of their effects, with the model's faults. */
export function outcomesOfWakes(model: Model, from: Int32Array): Set<string> {
  const outcomes = new Set<string>();
  const start = from.slice();
  start[model.layout.faultsLeft] = model.options.budget;
  start[model.layout.crashesLeft] = model.options.crashes;
  explore(
    model,
    start,
    (transition, done) => {
      const own = 1 << (nodeOf(transition) ?? 0);
      if (wakes(transition) && (done & own) !== 0) return undefined;
      return done | (wakes(transition) || isReset(transition) ? own : 0);
    },
    (state, done) => {
      if (done !== (1 << NODES) - 1) return "go on";
      const nodes: string[] = [];
      for (let node = 0; node < NODES; node++) {
        const mode = modeOf(model, state, node);
        if (mode === MODE.awake) return "go on";
        nodes.push(mode === MODE.reset ? GONE : JSON.stringify(setoutOf(model, state, node).memory));
      }
      outcomes.add(outcomeText(contentsOf(model, state), nodes));
      return "go on";
    },
  );
  return outcomes;
}

/** A node's wake is spent once it has begun, or once the node is gone. */
const wakes = (transition: Transition): boolean => isOperation(transition) && transition.woken !== undefined;
const isReset = ({ kind }: Transition): boolean => kind === "crash" || kind === "torn-write";

/** A write that a node is about to make. */
export interface PendingWrite {
  readonly chip: number;
  readonly address: number;
  readonly bytes: Uint8Array;
}

/**
 * Where node 0, which is asleep or off, has come as far as its first write, to chip 0.
 * @param noise whether the page that it is about to write holds noise by then
 */
export function beforeWrite(
  model: Model,
  from: Int32Array,
  noise = false,
): { state: Int32Array; write: PendingWrite } {
  let state = from;
  do state = model.proceed(state, 0)!.next;
  while (model.cluster.actionOf(state, 0)?.kind !== "write");
  const action = model.cluster.actionOf(state, 0)!;
  if (action.kind !== "write") throw new Error("not a write");
  const { chip, write } = action;
  const content = state[model.layout.chip(chip, CHIP.content)]!;
  const [before, after] = [content, model.runs.written(content, write)].map((id) =>
    model.runs.contents.get(id),
  );
  const address =
    PAGE *
    Array.from({ length: PAGES }, (_, page) => PAGE * page).findIndex(
      (at) => Buffer.compare(before!.subarray(at, at + PAGE), after!.subarray(at, at + PAGE)) !== 0,
    );
  if (noise) {
    state = state.slice();
    const rotten = before!.slice();
    rotten.set(garbage(RECORD_BYTES), address);
    state[model.layout.chip(chip, CHIP.content)] = model.runs.content(rotten);
  }
  return { state, write: { chip, address, bytes: after!.slice(address, address + RECORD_BYTES) } };
}

/** Every outcome of the write that node 0 is about to make: the chips, and what it learns, or that it is gone. */
export function outcomesOfWrite(model: Model, state: Int32Array): Set<string> {
  const reference = model.layout.node(0, NODE.ref);
  // There is another chip to write to, so that it is awake after a reply, and a wake apart for each.
  const [before, yes] = [state[reference]!, model.proceed(state, 0)!.next[reference]!];
  const outcomes = new Set<string>();
  const start = state.slice();
  start[model.layout.faultsLeft] = model.options.budget;
  start[model.layout.crashesLeft] = model.options.crashes;
  explore(
    model,
    start,
    (transition) => (nodeOf(transition) === 1 ? undefined : 0),
    (next) => {
      const awake = modeOf(model, next, 0) === MODE.awake;
      if (awake && next[reference] === before) return "go on";
      outcomes.add(outcomeText(contentsOf(model, next), [awake ? String(next[reference] === yes) : GONE]));
      return "stop";
    },
  );
  return outcomes;
}

/**
 * Breadth first through the states that `mark` admits; it is told the transition and what it marked the state before with, and
 * marks the next one, or leaves it out.
 */
function explore(
  model: Model,
  start: Int32Array,
  mark: (transition: Transition, before: number) => number | undefined,
  visit: (state: Int32Array, mark: number) => "go on" | "stop",
): void {
  const seen = new Set<string>();
  const queue: { state: Int32Array; marked: number }[] = [];
  const add = (state: Int32Array, marked: number): void => {
    const key = `${state.join()} ${marked}`;
    if (seen.has(key)) return;
    seen.add(key);
    if (visit(state, marked) !== "stop") queue.push({ state, marked });
  };
  add(start, 0);
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { state, marked } = next;
    model.successors(state, (after, transition) => {
      const to = mark(transition(), marked);
      if (to !== undefined) add(after.slice(), to);
    });
  }
}
