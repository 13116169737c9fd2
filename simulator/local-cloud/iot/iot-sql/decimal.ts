/**
 * Numbers of AWS IoT SQL: decimals of 34 digits, of a magnitude from 1E-999 to 9.99…E999, by decimal.js. Source: AWS
 * IoT Core Developer Guide, "Data types" (iot-sql-data-types).
 *
 * A number of more digits is rounded to 34, half to even as Java's DECIMAL128; the page does not say how. A result that
 * is out of range, or that would be zero only because it is too small, is Undefined.
 */
import { Decimal as DecimalJs } from "decimal.js";

const DIGITS = 34;
const EXPONENT_MAX = 999;

const Decimal34 = DecimalJs.clone({
  precision: DIGITS,
  rounding: DecimalJs.ROUND_HALF_EVEN,
  maxE: EXPONENT_MAX,
  minE: -EXPONENT_MAX,
});

/** A number of the language; never infinite and never NaN. */
export type Decimal = DecimalJs;

/** Whether a value is a Decimal, the only numbers that IoT SQL knows here. */
export const isDecimal = (value: unknown): value is Decimal => value instanceof DecimalJs;

/** The Decimal of a JSON number, as text or as a number; Undefined when it is out of range. */
export function decimalOf(source: string | number): Decimal | undefined {
  const value = inRange(new Decimal34(source).toSignificantDigits(DIGITS));
  const lost = value?.isZero() === true && /[1-9]/.test(String(source).replace(/e.*$/i, ""));
  return lost ? undefined : value;
}

/**
 * An Int has "34 digits maximum". Int and Decimal are one type here: under SQL version 2016-03-23 a whole number "such
 * as 10.0" is processed as an Int.
 */
export const isInt = (value: Decimal): boolean => value.isInteger() && value.e < DIGITS;

/** An Int "in standard notation", a Decimal "possibly in scientific notation", written as in the page's "5E-12". */
export const decimalText = (value: Decimal): string =>
  isInt(value) ? value.plus(0).toFixed() : value.toString().replace("+", "").toUpperCase();

/** The sum; Undefined out of range. */
export const add = (x: Decimal, y: Decimal): Decimal | undefined => inRange(x.plus(y));
/** The difference; Undefined out of range. */
export const subtract = (x: Decimal, y: Decimal): Decimal | undefined => inRange(x.minus(y));
/** The product; Undefined out of range, or where it has become 0 by rounding. */
export const multiply = (x: Decimal, y: Decimal): Decimal | undefined =>
  notVanished(x.times(y), !x.isZero() && !y.isZero());

/** The quotient; Undefined for a zero divisor, which the documentation leaves open. */
export const divide = (x: Decimal, y: Decimal): Decimal | undefined => notVanished(x.div(y), !x.isZero());

/** The quotient of two Ints, an Int: the fraction is dropped. Undefined for a zero divisor. */
export const divideInts = (x: Decimal, y: Decimal): Decimal | undefined => inRange(x.divToInt(y));

/** The remainder has the sign of the dividend; Undefined for a zero divisor. */
export const remainder = (x: Decimal, y: Decimal): Decimal | undefined => inRange(x.mod(y));

/** Nearest Int; halves go away from zero: `Round(1.5)` = 2 and `Round(-1.5)` = -2 on the "Functions" page. */
export const roundHalfAway = (value: Decimal): Decimal => truncated(value, 0, DecimalJs.ROUND_HALF_UP);

/** The value with at most `places` digits after the point; further ones are dropped. */
export const truncated = (
  value: Decimal,
  places: number,
  rounding: DecimalJs.Rounding = DecimalJs.ROUND_DOWN,
): Decimal => value.toDecimalPlaces(places, rounding);

const inRange = (value: Decimal): Decimal | undefined => (value.isFinite() ? value : undefined);

const notVanished = (value: Decimal, expected: boolean): Decimal | undefined =>
  expected && value.isZero() ? undefined : inRange(value);
