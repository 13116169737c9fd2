/**
 * Functions of AWS IoT SQL that take plain arguments; those with a syntax of their own stand in `name-parser.ts`.
 * Source: AWS IoT Core Developer Guide, "Functions" (iot-sql-functions). Names have no case.
 *
 * Not emulated: every function that is not listed here. A wrong number of arguments, which AWS answers with Undefined,
 * is refused when the rule is loaded. Positions in a text count UTF-16 units, which the page leaves open. `newuuid()`
 * and `traceid()` are made up from what happened before, so that a simulation repeats itself.
 */
import { toDecimal, toInt, toText } from "./conversions.ts";
import { type Decimal, decimalOf, isDecimal, roundHalfAway, truncated } from "./decimal.ts";
import { modulo } from "./operators.ts";
import type { MessageContext, OpenMessage } from "./payload.ts";
import { isArray, isObject, member, type SqlValue } from "./values.ts";

/** A function of IoT SQL. */
export interface SqlFunction {
  /** Fewest and most arguments. */
  readonly arity: readonly [number, number];
  readonly call: (args: readonly SqlValue[], message: OpenMessage) => SqlValue;
}

const numberFunction = (operation: (value: Decimal) => Decimal): SqlFunction => ({
  arity: [1, 1],
  call: ([value]) => {
    const number = toDecimal(value);
    return number === undefined ? undefined : operation(number);
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

/** A function of the message itself, without arguments. */
const contextFunction = (read: (context: MessageContext) => SqlValue): SqlFunction => ({
  arity: [0, 0],
  call: (_, { context }) => read(context),
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
  return index === undefined ? undefined : collection[index.toNumber()];
}

/** topic(): the whole topic; topic(n): its nth segment, the first being 1. */
function topic(args: readonly SqlValue[], message: OpenMessage): SqlValue {
  if (args.length === 0) return message.topic;
  const n = toInt(args[0]);
  return n === undefined ? undefined : message.topic.split("/")[n.toNumber() - 1];
}

/**
 * substring(text, from[, to]), 0-based, `to` exclusive. The page's example `substring("012345", 2.745)` = "2345" drops
 * the fraction of an index, where its standard conversion would round it.
 */
function substring([value, ...bounds]: readonly SqlValue[]): SqlValue {
  const text = toText(value);
  if (text === undefined) return undefined;
  const [from, to = text.length] = bounds.map((bound) => position(bound, text.length));
  if (from === undefined || (bounds.length > 1 && position(bounds[1], text.length) === undefined))
    return undefined;
  return from >= to ? "" : text.slice(from, to);
}

/** "Indices that are less than zero are set to zero", those beyond the end to the length. */
function position(value: SqlValue, length: number): number | undefined {
  const at = toDecimal(value);
  return at === undefined ? undefined : Math.max(0, Math.min(length, Math.trunc(at.toNumber())));
}

const PLACES_MAX = 34;

/** trunc(number, places): places from 0 to 34, "rounded down to the nearest Int"; a String is no number of places. */
function trunc([value, places]: readonly SqlValue[]): SqlValue {
  const number = toDecimal(value);
  if (number === undefined || !isDecimal(places)) return undefined;
  return truncated(number, Math.max(0, Math.min(PLACES_MAX, places.floor().toNumber())));
}

/** By name in lower case: the functions with plain arguments. */
export const sqlFunctions: ReadonlyMap<string, SqlFunction> = new Map<string, SqlFunction>([
  ["abs", numberFunction((value) => value.abs())],
  ["ceil", numberFunction((value) => value.ceil())],
  ["floor", numberFunction((value) => value.floor())],
  ["round", numberFunction(roundHalfAway)],
  ["mod", { arity: [2, 2], call: ([x, y]) => modulo(x, y) }],
  ["trunc", { arity: [2, 2], call: trunc }],
  ["upper", textFunction((text) => text.toUpperCase())],
  ["lower", textFunction((text) => text.toLowerCase())],
  ["length", textFunction((text) => decimalOf(text.length))],
  ["startswith", twoTextsFunction((text, start) => text.startsWith(start))],
  ["endswith", twoTextsFunction((text, end) => text.endsWith(end))],
  ["indexof", twoTextsFunction((text, part) => decimalOf(text.indexOf(part)))],
  ["substring", { arity: [2, 3], call: substring }],
  ["isnull", { arity: [1, 1], call: ([value]) => value === null }],
  ["isundefined", { arity: [1, 1], call: ([value]) => value === undefined }],
  ["concat", { arity: [2, Number.POSITIVE_INFINITY], call: concat }],
  ["get", { arity: [2, 2], call: ([collection, at]) => get(collection, at) }],
  ["topic", { arity: [0, 1], call: topic }],
  ["timestamp", contextFunction(({ timestampMs }) => decimalOf(timestampMs))],
  ["clientid", contextFunction(({ clientId }) => clientId)],
  ["accountid", contextFunction(({ accountId }) => accountId)],
  ["principal", contextFunction(({ principal }) => principal)],
  ["traceid", contextFunction(({ traceId }) => traceId)],
  ["newuuid", contextFunction(({ newUuid }) => newUuid?.())],
]);
