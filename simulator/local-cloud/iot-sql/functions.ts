/**
 * Functions of AWS IoT SQL that take plain arguments; `cast`, `encode` and `regexp_matches` have a syntax of their own.
 * Source: AWS IoT Core Developer Guide, "Functions" (iot-sql-functions). Names have no case.
 *
 * Not emulated: every function that is not listed here. A wrong number of arguments, which AWS answers with Undefined, is
 * refused when the rule is loaded. Positions in a text count UTF-16 units, which the page leaves open.
 */
import { modulo } from "./operators.ts";
import type { OpenMessage } from "./payload.ts";
import {
  finite,
  isArray,
  isObject,
  member,
  roundHalfAway,
  type SqlValue,
  toDecimal,
  toInt,
  toText,
} from "./values.ts";

export interface SqlFunction {
  /** Fewest and most arguments. */
  readonly arity: readonly [number, number];
  readonly call: (args: readonly SqlValue[], message: OpenMessage) => SqlValue;
}

const numberFunction = (operation: (value: number) => number): SqlFunction => ({
  arity: [1, 1],
  call: ([value]) => {
    const number = toDecimal(value);
    return number === undefined ? undefined : finite(operation(number));
  },
});

const textFunction = (operation: (text: string) => SqlValue): SqlFunction => ({
  arity: [1, 1],
  call: ([value]) => {
    const text = toText(value);
    return text === undefined ? undefined : operation(text);
  },
});

const twoTextsFunction = (operation: (text: string, other: string) => SqlValue): SqlFunction => ({
  arity: [2, 2],
  call: ([value, other]) => {
    const [x, y] = [toText(value), toText(other)];
    return x === undefined || y === undefined ? undefined : operation(x, y);
  },
});

/**
 * concat() of two or more: one array when any argument is an array, one text when any is a String, else Undefined.
 * One argument is refused: the page's table returns it unmodified, its example `concat(1)` = "1" does not.
 */
function concat(args: readonly SqlValue[]): SqlValue {
  if (args.includes(undefined)) return undefined;
  if (args.some(isArray)) return args.flat(1);
  if (!args.some((value) => typeof value === "string")) return undefined;
  const texts = args.map(toText);
  return texts.includes(undefined) ? undefined : texts.join("");
}

/** get(): 0-based, as its table says; the page's example `get("abc", 1)` = "a" does not follow it. */
function get(collection: SqlValue, at: SqlValue): SqlValue {
  if (isObject(collection)) return typeof at === "string" ? member(collection, at) : undefined;
  if (!isArray(collection) && typeof collection !== "string") return undefined;
  const index = toInt(at);
  return index === undefined ? undefined : collection[index];
}

/** topic(): the whole topic; topic(n): its nth segment, the first being 1. */
function topic(args: readonly SqlValue[], message: OpenMessage): SqlValue {
  if (args.length === 0) return message.topic;
  const n = toInt(args[0]);
  return n === undefined ? undefined : message.topic.split("/")[n - 1];
}

/** By name in lower case. */
export const sqlFunctions: ReadonlyMap<string, SqlFunction> = new Map<string, SqlFunction>([
  ["abs", numberFunction(Math.abs)],
  ["ceil", numberFunction(Math.ceil)],
  ["floor", numberFunction(Math.floor)],
  ["round", numberFunction(roundHalfAway)],
  ["mod", { arity: [2, 2], call: ([x, y]) => modulo(x, y) }],
  ["upper", textFunction((text) => text.toUpperCase())],
  ["lower", textFunction((text) => text.toLowerCase())],
  ["length", textFunction((text) => text.length)],
  ["startswith", twoTextsFunction((text, start) => text.startsWith(start))],
  ["endswith", twoTextsFunction((text, end) => text.endsWith(end))],
  ["indexof", twoTextsFunction((text, part) => text.indexOf(part))],
  ["isnull", { arity: [1, 1], call: ([value]) => value === null }],
  ["isundefined", { arity: [1, 1], call: ([value]) => value === undefined }],
  ["concat", { arity: [2, Number.POSITIVE_INFINITY], call: concat }],
  ["get", { arity: [2, 2], call: ([collection, at]) => get(collection, at) }],
  ["topic", { arity: [0, 1], call: topic }],
  ["timestamp", { arity: [0, 0], call: (_, message) => message.context.timestampMs }],
  ["clientid", { arity: [0, 0], call: (_, message) => message.context.clientId }],
]);
