/**
 * `cast(value AS type)`.
 * Source: AWS IoT Core Developer Guide, "Functions", section "cast()". Unlike the standard conversions it goes between
 * numbers and Booleans, and rounds a Decimal down.
 */
import { toBoolean, toDecimal, toText } from "./conversions.ts";
import { type Decimal, decimalOf, isDecimal } from "./decimal.ts";
import type { SqlValue } from "./values.ts";

/** A type that `cast(… AS …)` makes, aliases resolved. */
export type CastTarget = "Int" | "Decimal" | "Boolean" | "String";

/** Every keyword that the page lists for 2016-03-23, in lower case (SQL keywords have no case). */
export const castTargets: ReadonlyMap<string, CastTarget> = new Map([
  ["string", "String"],
  ["nvarchar", "String"],
  ["text", "String"],
  ["ntext", "String"],
  ["varchar", "String"],
  ["int", "Int"],
  ["integer", "Int"],
  ["double", "Decimal"],
  ["decimal", "Decimal"],
  ["bool", "Boolean"],
  ["boolean", "Boolean"],
]);

const castNumber = (value: SqlValue): Decimal | undefined =>
  typeof value === "boolean" ? decimalOf(Number(value)) : toDecimal(value);

/** A String stays as it is; the page's row for it repeats the Boolean table by mistake. */
const conversions: Readonly<Record<CastTarget, (value: SqlValue) => SqlValue>> = {
  Int: (value) => castNumber(value)?.floor(),
  Decimal: castNumber,
  Boolean: (value) => (isDecimal(value) ? !value.isZero() : toBoolean(value)),
  String: toText,
};

/** The value as `target`, or Undefined where the page's tables say so. */
export const cast = (value: SqlValue, target: CastTarget): SqlValue => conversions[target](value);
