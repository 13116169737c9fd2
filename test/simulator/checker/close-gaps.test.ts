import fc from "fast-check";
import { closeGaps } from "../../../simulator/checker/close-gaps.ts";

const sorted = fc
  .uniqueArray(fc.nat({ max: 12 }), { maxLength: 6 })
  .map((values) => values.sort((x, y) => x - y));
const images = (values: readonly number[]): number[] => {
  const map = closeGaps(values);
  return values.map((value) => map.get(value)!);
};

test.each([
  [[], []],
  [[0], [0]],
  [[9], [2]],
  [[1], [1]],
  [
    [0, 9],
    [0, 2],
  ],
  [
    [4, 5, 6],
    [2, 3, 4],
  ],
  [
    [4, 6, 9, 10],
    [2, 4, 6, 7],
  ],
])("%j -> %j", (values, expected) => {
  expect(images(values)).toEqual(expected);
});

test("any numbers -> their order stays, neighbours and those two apart stay so, others come to be two apart", () => {
  fc.assert(
    fc.property(sorted, (values) => {
      const to = images(values);
      for (let i = 1; i < values.length; i++)
        expect(to[i]! - to[i - 1]!).toBe(Math.min(2, values[i]! - values[i - 1]!));
      if (values[0] !== undefined) expect(to[0]).toBe(Math.min(2, values[0]));
    }),
  );
});

test("numbers that were closeGaps -> stay as they are", () => {
  fc.assert(
    fc.property(sorted, (values) => {
      const once = images(values);
      expect(images(once)).toEqual(once);
    }),
  );
});
