/**
 * Operators of AWS IoT SQL.
 * Source: AWS IoT Core Developer Guide, "Operators" (iot-sql-operators); each function follows the table of its operator.
 */
import { toBoolean, toDecimal, toText } from "./conversions.ts";
import {
  add,
  type Decimal,
  divide,
  divideInts,
  isDecimal,
  isInt,
  multiply,
  remainder,
  subtract,
} from "./decimal.ts";
import { isArray, isObject, member, type SqlObject, type SqlValue } from "./values.ts";

/** The operators between two operands, as a statement writes them. */
export type BinaryOperator =
  | "AND"
  | "OR"
  | "IN"
  | "="
  | "<>"
  | "<"
  | "<="
  | ">"
  | ">="
  | "+"
  | "-"
  | "*"
  | "/"
  | "%";

type Operation = (left: SqlValue, right: SqlValue) => SqlValue;

/** AND, OR: anything but Booleans and "true"/"false" gives Undefined, even beside an operand that would decide alone. */
const logical =
  (operation: (left: boolean, right: boolean) => boolean): Operation =>
  (left, right) => {
    const [x, y] = [toBoolean(left), toBoolean(right)];
    return x === undefined || y === undefined ? undefined : operation(x, y);
  };

/** `<`, `<=`, `>`, `>=`: both sides are converted to Decimal first. */
const ordered =
  (operation: (left: Decimal, right: Decimal) => boolean): Operation =>
  (left, right) => {
    const [x, y] = [toDecimal(left), toDecimal(right)];
    return x === undefined || y === undefined ? undefined : operation(x, y);
  };

const numeric =
  (operation: (left: Decimal, right: Decimal) => Decimal | undefined): Operation =>
  (left, right) => {
    const [x, y] = [toDecimal(left), toDecimal(right)];
    return x === undefined || y === undefined ? undefined : operation(x, y);
  };

/**
 * `=`: no conversion; Undefined on either side gives Undefined; different types are unequal.
 * The table leaves out Boolean and Null. Boolean: CASE on a Boolean needs it. Null: the `<>` table says Null <> Null is false.
 */
export function equal(left: SqlValue, right: SqlValue): boolean | undefined {
  return left === undefined || right === undefined ? undefined : same(left, right);
}

const notEqual: Operation = (left, right) => {
  const answer = equal(left, right);
  return answer === undefined ? undefined : !answer;
};

function same(left: SqlValue, right: SqlValue): boolean {
  if (isArray(left) && isArray(right)) {
    return left.length === right.length && left.every((item, i) => same(item, right[i]));
  }
  if (isDecimal(left) && isDecimal(right)) return left.eq(right);
  return isObject(left) && isObject(right) ? sameObjects(left, right) : left === right;
}

function sameObjects(left: SqlObject, right: SqlObject): boolean {
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && same(member(left, key), member(right, key)))
  );
}

/** `+`: joins text when either side is a String, else adds; a String is never taken for a number here. */
const plus: Operation = (left, right) => {
  if (typeof left !== "string" && typeof right !== "string") return numeric(add)(left, right);
  const [x, y] = [toText(left), toText(right)];
  return x === undefined || y === undefined ? undefined : x + y;
};

/** `/`: Int by Int is an Int; "If all strings convert to decimals correctly, a Decimal value is returned". */
const over: Operation = (left, right) =>
  isDecimal(left) && isDecimal(right) && isInt(left) && isInt(right)
    ? divideInts(left, right)
    : numeric(divide)(left, right);

/** `IN`: Int, Decimal, String, Array or Object on the left, Array on the right; anything else is Undefined. */
const contained: Operation = (left, right) =>
  left === undefined || left === null || typeof left === "boolean" || !isArray(right)
    ? undefined
    : right.some((item) => same(left, item));

/** `%` and `mod()`: the same by the "Functions" page. */
export const modulo: Operation = numeric(remainder);

/** `NOT`; Undefined for what is no Boolean. */
export const not = (operand: SqlValue): SqlValue => {
  const value = toBoolean(operand);
  return value === undefined ? undefined : !value;
};

/** By operator: its value for two operands. */
export const binaryOperations: Readonly<Record<BinaryOperator, Operation>> = {
  AND: logical((x, y) => x && y),
  OR: logical((x, y) => x || y),
  IN: contained,
  "=": equal,
  "<>": notEqual,
  "<": ordered((x, y) => x.lt(y)),
  "<=": ordered((x, y) => x.lte(y)),
  ">": ordered((x, y) => x.gt(y)),
  ">=": ordered((x, y) => x.gte(y)),
  "+": plus,
  "-": numeric(subtract),
  "*": numeric(multiply),
  "/": over,
  "%": modulo,
};
