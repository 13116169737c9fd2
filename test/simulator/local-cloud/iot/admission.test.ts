import fc from "fast-check";
import { Admission } from "../../../../simulator/local-cloud/iot/admission.ts";

/** Work that a test ends by hand. */
function rig(max: number) {
  const state = { load: 0, full: 0, peak: 0, order: [] as number[] };
  const admission = new Admission({
    max,
    load: () => state.load,
    onFull: () => {
      state.full += 1;
    },
  });
  const take = (id: number) =>
    admission.admit(() => {
      state.load += 1;
      state.peak = Math.max(state.peak, state.load);
      state.order.push(id);
    });
  const end = () => {
    if (state.load === 0) return;
    state.load -= 1;
    admission.freed();
  };
  return { admission, state, take, end };
}

test("room -> at once; none -> in order, each once another has ended, and said once", () => {
  const { admission, state, take, end } = rig(2);
  for (const id of [1, 2, 3, 4]) take(id);
  expect([state.order, admission.waiting, state.full]).toEqual([[1, 2], 2, 1]);
  end();
  expect([state.order, admission.waiting]).toEqual([[1, 2, 3], 1]);
  end();
  expect(state.order).toEqual([1, 2, 3, 4]);
  take(5);
  expect([admission.waiting, state.full]).toEqual([1, 2]);
});

test("a task that takes nothing on, as of a client that has gone -> the next one runs as well", () => {
  const { admission, state, take, end } = rig(1);
  take(1);
  admission.admit(() => undefined);
  take(2);
  end();
  expect([state.order, admission.waiting]).toEqual([[1, 2], 0]);
});

test("released -> all run, room or not", () => {
  const { admission, state, take } = rig(1);
  for (const id of [1, 2, 3]) take(id);
  admission.release();
  expect([state.order, admission.waiting]).toEqual([[1, 2, 3], 0]);
});

test("however work comes and ends -> never more than the bound, in order, and nobody waits while there is room", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.boolean(), { maxLength: 60 }), (max, comes) => {
      const { admission, state, take, end } = rig(max);
      let id = 0;
      for (const come of comes) {
        if (come) take(++id);
        else end();
        if (admission.waiting > 0) expect(state.load).toBe(max);
      }
      expect(state.peak).toBeLessThanOrEqual(max);
      expect(state.order).toEqual(Array.from(state.order, (_, i) => i + 1));
      expect(state.order.length + admission.waiting).toBe(id);
    }),
  );
});
