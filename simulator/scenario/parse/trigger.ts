/** Reads when a step happens: `at:`, `on:` or `rate:`. */
import { days, hours, type Instant, type Micros, millis, START } from "../../engine/time.ts";
import { OPERATIONS, type Operation, type OperationPoint } from "../../node/operations.ts";
import { durationText } from "../durations.ts";
import { FAULTS, type FaultName } from "../faults.ts";
import type { Trigger } from "../scenario.ts";
import type { Problems } from "../scenario-error.ts";
import { duration, fieldsOf, optional, type Reader, shown, wholeNumber, word } from "./fields.ts";
import { readSeat, type Seats } from "./node-numbers.ts";
import type { Entries, Tree } from "./yaml-tree.ts";

/** Longest duration of a scenario. */
export const DURATION_MAX = days(3_660);

/** The keys that say when a step happens; a step has exactly one. */
export const TRIGGER_KEYS = ["at", "on", "rate"] as const;
const ON_KEYS = ["node", "operation", "count", "from", "again", "point", "byte", "write_cycle"] as const;
const POINT_KEYS = ["point", "byte", "write_cycle"] as const;

const readInstant = duration(millis(0), DURATION_MAX);
const readPoint = word(["before", "after"]);
const readCount = wholeNumber(1, 1_000_000);
/** Most data bytes of a read: the whole AT24C256. `PAGE_BYTES` is that of a page write. */
const READ_BYTES_MAX = 32_768;
const PAGE_BYTES = 64;
/** Reads a time within a write cycle, up to the longest one by the fault `slow-write-cycle`. */
const readInto = duration(millis(0), millis(100));
const readAgain: Reader<true> = (problems, tree, name) =>
  tree.kind === "scalar" && tree.value === true
    ? true
    : problems.add(tree.line, `${name} takes true, not ${shown(tree)}; leave it out for once`);
/** Reads `every:`, at least a second: more often, and a run would do nothing else. */
const readEvery = duration(millis(1_000), DURATION_MAX);

const PER: Readonly<Record<string, Micros>> = {
  hour: hours(1),
  day: days(1),
  week: days(7),
  month: days(30),
  year: days(365),
};
const RATE = /^(\d+(?:\.\d+)?) per (hour|day|week|month|year)$/;
/** A rate in words: the fault's own, or that times a number. */
const DEFAULT_RATE = /^(?:(\d+(?:\.\d+)?) times )?default$/;
/** Largest rate: more often, and a run would do nothing else. */
const PER_HOUR_MAX = 3_600;

/** Reads the trigger of a step. Undefined: there is a mistake, or not exactly one trigger. */
export function readTrigger(
  problems: Problems,
  line: number,
  entries: Entries,
  seats: Seats,
  end: Micros,
): Trigger | undefined {
  const given = TRIGGER_KEYS.filter((key) => entries.has(key));
  const [key] = given;
  if (given.length > 1) return problems.add(line, `a step with ${given.join(" and ")}; keep one of them`);
  if (key === undefined)
    return problems.add(
      line,
      "a step without a time; add at: 2h, on: { node: …, operation: … } or rate: 2 per week",
    );
  const tree = entries.get(key)!;
  if (key === "on") return onOperation(problems, tree, seats, end);
  if (key === "rate")
    return byChance(problems, tree, entries.get("fault"), readFrom(problems, entries.get("from"), end));
  const at = instant(problems, tree, "at", end);
  const every = optional(problems, entries.get("every"), "every", readEvery, undefined);
  if (at === undefined) return undefined;
  return every === undefined ? { kind: "at", at } : { kind: "at", at, every };
}

/** Reads a time within the run, its end included. */
function instant(problems: Problems, tree: Tree, name: string, end: Micros): Instant | undefined {
  const at = readInstant(problems, tree, name);
  if (at === undefined || at <= end) return at as Instant | undefined;
  return problems.add(tree.line, `${name}: ${shown(tree)} is after the end of the run, ${durationText(end)}`);
}

