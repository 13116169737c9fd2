import { type Explorable, type ExploreOptions, explore } from "../../../simulator/checker/explore.ts";

/** A model of states of so many integers, from a start and what follows each state. */
type Step = { readonly kind: string };
type Emit = Parameters<Explorable<Step, string>["successors"]>[1];
const toy = (
  start: readonly number[],
  follow: (state: readonly number[], emit: Emit) => void,
): Explorable<Step, string> => ({
  layout: {
    width: start.length,
    packedWidth: start.length,
    pack: (state, into) => into.set(state),
    unpack: (packed, into) => into.set(packed),
  },
  initial: () => Int32Array.from(start),
  successors: (state, emit) => follow([...state], emit),
});
const AS_IT_IS: ExploreOptions<string> = { canonicalize: () => undefined };

/** Two jugs, of 3 and of 5 litres; a law forbids to have just 4 litres in one of them. */
const JUGS = toy([0, 0], ([x = 0, y = 0], emit) => {
  const [toY, toX] = [Math.min(x, 5 - y), Math.min(y, 3 - x)];
  const pours: [string, number, number][] = [
    ["fill 3", 3, y],
    ["fill 5", x, 5],
    ["empty 3", 0, y],
    ["empty 5", x, 0],
    ["3 to 5", x - toY, y + toY],
    ["5 to 3", x + toX, y - toX],
  ];
  for (const [kind, nextX, nextY] of pours)
    emit(Int32Array.of(nextX, nextY), () => ({ kind }), nextY === 4 ? "four litres" : undefined);
});
/** The same without the law. */
const LAWLESS = toy([0, 0], (state, emit) =>
  JUGS.successors(Int32Array.from(state), (next, label) => emit(next, label, undefined)),
);

test("a law is broken -> a shortest way to it", () => {
  const { counterexample, exhausted } = explore(JUGS, AS_IT_IS);
  expect(exhausted).toBe(false);
  expect(counterexample?.violation).toBe("four litres");
  expect(
    counterexample?.steps.map(({ transition, state }) => `${transition.kind}: ${state.join(" ")}`),
  ).toEqual(["fill 5: 0 5", "5 to 3: 3 2", "empty 3: 0 2", "5 to 3: 2 0", "fill 5: 2 5", "5 to 3: 3 4"]);
});

test("no law is broken -> all states, all transitions, and how far the furthest is", () => {
  const { counterexample, ...figures } = explore(LAWLESS, AS_IT_IS);
  // All with one jug empty or full: 16 of the 24; six pours from each.
  expect(figures).toEqual({ states: 16, transitions: 96, depth: 7, exhausted: true });
  expect(counterexample).toBeUndefined();
});

test("a state itself is wrong -> the way to it, and from there on", () => {
  const { counterexample } = explore(LAWLESS, {
    ...AS_IT_IS,
    check: ([x, y]) => (x === 2 && y === 5 ? "two and five" : undefined),
  });
  expect(counterexample?.violation).toBe("two and five");
  expect(counterexample?.steps.map(({ transition }) => transition.kind)).toEqual([
    ...["fill 5", "5 to 3", "empty 3", "5 to 3", "fill 5"],
    "from-here-on",
  ]);
});

test("the start itself is wrong -> no step but that", () => {
  const { counterexample } = explore(LAWLESS, { ...AS_IT_IS, check: () => "wrong" });
  expect(counterexample?.steps.map(({ transition }) => transition.kind)).toEqual(["from-here-on"]);
});

test("more states than asked for -> gives up, and says neither yes nor no", () => {
  expect(explore(LAWLESS, { ...AS_IT_IS, statesMax: 5 })).toMatchObject({
    exhausted: false,
    counterexample: undefined,
  });
});

/** Two counters up to 3, alike but for their order. */
const COUNTERS = toy([0, 0], ([x = 0, y = 0], emit) => {
  const violation = x + y === 5 ? "both full" : undefined;
  if (x < 3) emit(Int32Array.of(x + 1, y), () => ({ kind: "first" }), violation);
  if (y < 3) emit(Int32Array.of(x, y + 1), () => ({ kind: "second" }), violation);
});

test("a canonical form for states that are alike -> each class is visited once, and the way leads through such forms", () => {
  const canonicalize = (state: Int32Array) => void state.sort();
  expect(explore(COUNTERS, AS_IT_IS).states).toBe(15);
  const { states, counterexample } = explore(COUNTERS, { canonicalize });
  expect(states).toBe(9);
  for (const { state } of counterexample!.steps.slice(0, -1)) expect([...state]).toEqual([...state].sort());
  expect(counterexample!.steps).toHaveLength(6);
});

test("several starts -> searched at once; the way leads from the one that is nearest", () => {
  const starts = [Int32Array.of(0, 0), Int32Array.of(3, 0)];
  const { depth, counterexample } = explore(COUNTERS, { ...AS_IT_IS, starts });
  expect(depth).toBe(2);
  expect(counterexample).toMatchObject({ violation: "both full", start: 1 });
  expect(counterexample!.steps.map(({ transition }) => transition.kind)).toEqual([
    "second",
    "second",
    "second",
  ]);
});

test("two starts of one canonical form -> one state", () => {
  const canonicalize = (state: Int32Array) => void state.sort();
  const starts = [Int32Array.of(0, 1), Int32Array.of(1, 0)];
  const { states } = explore(COUNTERS, { canonicalize });
  expect(explore(COUNTERS, { canonicalize, starts }).states).toBe(states - 1);
});

test("a model that does not do the same twice -> its counterexample is not made up", () => {
  let calls = 0;
  const fickle = toy([0], ([x = 0], emit) => {
    calls += 1;
    emit(Int32Array.of(calls < 3 ? x + 1 : x + 100), () => ({ kind: "step" }), x === 2 ? "two" : undefined);
  });
  expect(() => explore(fickle, AS_IT_IS)).toThrow(/cannot be walked again/);
});

test("progress -> told at the start", () => {
  const told: number[][] = [];
  explore(LAWLESS, { ...AS_IT_IS, progress: (states, queue) => void told.push([states, queue]) });
  expect(told).toHaveLength(1);
});
