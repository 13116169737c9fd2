/**
 * Decimal arithmetic on numbers: 0.1 + 0.2 is 0.3, as with the Decimals of AWS IoT SQL, not 0.30000000000000004.
 * Each operand is taken by its shortest decimal text, and the exact result is rounded once, to a double.
 * A result that a double cannot hold is Undefined.
 */
import { finite } from "./values.ts";

/** coefficient × 10^exponent */
interface Scaled {
  readonly coefficient: bigint;
  readonly exponent: number;
}

/** Significant digits of a quotient: the precision that the "Data types" page gives for a Decimal. */
const QUOTIENT_DIGITS = 34;

export const add = (x: number, y: number): number | undefined => aligned(x, y, (a, b) => a + b);
export const subtract = (x: number, y: number): number | undefined => aligned(x, y, (a, b) => a - b);

export function multiply(x: number, y: number): number | undefined {
  const [a, b] = [scaled(x), scaled(y)];
  return toNumber(a.coefficient * b.coefficient, a.exponent + b.exponent);
}

/** Undefined for a zero divisor; the documentation does not say. */
export function divide(x: number, y: number): number | undefined {
  const [a, b] = [scaled(x), scaled(y)];
  if (b.coefficient === 0n) return undefined;
  const shift = Math.max(0, QUOTIENT_DIGITS + digits(b.coefficient) - digits(a.coefficient));
  const quotient = (a.coefficient * 10n ** BigInt(shift)) / b.coefficient;
  return toNumber(quotient, a.exponent - b.exponent - shift);
}

/** Int by Int gives an Int; the fraction is dropped. */
export const divideInts = (x: number, y: number): number | undefined =>
  y === 0 ? undefined : toNumber(BigInt(x) / BigInt(y), 0);

/** The remainder has the sign of the dividend; Undefined for a zero divisor. */
export const remainder = (x: number, y: number): number | undefined =>
  y === 0 ? undefined : aligned(x, y, (a, b) => a % b);

function aligned(x: number, y: number, operation: (a: bigint, b: bigint) => bigint): number | undefined {
  const [a, b] = [scaled(x), scaled(y)];
  const exponent = Math.min(a.exponent, b.exponent);
  const at = (n: Scaled) => n.coefficient * 10n ** BigInt(n.exponent - exponent);
  return toNumber(operation(at(a), at(b)), exponent);
}

function scaled(value: number): Scaled {
  const [mantissa = "0", exponent = "0"] = String(value).split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  return { coefficient: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

const toNumber = (coefficient: bigint, exponent: number): number | undefined =>
  finite(Number(`${coefficient}e${exponent}`));

const digits = (n: bigint): number => String(n < 0n ? -n : n).length;
