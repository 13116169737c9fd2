/**
 * Recorded temperatures as CSV: a header `timestamp,temperature_c`, then a row for each measurement in the order of
 * time. Timestamps are `YYYY-MM-DDTHH:MM:SS`, with fraction and `Z` if wished, and taken as UTC. A byte order mark, CRLF
 * and empty lines at the end are accepted; quotes, other columns and other time zones are not.
 *
 * A gap is an interval of more than 2.5 times the median. Up to four rows, the median says little: of two rows it is the
 * only interval, of three the mean of both, which neither exceeds 2 times. There, any interval of more than an hour is a
 * gap too; of a log that is thinner than that, each.
 */

/** A parsed file. Row n was measured at `timesMs[n]` and read `celsius[n]`. */
export interface TemperatureLog {
  /** First and last row, epoch ms. */
  readonly startMs: number;
  readonly endMs: number;
  readonly rows: number;
  /** Middle of the intervals between rows; 0 with a single row. */
  readonly medianIntervalMs: number;
  /** From the row before to the row after: what counts as one stands at the top. */
  readonly gaps: readonly TemperatureGap[];
  readonly timesMs: Float64Array;
  readonly celsius: Float64Array;
}

export interface TemperatureGap {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A file that cannot be used; the message names file and line, what was found and what belongs there. */
export class TemperatureCsvError extends Error {
  override readonly name = "TemperatureCsvError";
}

const HEADER = "timestamp,temperature_c";
const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?Z?$/;
const DECIMAL = /^[+-]?\d+(?:\.\d+)?$/;
const EXAMPLE_ROW = "2026-01-31T06:15:00,21.375";
/** Measuring range of the DS18B20 (datasheet, "Features"). */
const MIN_C = -55;
const MAX_C = 125;
const GAP_FACTOR = 2.5;
/** Up to so many rows do not tell how far apart they ought to be. */
const FEW_ROWS = 4;
const HOUR_MS = 3_600_000;
const SHOWN_MAX = 40;

/**
 * Reads a whole file.
 * @param fileName for messages only.
 * @throws TemperatureCsvError at the first line that is not as it should be.
 */
export function parseTemperatureCsv(text: string, fileName: string): TemperatureLog {
  const lines = text
    .replace(/^\uFEFF/, "")
    .replace(/[\r\n]+$/, "")
    .split(/\r?\n/);
  const fail = (line: number, problem: string): never => {
    throw new TemperatureCsvError(`${fileName}:${line}: ${problem}`);
  };
  if (lines.length === 1 && lines[0] === "")
    fail(1, `the file is empty; the first line has to be "${HEADER}"`);
  if (lines[0] !== HEADER) fail(1, `found ${shown(lines[0]!)} where the header "${HEADER}" belongs`);
  const rows = lines.length - 1;
  if (rows === 0) fail(2, `no row after the header; add at least one, such as "${EXAMPLE_ROW}"`);

  const timesMs = new Float64Array(rows);
  const celsius = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const line = row + 2; // editors count from 1, and the header is a line
    const [timestamp, value] = columns(lines[row + 1]!, (problem) => fail(line, problem));
    const ms = utcMs(timestamp);
    const previous = row === 0 ? Number.NEGATIVE_INFINITY : timesMs[row - 1]!;
    if (ms === undefined) {
      return fail(line, `found ${shown(timestamp)} where a UTC time such as "2026-01-31T06:15:00" belongs`);
    }
    if (ms === previous)
      fail(line, `time ${shown(timestamp)} repeats that of line ${line - 1}; keep one of the two`);
    if (ms < previous)
      fail(line, `time ${shown(timestamp)} is before that of line ${line - 1}; sort the rows by time`);
    timesMs[row] = ms;
    celsius[row] = degrees(value, (problem) => fail(line, problem));
  }
  return summary(timesMs, celsius);
}

/** The last row at or before `timeMs` (epoch ms); the first one for any time before it. */
export function rowAt(log: TemperatureLog, timeMs: number): number {
  let low = 0;
  let high = log.rows - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (log.timesMs[middle]! <= timeMs) low = middle;
    else high = middle - 1;
  }
  return low;
}

type Fail = (problem: string) => never;

const shown = (text: string): string =>
  JSON.stringify(text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text);

function columns(line: string, fail: Fail): readonly [timestamp: string, value: string] {
  const comma = line.indexOf(",");
  if (comma < 0 || line.includes(",", comma + 1)) {
    if (line.trim() === "") return fail("the line is blank; remove it");
    const found = line.split(",").length;
    const count = found === 1 ? "1 column" : `${found} columns`;
    return fail(`found ${count} in ${shown(line)}, expected 2, such as "${EXAMPLE_ROW}"`);
  }
  return [line.slice(0, comma), line.slice(comma + 1)];
}

function degrees(value: string, fail: Fail): number {
  if (!DECIMAL.test(value))
    return fail(`found ${shown(value)} where a number of °C such as "21.375" belongs`);
  const celsius = Number(value);
  if (celsius < MIN_C || celsius > MAX_C) {
    return fail(`${value} °C is outside the DS18B20's range of ${MIN_C} to ${MAX_C} °C`);
  }
  return celsius;
}

/** Epoch ms, or undefined when it is no such time. `Date.parse` would turn 30 February into 2 March. */
function utcMs(timestamp: string): number | undefined {
  const match = TIMESTAMP.exec(timestamp);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as Six;
  if (year < 100) return undefined; // Date.UTC takes them for 1900 to 1999
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const fractionMs = match[7] === undefined ? 0 : Math.floor(Number(`0${match[7]}`) * 1_000);
  return Date.UTC(year, month - 1, day, hour, minute, second) + fractionMs;
}

type Six = [number, number, number, number, number, number];

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function summary(timesMs: Float64Array, celsius: Float64Array): TemperatureLog {
  const medianIntervalMs = medianInterval(timesMs);
  const known = GAP_FACTOR * medianIntervalMs;
  const longestMs = timesMs.length <= FEW_ROWS ? Math.min(known, HOUR_MS) : known;
  const gaps: TemperatureGap[] = [];
  for (let row = 1; row < timesMs.length; row++) {
    const [fromMs, toMs] = [timesMs[row - 1]!, timesMs[row]!];
    if (toMs - fromMs > longestMs) gaps.push({ fromMs, toMs });
  }
  const [startMs, endMs] = [timesMs[0]!, timesMs[timesMs.length - 1]!];
  return { startMs, endMs, rows: timesMs.length, medianIntervalMs, gaps, timesMs, celsius };
}

function medianInterval(timesMs: Float64Array): number {
  const intervals = new Float64Array(timesMs.length - 1);
  for (let i = 0; i < intervals.length; i++) intervals[i] = timesMs[i + 1]! - timesMs[i]!;
  intervals.sort();
  if (intervals.length === 0) return 0;
  const middle = intervals.length >> 1;
  return intervals.length % 2 === 1 ? intervals[middle]! : (intervals[middle - 1]! + intervals[middle]!) / 2;
}
