import * as fc from "fast-check";
import {
  add,
  type Decimal,
  decimalOf,
  decimalText,
  divide,
  divideInts,
  multiply,
  remainder,
  subtract,
} from "../../../../../simulator/local-cloud/iot/iot-sql/decimal.ts";

function d(source: string | number): Decimal {
  const value = decimalOf(source);
  if (value === undefined) throw new Error(`out of range: ${source}`);
  return value;
}
const text = (value: Decimal | undefined) => (value === undefined ? undefined : decimalText(value));
const ints = fc.integer({ min: -1_000_000, max: 1_000_000 });
const numbers = fc
  .tuple(fc.bigInt({ min: -(10n ** 34n), max: 10n ** 34n }), fc.integer({ min: -1_040, max: 960 }))
  .map(([digits, exponent]) => `${digits}E${exponent}`);

test.each([
  ["0.1 + 0.2", add(d(0.1), d(0.2)), "0.3"],
  ["0.3 - 0.1", subtract(d(0.3), d(0.1)), "0.2"],
  ["1.1 * 1.1", multiply(d(1.1), d(1.1)), "1.21"],
  ["1 / 3", divide(d(1), d(3)), "0.3333333333333333333333333333333333"],
  ["2 / 3", divide(d(2), d(3)), "0.6666666666666666666666666666666667"],
  ["1e-7 + 1", add(d("1E-7"), d(1)), "1.0000001"],
  ["2^53 + 1", add(d("9007199254740992"), d(1)), "9007199254740993"],
  ["7 div 2", divideInts(d(7), d(2)), "3"],
  ["5.5 % 0.1", remainder(d(5.5), d(0.1)), "0"],
  ["-7 % 3", remainder(d(-7), d(3)), "-1"],
  ["1E999 * 10", multiply(d("1E999"), d(10)), undefined],
  ["9E999 + 9E999", add(d("9E999"), d("9E999")), undefined],
  ["1E-999 * 0.1", multiply(d("1E-999"), d(0.1)), undefined],
  ["1E-999 / 10", divide(d("1E-999"), d(10)), undefined],
  ["1 / 0", divide(d(1), d(0)), undefined],
  ["0 / 0", divide(d(0), d(0)), undefined],
  ["1.5 % 0", remainder(d(1.5), d(0)), undefined],
])("%s -> 34 digits, or Undefined", (_title, result, expected) => {
  expect(text(result)).toBe(expected);
});

test.each([
  ["1234567890123456789012345678901234", "1234567890123456789012345678901234"],
  ["12345678901234567890123456789012345", "1.234567890123456789012345678901234E34"],
  ["0.1234567890123456789012345678901235", "0.1234567890123456789012345678901235"],
  ["1E400", "1E400"],
  ["1e-400", "1E-400"],
  ["10.0", "10"],
  ["1E21", "1000000000000000000000"],
  ["-0", "0"],
  ["0E-5000", "0"],
  ["9.999E999", "9.999E999"],
  ["1E1000", undefined],
  ["-1E1000", undefined],
  ["1E-1000", undefined],
  ["0.00001E-999", undefined],
])("%s -> %s", (source, expected) => {
  expect(text(decimalOf(source))).toBe(expected);
});

test("whole numbers -> the same as integer arithmetic", () => {
  fc.assert(
    fc.property(ints, ints, (x, y) => {
      const results = [add(d(x), d(y)), subtract(d(x), d(y)), multiply(d(x), d(y))];
      expect(results.map(text)).toEqual([x + y, x - y, BigInt(x) * BigInt(y)].map(String));
    }),
  );
});

test("any number -> its text is JSON, and stands for the same number", () => {
  fc.assert(
    fc.property(numbers, (source) => {
      const value = decimalOf(source);
      if (value === undefined) return;
      expect(decimalText(value)).toMatch(/^-?(?:0|[1-9][0-9]*)(?:[.][0-9]+)?(?:E-?[0-9]+)?$/);
      expect(d(decimalText(value)).eq(value)).toBe(true);
    }),
  );
});

test("any two numbers -> a finite number or Undefined, and sums do not depend on the order", () => {
  fc.assert(
    fc.property(numbers.map(decimalOf), numbers.map(decimalOf), (x, y) => {
      if (x === undefined || y === undefined) return;
      for (const result of [add(x, y), subtract(x, y), multiply(x, y), divide(x, y), remainder(x, y)])
        expect(result === undefined || result.isFinite()).toBe(true);
      expect(text(add(x, y))).toBe(text(add(y, x)));
    }),
  );
});
