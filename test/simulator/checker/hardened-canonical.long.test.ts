/**
 * The form of a state stands for all states that have it: from a state as it came about, and from its form, the same
 * steps lead to the same forms, with the same violations. Walked at random, with every class of faults.
 */

import { FAULT_CLASS_NAMES, type FaultClass } from "../../../simulator/checker/fault-classes.ts";
import { HardenedCanonical } from "../../../simulator/checker/hardened-canonical.ts";
import { Model } from "../../../simulator/checker/model.ts";
import { HARDENED as PROFILE } from "../../../simulator/checker/profiles.ts";
import { chipOf, nodeOf } from "../../../simulator/checker/transition.ts";
import { rngStream } from "../../../simulator/engine/rng.ts";
import { HARDENED } from "../../../simulator/protocol/hardened/hardened.ts";
import type { HardenedMemory } from "../../../simulator/protocol/hardened/memory.ts";
import type { Protocol } from "../../../simulator/protocol/protocol.ts";
import { HOLD_DOWN_WAKES } from "../../../simulator/protocol/timing.ts";

const WALKS = 4;
const STEPS = 150;
/** One step in so many may be a fault. */
const FAULT_ODDS = 40;

/** The form has a node that could not publish hold back for any time, not for a number of wakes, and skip no join. */
const UNFORGIVING: Protocol<HardenedMemory> = {
  ...HARDENED,
  *wake(context, memory, start) {
    const result = yield* HARDENED.wake(context, memory, start);
    return {
      ...result,
      memory: {
        ...result.memory,
        joinsToSkip: 0,
        joinsFailed: 0,
        holdDownWakes: result.memory.holdDownWakes > 0 ? HOLD_DOWN_WAKES : 0,
      },
    };
  },
};

const modelOf = (faults: readonly FaultClass[], nodes: number, witness: boolean, crashes: number): Model =>
  new Model({
    profile: { ...PROFILE, protocol: UNFORGIVING },
    nodes,
    witness,
    faults,
    budget: faults.length,
    crashes,
    punctual: false,
  });

interface Step {
  readonly raw: Int32Array;
  readonly fault: boolean;
}

/** Each step from a state: what it is, what it breaks, and the form that it leads to; which page is struck may be told only by that. */
function steps(model: Model, canonical: HardenedCanonical, state: Int32Array): Map<string, Step> {
  const found = new Map<string, Step>();
  model.successors(state, (next, made, violation) => {
    const raw = next.slice();
    canonical.canonicalize(next);
    const transition = made();
    const { kind } = transition;
    const woken = "woken" in transition ? transition.woken : undefined;
    const fault = kind === "crash" || FAULT_CLASS_NAMES.includes(kind as FaultClass);
    const key = [
      kind,
      woken,
      nodeOf(transition),
      chipOf(transition),
      violation !== undefined,
      next.join(" "),
    ];
    found.set(key.join(), { raw, fault });
  });
  return found;
}

/** @returns how many faults, and resets, were still to come at each step, in all */
function walk(model: Model, canonical: HardenedCanonical, seed: number): number {
  const rng = rngStream(seed, "walk");
  const { layout } = model;
  let raw = model.initial();
  let waited = 0;
  for (let step = 0; step < STEPS; step++) {
    const formed = raw.slice();
    canonical.canonicalize(formed);
    const [fromRaw, fromForm] = [steps(model, canonical, raw), steps(model, canonical, formed)];
    expect([...fromRaw.keys()].sort()).toEqual([...fromForm.keys()].sort());
    const nexts = [...fromRaw.values()];
    // Most steps are no faults, or all of them would come at the start.
    const usual = nexts.filter(({ fault }) => !fault);
    const from = usual.length > 0 && rng.below(FAULT_ODDS) > 0 ? usual : nexts;
    if (from.length === 0) break;
    waited += raw[layout.faultsLeft]! + raw[layout.crashesLeft]!;
    raw = from[rng.below(from.length)]!.raw;
  }
  return waited;
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
    let waited = 0;
    for (const crashes of [0, 1]) {
      const model = modelOf(faults, nodes, witness, crashes);
      const canonical = new HardenedCanonical(model, { pagesSwap: true });
      for (let seed = 1; seed <= WALKS; seed++) waited += walk(model, canonical, seed);
    }
    expect(waited).toBeGreaterThan(0);
  });
});
