import * as fc from "fast-check";
import {
  add,
  divide,
  multiply,
  remainder,
  subtract,
} from "../../../../simulator/local-cloud/iot-sql/decimal.ts";

const ints = fc.integer({ min: -1_000_000, max: 1_000_000 });
const finiteNumbers = fc.double({ noNaN: true, noDefaultInfinity: true });

test.each([
  ["0.1 + 0.2", add(0.1, 0.2), 0.3],
  ["0.3 - 0.1", subtract(0.3, 0.1), 0.2],
  ["1.1 * 1.1", multiply(1.1, 1.1), 1.21],
  ["1 / 3", divide(1, 3), 1 / 3],
  ["1e-7 + 1", add(1e-7, 1), 1.0000001],
  ["5.5 % 0.1", remainder(5.5, 0.1), 0],
  ["1e308 * 10", multiply(1e308, 10), undefined],
  ["1 / 0", divide(1, 0), undefined],
  ["1.5 % 0", remainder(1.5, 0), undefined],
])("%s -> rounded once, as decimals", (_title, result, expected) => {
  expect(result).toBe(expected);
});

test("whole numbers -> the same as integer arithmetic", () => {
  fc.assert(
    fc.property(ints, ints, (x, y) => {
      expect([add(x, y), subtract(x, y), multiply(x, y)]).toEqual([x + y, x - y + 0, x * y + 0]);
    }),
  );
});

test("two places after the point -> the same as counting in hundredths", () => {
  fc.assert(
    fc.property(ints, ints, (x, y) => {
      expect(add(x / 100, y / 100)).toBe((x + y) / 100 + 0);
    }),
  );
});

test("any two numbers -> a finite number or Undefined, and sums do not depend on the order", () => {
  fc.assert(
    fc.property(finiteNumbers, finiteNumbers, (x, y) => {
      for (const result of [add(x, y), subtract(x, y), multiply(x, y), divide(x, y), remainder(x, y)]) {
        expect(result === undefined || Number.isFinite(result)).toBe(true);
      }
      expect(add(x, y)).toBe(add(y, x));
    }),
  );
});
