import { BROWN_OUT_V, inRegulation, railV, runs } from "../../../simulator/hardware/regulator.ts";

test.each([
  [5.6, 3.3],
  [4.4, 3.3],
  [4.3, 3.2],
  [3.53, 2.43],
  [1.1, 0],
  [0.5, 0],
])("%p V from the pack -> %p V on the rail", (pack, rail) => {
  expect(railV(pack)).toBeCloseTo(rail, 12);
});

test.each([
  [5, true],
  [4.4, true],
  [4.399, false],
])("%p V from the pack -> in regulation: %p", (pack, expected) => {
  expect(inRegulation(pack)).toBe(expected);
});

test.each([
  [4, true],
  [3.54, true],
  [3.52, false],
  [0, false],
])("%p V from the pack -> the chip runs: %p", (pack, expected) => {
  expect(runs(pack)).toBe(expected);
  expect(railV(pack) >= BROWN_OUT_V).toBe(expected);
});
