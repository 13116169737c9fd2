/**
 * The form of a state stands for all states that have it: from a state as it came about, and from its form, the same
 * steps lead to the same forms, with the same violations. Walked at random, with every class of faults.
 */

import { FAULT_CLASS_NAMES, type FaultClass } from "../../../simulator/checker/fault-classes.ts";
import { HardenedForm } from "../../../simulator/checker/hardened-form.ts";
import { Model } from "../../../simulator/checker/model.ts";
import { rngStream } from "../../../simulator/engine/rng.ts";
import type { HardenedMemory } from "../../../simulator/protocol/hardened/decide.ts";
import { HARDENED } from "../../../simulator/protocol/hardened/hardened.ts";
import type { Protocol } from "../../../simulator/protocol/protocol.ts";
import { blankChip } from "../protocol/hardened/chips.ts";

const WALKS = 4;
const STEPS = 150;

/** The form has a node that could not publish hold back for two wakes, not for a day: the one thing it does not keep. */
const SHORT_OF_TEMPER: Protocol<HardenedMemory> = {
  ...HARDENED,
  *wake(seat, memory, start) {
    const result = yield* HARDENED.wake(seat, memory, start);
    return { ...result, memory: { ...result.memory, disgrace: Math.min(2, result.memory.disgrace) } };
  },
};

const modelOf = (faults: readonly FaultClass[], nodes: number, witness: boolean): Model =>
  new Model({
    protocol: SHORT_OF_TEMPER,
    nodes,
    witness,
    chip: blankChip(nodes),
    faults,
    budget: faults.length,
    crashes: 1,
    punctual: false,
    busyLine: false,
    chipsNeeded: witness ? 2 : 1,
    terms: true,
  });

/** Each step from a state: what it is, what it breaks, and the form that it leads to. */
function steps(model: Model, form: HardenedForm, state: Int32Array): Map<string, Int32Array> {
  const found = new Map<string, Int32Array>();
  model.successors(state, (next, label, violation) => {
    const raw = next.slice();
    form.apply(next);
    const { kind, node, chip, detail } = label();
    found.set([kind, node, chip, detail, violation !== undefined, next.join(" ")].join(), raw);
  });
  return found;
}

function walk(model: Model, form: HardenedForm, seed: number): void {
  const rng = rngStream(seed, "walk");
  let raw = model.initial();
  for (let step = 0; step < STEPS; step++) {
    const formed = raw.slice();
    form.apply(formed);
    const [fromRaw, fromForm] = [steps(model, form, raw), steps(model, form, formed)];
    expect([...fromRaw.keys()].sort()).toEqual([...fromForm.keys()].sort());
    const nexts = [...fromRaw.values()];
    if (nexts.length === 0) return;
    raw = nexts[rng.below(nexts.length)]!;
  }
}

describe.each([
  [2, false],
  [2, true],
  [3, false],
])("%i nodes, witness %s", (nodes, witness) => {
  test.each<[string, readonly FaultClass[]]>([
    ["nothing", []],
    ...FAULT_CLASS_NAMES.map((name): [string, FaultClass[]] => [name, [name]]),
  ])("%s -> a state and its form lead to the same forms", (_, faults) => {
    const model = modelOf(faults, nodes, witness);
    const form = new HardenedForm(model, false);
    for (let seed = 1; seed <= WALKS; seed++) walk(model, form, seed);
  });
});
