/**
 * Values of AWS IoT SQL and their standard conversions.
 * Source: AWS IoT Core Developer Guide, "Data types" (iot-sql-data-types), section "Conversions".
 *
 * Int and Decimal are one type here: under SQL version 2016-03-23 a whole number "such as 10.0" is processed as an Int,
 * so a number is an Int exactly when it is whole.
 *
 * Not emulated: 34 digits of precision. A number is a double: whole numbers beyond 2^53 and digits beyond the 17th are
 * lost; a result beyond 1.8E308 is Undefined (AWS: 9.99…E999).
 */

/** A value; `undefined` is the language's Undefined, "not a value". */
export type SqlValue = undefined | null | boolean | number | string | readonly SqlValue[] | SqlObject;
export interface SqlObject {
  readonly [key: string]: SqlValue;
}

export const isArray = (value: SqlValue): value is readonly SqlValue[] => Array.isArray(value);

export const isObject = (value: SqlValue): value is SqlObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isInt = (value: SqlValue): value is number => Number.isInteger(value);

/** `^-?\d+(\.\d+)?((?i)E-?\d+)?$`, as the page gives it: no leading plus, point or space. */
const DECIMAL_TEXT = /^-?\d+(?:\.\d+)?(?:[eE]-?\d+)?$/;

/** A number that JSON can hold, without the sign that JSON drops from zero; else Undefined. */
export const finite = (value: number): number | undefined => (Number.isFinite(value) ? value + 0 : undefined);

/** "To decimal". Null is Undefined as well: every operator and function that converts says so. */
export function toDecimal(value: SqlValue): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "string" && DECIMAL_TEXT.test(value)) return finite(Number(value));
  return undefined;
}

/** "To int", for arguments that must be an Int: a Decimal goes to the nearest Int, a String is truncated. */
export function toInt(value: SqlValue): number | undefined {
  const decimal = toDecimal(value);
  if (decimal === undefined) return undefined;
  return finite(typeof value === "string" ? Math.trunc(decimal) : roundHalfAway(decimal));
}

/** Nearest Int; halves go away from zero: `Round(1.5)` = 2 and `Round(-1.5)` = -2 on the "Functions" page. */
export const roundHalfAway = (value: number): number => Math.sign(value) * Math.round(Math.abs(value)) + 0;

/** "To boolean": a Boolean, or the text "true" or "false" in any case. */
export function toBoolean(value: SqlValue): boolean | undefined {
  if (typeof value === "boolean") return value;
  if (typeof value !== "string") return undefined;
  const text = value.toLowerCase();
  return text === "true" ? true : text === "false" ? false : undefined;
}

/** "To string": Null and Undefined are Undefined, arrays and objects become JSON. */
export function toText(value: SqlValue): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  if (typeof value === "number") return numberText(value);
  return JSON.stringify(value);
}

/** An Int "in standard notation", a Decimal "possibly in scientific notation", written as in the page's "5E-12". */
const numberText = (value: number): string =>
  isInt(value) ? BigInt(value).toString() : String(value).replace("e", "E");

/** A member of an object, never of its prototype; Undefined when there is none. */
export const member = (object: SqlObject, key: string): SqlValue =>
  Object.hasOwn(object, key) ? object[key] : undefined;

/** Objects are built from entries, so that a key such as `__proto__` is a key and nothing else. Undefined is left out. */
export const objectOf = (entries: Iterable<readonly [string, SqlValue]>): SqlObject =>
  Object.fromEntries([...entries].filter(([, value]) => value !== undefined));
