import fc from "fast-check";
import { SequenceSet } from "../../../simulator/checker/sequence-set.ts";

test("sequences of any length, some of them again -> each has the number of its first coming", () => {
  const sequence = fc.array(fc.integer({ min: -1, max: 2 }), { maxLength: 5 });
  fc.assert(
    fc.property(fc.array(sequence, { maxLength: 200 }), (sequences) => {
      const set = new SequenceSet();
      const model = new Map<string, number>();
      for (const each of sequences) {
        const key = each.join();
        if (!model.has(key)) model.set(key, model.size);
        expect(set.id(each, each.length)).toBe(model.get(key));
      }
      expect(set.size).toBe(model.size);
    }),
  );
});

test("so many, and so long, that it has to grow several times -> all are still found", () => {
  const set = new SequenceSet();
  const many = 20_000;
  const sequenceAt = (n: number) => Array.from({ length: n % 40 }, (_, i) => n * i).concat(n);
  for (let n = 0; n < many; n++) set.id(sequenceAt(n), sequenceAt(n).length);
  const moved: number[] = [];
  for (let n = 0; n < many; n++) if (set.id(sequenceAt(n), sequenceAt(n).length) !== n) moved.push(n);
  expect([moved, set.size]).toEqual([[], many]);
});

test("the beginning of an array -> what comes after it does not count", () => {
  const set = new SequenceSet();
  expect([set.id([1, 2, 3], 2), set.id([1, 2, 4], 2), set.id([1, 2, 4], 3)]).toEqual([0, 0, 1]);
});
