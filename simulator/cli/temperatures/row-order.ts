/** From rows as they stand in a file to rows in the order of time, each instant once. */
import type { Reading } from "./row.ts";
import { RepeatedHours, type TimeZone } from "./time-zone.ts";

/** How times are to be understood. */
export interface OrderOptions {
  /** Of times without an offset. @default UTC */
  readonly zone?: TimeZone | undefined;
  /** This machine's. */
  readonly ownZone: string;
}

/** A row with its instant, epoch milliseconds. */
export interface OrderedRow {
  readonly ms: number;
  readonly celsius: number;
}

/** Rows in order, and what was left out. */
export interface Ordered {
  /** Each after the one before. */
  readonly rows: readonly OrderedRow[];
  /** What was not taken as it stood. */
  readonly notes: readonly string[];
}

/** The times cannot be put in an order without spoiling the log; the message says why, and what to do. */
export class OrderError extends Error {
  override readonly name = "OrderError";
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

const HOUR_MS = 3_600_000;
/** What a message can carry (`instant` in lib/contract/messages.ts, and times of DynamoDB that are never below 0). */
const FROM_MS = 0;
const TO_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

interface Placed extends OrderedRow {
  readonly line: number;
}

/** @throws OrderError */
export function inOrder(readings: readonly Reading[], { zone, ownZone }: OrderOptions): Ordered {
  const newestFirst = isNewestFirst(readings);
  const forward = newestFirst ? readings.toReversed() : readings;
  const notes = newestFirst ? ["newest row first: reversed"] : [];
  if (zone === undefined) refuseRepeatedHour(forward, new RepeatedHours(ownZone));
  const { rows, repeated } = placed(forward, zone);
  if (repeated !== undefined)
    notes.push(`the hour of ${repeated} comes twice in ${zone?.name}: its rows were used in their order`);
  const outside = rows.find(({ ms }) => ms < FROM_MS || ms > TO_MS);
  if (outside !== undefined)
    throw new OrderError(
      outside.line,
      `${day(outside.ms)} is out of range: a log takes times from ${day(FROM_MS)} to ${day(TO_MS)}`,
    );
  const late = rows.filter(({ ms }, i) => i > 0 && ms < rows[i - 1]!.ms).length;
  if (late > 0) notes.push(`${late} ${late === 1 ? "row was" : "rows were"} out of order: sorted by time`);
  const sorted = rows.toSorted((x, y) => x.ms - y.ms);
  // Of the same instant the last one in the file counts.
  const single = sorted.filter(({ ms }, i) => ms !== sorted[i + 1]?.ms);
  const again = sorted.length - single.length;
  if (again > 0)
    notes.push(
      `${again} ${again === 1 ? "row has" : "rows have"} the time of another: the last row of each time is used`,
    );
  return { rows: single, notes };
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const clock = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace("T", " ");

const shownMs = ({ time }: Reading): number => (time.kind === "utc" ? time.ms : time.localMs);

function isNewestFirst(readings: readonly Reading[]): boolean {
  const steps = readings.slice(1).map((reading, i) => Math.sign(shownMs(reading) - shownMs(readings[i]!)));
  return steps.reduce((sum, step) => sum + step, 0) < 0;
}

/** Sorted, such rows would be mixed with those of the hour before; dropped, an hour would be lost. */
function refuseRepeatedHour(readings: readonly Reading[], hours: RepeatedHours): void {
  for (const [i, { time, line, written }] of readings.entries()) {
    const before = readings[i - 1]?.time;
    if (time.kind !== "local" || before?.kind !== "local") continue;
    const backMs = before.localMs - time.localMs;
    if (backMs < 0 || backMs >= HOUR_MS) continue;
    const place = hours.placeOf(time.localMs);
    if (place === undefined) continue;
    throw new OrderError(
      line,
      `the hour of ${written} comes twice: these are local times, and the clocks were put back (as in ${place}). Name their zone with --zone ${place} (UTC is one too), or export them with an offset. Do not sort or remove rows by hand: that would corrupt this hour`,
    );
  }
}

/** @throws OrderError for a local time that clocks in `zone` never showed. */
function placed(
  readings: readonly Reading[],
  zone: TimeZone | undefined,
): { rows: Placed[]; repeated: string | undefined } {
  let repeated: string | undefined;
  const rows: Placed[] = [];
  for (const { time, celsius, line, written } of readings) {
    const instants = instantsOf(time, zone);
    const before = rows.at(-1)?.ms ?? Number.NEGATIVE_INFINITY;
    const ms = instants.find((each) => each > before) ?? instants.at(-1);
    if (ms === undefined)
      throw new OrderError(line, `no clock in ${zone?.name} showed ${written}: the clocks were put forward`);
    if (instants.length > 1 && ms !== instants[0] && time.kind === "local") repeated ??= clock(time.localMs);
    rows.push({ ms, celsius, line });
  }
  return { rows, repeated };
}

const instantsOf = (time: Reading["time"], zone: TimeZone | undefined): readonly number[] => {
  if (time.kind === "utc") return [time.ms];
  return zone === undefined ? [time.localMs] : zone.instants(time.localMs);
};
