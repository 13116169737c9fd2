/** Which steps the reduction leaves; that nothing is lost with the others is partial-order-reduction.long.test.ts's. */
import { modelOf } from "../../../simulator/checker/checks.ts";
import { CHIP, CHIP_PROTECTED } from "../../../simulator/checker/layout.ts";
import type { Model } from "../../../simulator/checker/model.ts";
import { PartialOrderReduction } from "../../../simulator/checker/partial-order-reduction.ts";
import { subjectText } from "../../../simulator/checker/print-steps.ts";
import { READ, type Transition, WRITE } from "../../../simulator/checker/transition.ts";
import { checkOf as check } from "./support/check.ts";

/** Where the nodes' own steps lead, in turn. */
function after(model: Model, nodes: readonly number[]): Int32Array {
  let state = model.initial();
  for (const node of nodes) state = model.proceed(state, node)!.next;
  return state;
}

function transitions(model: Model, state: Int32Array): string[] {
  const found: string[] = [];
  new PartialOrderReduction(model).successors(state, (_next, transition) => found.push(told(transition())));
  return found.sort();
}
const told = (transition: Transition): string => `${transition.kind} ${subjectText(transition)}`;

test("two nodes that read: what either reads first tells -> both are followed", () => {
  const model = modelOf(check([]));
  expect(transitions(model, after(model, [0, 1]))).toEqual(["reads node 0", "reads node 1"]);
});

test("one has read all, the other has yet to read the chip that it does not write next -> it goes first", () => {
  const model = modelOf(check([]));
  // Node 0 writes chip 0, which node 1 has read.
  expect(transitions(model, after(model, [0, 0, 1]))).toEqual(["writes node 0"]);
});

test("a reset may come -> everything is followed", () => {
  const model = modelOf(check([], { crashes: 1 }));
  expect(transitions(model, after(model, [0, 0, 1]))).toEqual([
    "crash node 0",
    "crash node 0",
    "crash node 1",
    "reads node 1",
    "writes node 0",
  ]);
});

test("a fault of a chip -> comes while nobody is awake, and with the steps that it touches", () => {
  const model = modelOf(check(["write-protected"]));
  const reduction = new PartialOrderReduction(model);
  const touches = (state: Int32Array) => [0, 1].map((chip) => reduction.touches(state, chip));
  expect(touches(model.initial())).toEqual([READ | WRITE, READ | WRITE]);
  // Node 1, which boots, will read chip 0 with its first step.
  expect(touches(after(model, [0]))).toEqual([READ, READ]);
  expect(touches(after(model, [0, 0, 1]))).toEqual([WRITE, READ]);
});

// "Protected, well again, worn": with both flags at once the worn page would be mended with the other.
test.each([
  ["another lasting fault may come -> it may be well again before", 0b10, true],
  ["no other may come -> only with the step that it touches", 0, false],
])("a chip that nobody notices is protected, %s", (_, faultsLeft, mends) => {
  const model = modelOf(check(["write-protected", "worn-page"], { onceEach: true }));
  const state = after(model, [0]);
  state[model.layout.faultsLeft] = faultsLeft;
  state[model.layout.chip(0, CHIP.flags)] = CHIP_PROTECTED;
  expect(new PartialOrderReduction(model).mends(state, 0)).toBe(mends);
});

test.each([
  ["punctual wakes", { ...check([]), punctual: true }],
  ["the published protocol's busy line", { ...check([]), protocol: "article" as const }],
])("%s -> refused: there the order of steps tells", (_, one) => {
  expect(() => new PartialOrderReduction(modelOf(one))).toThrow(/not for/);
});
