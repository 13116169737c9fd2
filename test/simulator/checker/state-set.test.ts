import fc from "fast-check";
import { StateSet } from "../../../simulator/checker/state-set.ts";

test("states in any order, some of them again -> each has the position of its first coming, as in a map of strings", () => {
  const state = fc.array(fc.integer({ min: -2, max: 3 }), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(state, { maxLength: 200 }), (states) => {
      const set = new StateSet(3);
      const model = new Map<string, number>();
      for (const each of states) {
        const key = each.join();
        if (!model.has(key)) model.set(key, model.size);
        expect(set.add(Int32Array.from(each))).toBe(model.get(key));
        expect(set.size).toBe(model.size);
      }
      const read = new Int32Array(3);
      for (const [key, position] of model) {
        set.read(position, read);
        expect(read.join()).toBe(key);
      }
    }),
  );
});

test("so many states that it has to grow several times -> all are still found, and none is new", () => {
  const set = new StateSet(2);
  const stateAt = (n: number) => Int32Array.of(n % 173, Math.imul(n, 0x9e3779b1));
  const many = 30_000;
  for (let n = 0; n < many; n++) set.add(stateAt(n));
  expect(set.size).toBe(many);
  const moved: number[] = [];
  for (let n = 0; n < many; n++) if (set.add(stateAt(n)) !== n) moved.push(n);
  expect([moved, set.size]).toEqual([[], many]);
});

test("a state that is changed after it was added -> stays in the set as it was", () => {
  const set = new StateSet(1);
  const state = Int32Array.of(7);
  set.add(state);
  state[0] = 8;
  expect([set.add(Int32Array.of(7)), set.add(state)]).toEqual([0, 1]);
});

test("a state longer than the set's width -> only its beginning counts", () => {
  const set = new StateSet(1);
  expect([set.add(Int32Array.of(1, 2)), set.add(Int32Array.of(1, 3))]).toEqual([0, 0]);
});
