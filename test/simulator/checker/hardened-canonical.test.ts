/** Single states and their canonical forms; that forms lead where their states do is hardened-canonical.long.test.ts's. */
import type { Check } from "../../../simulator/checker/checks.ts";
import { modelOf } from "../../../simulator/checker/checks.ts";
import { PAGE } from "../../../simulator/checker/cluster.ts";
import type { FaultClass } from "../../../simulator/checker/fault-classes.ts";
import { type CanonicalOptions, HardenedCanonical } from "../../../simulator/checker/hardened-canonical.ts";
import { CHIP, MODE, NODE } from "../../../simulator/checker/layout.ts";
import type { Model } from "../../../simulator/checker/model.ts";
import type { HardenedMemory } from "../../../simulator/protocol/hardened/memory.ts";
import { checkOf } from "./support/check.ts";

/** Both nodes have acted or stood by, and are in a full sleep; then these nodes' whole wakes. */
function after(model: Model, wakes: readonly number[]): Int32Array {
  const { layout } = model;
  let state = model.initial();
  const wake = (node: number): void => {
    do state = model.proceed(state, node)!.next;
    while (state[layout.node(node, NODE.mode)] !== MODE.period);
  };
  for (const node of [0, 1, ...wakes]) wake(node);
  return state;
}

/** What node 1 remembers of node 0 in the form of that state. */
function remembered(wakes: readonly number[], check: Check = checkOf([]), options: CanonicalOptions = {}) {
  const model = modelOf(check);
  const state = after(model, wakes);
  new HardenedCanonical(model, options).canonicalize(state);
  const ref = state[model.layout.node(1, NODE.ref)]!;
  const { seen, misses } = model.runs.memories.get(ref) as HardenedMemory;
  return { seen: seen[0], misses: misses[0] };
}

const STANDS = { seen: [1, 0], misses: 1 };

test("a node was missed and has not moved since -> its record as it was seen, and the miss, are kept", () => {
  expect(remembered([1])).toEqual(STANDS);
});

// With whole wakes of node 0 between two of node 1, however many: it is new to node 1 that it has moved.
test.each([[[0]], [[1, 0]], [[1, 0, 0]]])(
  "a node that has moved since, by wakes %j -> neither is kept",
  (wakes) => {
    expect(remembered(wakes)).toEqual({ seen: undefined, misses: 0 });
  },
);

test.each<[string, Check, CanonicalOptions]>([
  ["an earlier memory may come back, and write that record anew", checkOf(["stale-memory"]), {}],
  ["books are kept of who has moved", checkOf([]), { bookkeeping: true }],
])("%s -> both are kept", (_, check, options) => {
  expect(remembered([1, 0], check, options)).toEqual({ seen: expect.anything(), misses: 1 });
});

// "Damaged, then dead" and "dead, then damaged" came to two forms.
test.each<[FaultClass, string, number]>([
  ["node-dies", "its two pages may change places", 1],
  ["power-cut", "it may boot again, and its pages stay where they are", 2],
])("off after %s -> %s", (fault, _, forms) => {
  const found = [[], [0, 1]].map((wakes) => {
    const model = modelOf(checkOf([fault, "eeprom-noise"], { onceEach: true }));
    const state = after(model, wakes);
    model.cluster.reset(state, 0, "power-on");
    state[model.layout.node(0, NODE.mode)] = MODE.off;
    // Noise is still to come.
    state[model.layout.faultsLeft] = 2;
    new HardenedCanonical(model, { pagesSwap: true }).canonicalize(state);
    const chip = model.runs.contents.get(state[model.layout.chip(0, CHIP.content)]!);
    return Buffer.from(chip.subarray(0, 2 * PAGE)).toString("hex");
  });
  expect(new Set(found).size).toBe(forms);
});
