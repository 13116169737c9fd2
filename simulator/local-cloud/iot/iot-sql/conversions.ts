/** The standard conversions. Source: AWS IoT Core Developer Guide, "Data types", section "Conversions". */
import { type Decimal, decimalOf, decimalText, isDecimal, roundHalfAway, truncated } from "./decimal.ts";
import { jsonText } from "./json.ts";
import type { SqlValue } from "./values.ts";

/** `^-?\d+(\.\d+)?((?i)E-?\d+)?$`, as the page gives it: no leading plus, point or space. */
const DECIMAL_TEXT = /^-?\d+(?:\.\d+)?(?:[eE]-?\d+)?$/;

/** "To decimal". Null is Undefined as well: every operator and function that converts says so. */
export function toDecimal(value: SqlValue): Decimal | undefined {
  if (isDecimal(value)) return value;
  return typeof value === "string" && DECIMAL_TEXT.test(value) ? decimalOf(value) : undefined;
}

/** "To int", for arguments that must be an Int: a Decimal goes to the nearest Int, a String is truncated. */
export function toInt(value: SqlValue): Decimal | undefined {
  const decimal = toDecimal(value);
  if (decimal === undefined) return undefined;
  return typeof value === "string" ? truncated(decimal, 0) : roundHalfAway(decimal);
}

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
  return isDecimal(value) ? decimalText(value) : jsonText(value);
}
