/** What the reduced search leaves out changes nothing of what is found: the same states at rest, the same promises. */
import { type Check, modelOf } from "../../../simulator/checker/checks.ts";
import { type Explorable, explore } from "../../../simulator/checker/explore.ts";
import { FAULT_CLASS_NAMES, type FaultClass } from "../../../simulator/checker/fault-classes.ts";
import { HardenedForm } from "../../../simulator/checker/hardened-form.ts";
import { MODE, NODE } from "../../../simulator/checker/layout.ts";
import type { Model } from "../../../simulator/checker/model.ts";
import { Reduction } from "../../../simulator/checker/reduction.ts";

const checkOf = (faults: readonly FaultClass[], more: Partial<Check> = {}): Check => ({
  protocol: "hardened",
  nodes: 2,
  witness: false,
  faults,
  budget: faults.length,
  onceEach: true,
  crashes: 0,
  punctual: false,
  bookkeeping: false,
  ...more,
});

/** Every state in which nobody is awake, all in all, and whether a law was broken. */
function search(model: Model, explorable: Explorable) {
  const { layout } = model;
  const form = new HardenedForm(model, false);
  const atRest = new Set<string>();
  const { states, exhausted } = explore(explorable, {
    form: (state) => form.apply(state),
    check: (state) => {
      for (let node = 0; node < layout.nodes; node++)
        if (state[layout.node(node, NODE.mode)] === MODE.awake) return undefined;
      // Numbers of contents and memories are those of one model.
      atRest.add(described(model, state));
      return undefined;
    },
  });
  return { atRest, states, exhausted };
}

function described({ layout, runs }: Model, state: Int32Array): string {
  const parts: unknown[] = [
    state[layout.faultsLeft],
    state[layout.crashesLeft],
    state[layout.actedTerm],
    state[layout.actor],
  ];
  for (let chip = 0; chip < layout.chips; chip++)
    parts.push(
      state[layout.chip(chip, 0)],
      Buffer.from(runs.contents.get(state[layout.chip(chip, 1)]!)).toString("hex"),
    );
  for (let node = 0; node < layout.nodes; node++) {
    const mode = state[layout.node(node, NODE.mode)];
    for (const field of [NODE.mode, NODE.blockedBy, NODE.boot, NODE.cause, NODE.flags])
      parts.push(state[layout.node(node, field)]);
    const asleep = mode === MODE.period || mode === MODE.settle;
    parts.push(asleep ? runs.memories.get(state[layout.node(node, NODE.ref)]!) : undefined);
  }
  return JSON.stringify(parts);
}

test.each<[string, Check]>([
  ["nothing", checkOf([])],
  ["two resets", checkOf([], { crashes: 2 })],
  ...FAULT_CLASS_NAMES.map((name): [string, Check] => [name, checkOf([name])]),
  ["write-error and a reset", checkOf(["write-error"], { crashes: 1 })],
  ["read-error and write-unconfirmed", checkOf(["read-error", "write-unconfirmed"])],
  ["node-dies and chip-noise", checkOf(["node-dies", "chip-noise"])],
  ["a witness chip", checkOf([], { witness: true })],
])("%s -> the same states at rest, and as many promises", (_, check) => {
  const full = modelOf(check);
  const reduced = modelOf(check);
  const [all, some] = [search(full, full), search(reduced, new Reduction(reduced))];
  expect(some.exhausted).toBe(all.exhausted);
  if (!all.exhausted) return;
  expect(some.states).toBeLessThanOrEqual(all.states);
  expect(some.atRest.size).toBe(all.atRest.size);
  for (const state of all.atRest) if (!some.atRest.has(state)) throw new Error(`not found: ${state}`);
});
