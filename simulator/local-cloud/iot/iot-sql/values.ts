/** Values of AWS IoT SQL. Source: AWS IoT Core Developer Guide, "Data types" (iot-sql-data-types). */
import { type Decimal, isDecimal } from "./decimal.ts";

/** A value; `undefined` is the language's Undefined, "not a value". */
export type SqlValue = undefined | null | boolean | Decimal | string | readonly SqlValue[] | SqlObject;
/** A JSON object as IoT SQL sees it. */
export interface SqlObject {
  readonly [key: string]: SqlValue;
}

/** Whether a value is a JSON array. */
export const isArray = (value: SqlValue): value is readonly SqlValue[] => Array.isArray(value);

/** Whether a value is a JSON object: no array, no Decimal, not null. */
export const isObject = (value: SqlValue): value is SqlObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !isDecimal(value);

/** A member of an object, never of its prototype; Undefined when there is none. */
export const member = (object: SqlObject, key: string): SqlValue =>
  Object.hasOwn(object, key) ? object[key] : undefined;

/** An object from entries, without Undefined values. Made this way, a key such as `__proto__` is a plain key. */
export const objectOf = (entries: Iterable<readonly [string, SqlValue]>): SqlObject =>
  Object.fromEntries([...entries].filter(([, value]) => value !== undefined));