const readFrom = (problems: Problems, tree: Tree | undefined, end: Micros): Instant | undefined =>
  tree === undefined ? START : instant(problems, tree, "from", end);

function byChance(
  problems: Problems,
  tree: Tree,
  fault: Tree | undefined,
  from: Instant | undefined,
): Trigger | undefined {
  const text = tree.kind === "scalar" ? String(tree.value) : "";
  const standard = DEFAULT_RATE.exec(text);
  const match = RATE.exec(text);
  const times = standard === null ? Number(match?.[1]) : Number(standard[1] ?? 1) * defaultRate(fault);
  const per = standard === null ? PER[match?.[2] ?? ""] : PER.year;
  if (standard !== null && times === 0)
    return problems.add(
      tree.line,
      "rate: default is for faults that happen by chance; see npm run simulate -- --faults",
    );
  if (per === undefined || !(times > 0) || times > PER_HOUR_MAX * (per / hours(1)))
    return problems.add(
      tree.line,
      `rate takes "N per hour", day, week, month or year, at most ${PER_HOUR_MAX} per hour, or default, or "N times default", not ${shown(tree)}`,
    );
  return from === undefined ? undefined : { kind: "chance", times, per, from };
}

/** A fault's own rate, in events a year; 0 for an action, and for an unknown fault. */
function defaultRate(fault: Tree | undefined): number {
  const name = fault?.kind === "scalar" ? String(fault.value) : "";
  return Object.hasOwn(FAULTS, name) ? FAULTS[name as FaultName].rate : 0;
}

function onOperation(problems: Problems, tree: Tree, seats: Seats, end: Micros): Trigger | undefined {
  const fields = fieldsOf(problems, tree, "on", ON_KEYS, ["node", "operation"]);
  if (fields === undefined) return undefined;
  const node = fields.node && readSeat(problems, fields.node, "node", "node", seats);
  const operation = fields.operation && word(OPERATIONS)(problems, fields.operation, "operation");
  const count = optional(problems, fields.count, "count", readCount, 1);
  const from = readFrom(problems, fields.from, end);
  const point = readOperationPoint(problems, tree.line, fields, operation);
  if (node === undefined || operation === undefined || count === undefined) return undefined;
  const again = fields.again && readAgain(problems, fields.again, "again");
  if (from === undefined || point === undefined) return undefined;
  return {
    kind: "operation",
    node,
    from,
    mark: { operation, count, point },
    ...(again ? { again: true as const } : {}),
  };
}

function readOperationPoint(
  problems: Problems,
  line: number,
  fields: Readonly<Partial<Record<(typeof POINT_KEYS)[number], Tree>>>,
  operation: Operation | undefined,
): OperationPoint | undefined {
  const given = POINT_KEYS.filter((key) => fields[key] !== undefined);
  if (given.length > 1) return problems.add(line, `on with ${given.join(" and ")}; keep one of them`);
  if (fields.point !== undefined) {
    const kind = readPoint(problems, fields.point, "point");
    return kind === undefined ? undefined : { kind };
  }
  if (fields.byte !== undefined) {
    if (operation !== undefined && operation !== "read" && operation !== "page-write")
      return problems.add(fields.byte.line, `byte goes with read and page-write, not with ${operation}`);
    const max = operation === "read" ? READ_BYTES_MAX : PAGE_BYTES;
    const byte = wholeNumber(1, max)(problems, fields.byte, "byte");
    return byte === undefined ? undefined : { kind: "byte", byte };
  }
  if (fields.write_cycle === undefined) return { kind: "before" };
  if (operation !== undefined && operation !== "page-write")
    return problems.add(fields.write_cycle.line, `write_cycle goes with page-write, not with ${operation}`);
  const into = readInto(problems, fields.write_cycle, "write_cycle");
  return into === undefined ? undefined : { kind: "write-cycle", into };
}
