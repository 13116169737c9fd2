import { modelOf } from "../../../simulator/checker/checks.ts";
import { MODE, NODE } from "../../../simulator/checker/layout.ts";
import { startState } from "../../../simulator/checker/starts.ts";
import type { Transition } from "../../../simulator/checker/transition.ts";
import { MUTANTS } from "./mutants/mutants.ts";
import { checkOf as check } from "./support/check.ts";

const modeOf = ({ layout }: ReturnType<typeof modelOf>, state: Int32Array, node: number) =>
  state[layout.node(node, NODE.mode)];

test("blank -> both nodes are about to boot, and no step leads there", () => {
  const model = modelOf(check([]));
  const { state, prelude } = startState(model, "blank");
  expect([0, 1].map((node) => modeOf(model, state, node))).toEqual([MODE.reset, MODE.reset]);
  expect(prelude).toEqual([]);
});

test.each([
  ["two chips", check(["freeze"], { crashes: 1 })],
  ["a witness chip", check(["freeze"], { crashes: 1, witness: true })],
  ["three nodes", check(["freeze"], { crashes: 1, nodes: 3 })],
])(
  "running, %s -> each of two nodes has acted once, all are asleep, and all faults are to come",
  (_, one) => {
    const model = modelOf(one);
    const { state, prelude } = startState(model, "running");
    const { layout, cluster } = model;
    const acts = prelude
      .filter((step: Transition) => step.kind === "acts")
      .map((step) => "node" in step && step.node);
    expect(acts).toEqual([0, 1]);
    for (let node = 0; node < layout.nodes; node++) expect(modeOf(model, state, node)).toBe(MODE.period);
    expect([state[layout.crashesLeft], state[layout.faultsLeft]]).toEqual([1, cluster.faultsAtStart]);
    expect([state[layout.actor], state[layout.actedTerm]]).toEqual([2, 2]);
  },
);

test("the order of terms is not asked -> who acted is no part of the start", () => {
  const model = modelOf(check([], { unasked: ["terms-only-rise"] }));
  const { state } = startState(model, "running");
  expect(state[model.layout.actor]).toBe(0);
});

test("a protocol in which nobody takes over -> there is no such start", () => {
  const model = modelOf({ ...check([]), instead: MUTANTS.neverTakesOver });
  expect(() => startState(model, "running")).toThrow(/no start with a takeover/);
});
