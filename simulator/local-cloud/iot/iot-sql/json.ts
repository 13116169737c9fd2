/**
 * Parses payloads and writes selections as JSON, without loss of digits.
 * Not emulated: a document nested deeper than 100 levels counts as not JSON.
 */
import { parse } from "lossless-json";
import { decimalOf, decimalText, isDecimal } from "./decimal.ts";
import { RuleEvaluationError } from "./sql-error.ts";
import { isArray, isObject, type SqlValue } from "./values.ts";

/** Guards the recursion over a payload that a stranger wrote: 128 KB of `[` is a legal MQTT payload. */
const DEPTH_MAX = 100;

/**
 * Parses JSON. Undefined: the bytes are not UTF-8 or not JSON.
 * @throws RuleEvaluationError for a number that the language cannot hold: it must not be changed in silence.
 */
export function parseJson(bytes: Uint8Array): SqlValue {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const value = parse(text, null, { parseNumber, onDuplicateKey: ({ newValue }) => newValue }) as SqlValue;
    return isShallow(value, 0) ? value : undefined;
  } catch (error) {
    if (error instanceof RuleEvaluationError) throw error;
    return undefined;
  }
}

function parseNumber(text: string): SqlValue {
  const value = decimalOf(text);
  if (value !== undefined) return value;
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  throw new RuleEvaluationError(
    "number-out-of-range",
    `the payload holds the number ${shown}: AWS IoT SQL has magnitudes from 1E-999 to 9.99…E999`,
  );
}

function isShallow(value: SqlValue, depth: number): boolean {
  if (depth > DEPTH_MAX) return false;
  if (isArray(value)) return value.every((item) => isShallow(item, depth + 1));
  return !isObject(value) || Object.values(value).every((item) => isShallow(item, depth + 1));
}

/**
 * A value as JSON, every digit of its numbers kept. Not by the library, which takes any object with a member
 * `isLosslessNumber` for a number of its own: a stranger's payload may have one.
 */
export function jsonText(value: SqlValue): string {
  if (isDecimal(value)) return decimalText(value);
  if (isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value ?? null);
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${jsonText(item)}`);
  return `{${members.join(",")}}`;
}

/** The value as `JSON.parse` reads its JSON: numbers are doubles, and may lose digits. */
export const plainJson = (value: SqlValue): unknown => JSON.parse(jsonText(value));
