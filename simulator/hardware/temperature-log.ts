/**
 * A recorded temperature log in memory.
 *
 * A gap is an interval of more than 2.5 times the median. In a log of up to four rows the median says little: of two
 * rows it is the only interval, and of three the mean of both, so that neither is more than 2 times it. There any
 * interval of more than an hour is a gap too.
 */

/** A log of at least one row. Row n was measured at `timesMs[n]`, in epoch milliseconds, and read `celsius[n]` °C. */
export interface TemperatureLog {
  /** Time of the first row, in epoch milliseconds; `endMs` is that of the last. */
  readonly startMs: number;
  readonly endMs: number;
  readonly rows: number;
  /** Median of the intervals between rows, in milliseconds; 0 with a single row. */
  readonly medianIntervalMs: number;
  /** The gaps in order; the file's header says what counts as one. */
  readonly gaps: readonly TemperatureGap[];
  readonly timesMs: Float64Array;
  readonly celsius: Float64Array;
}

/** A stretch of the log without rows: from the row before it to the row after it, in epoch milliseconds. */
export interface TemperatureGap {
  readonly fromMs: number;
  readonly toMs: number;
}

const GAP_FACTOR = 2.5;
/** Up to this many rows, the median does not show how far apart rows ought to be. */
const FEW_ROWS = 4;
const HOUR_MS = 3_600_000;

/**
 * Makes a log, with its median interval and its gaps.
 * @param timesMs epoch milliseconds, strictly rising; at least one
 * @param celsius °C, as many as there are times
 */
export function temperatureLog(timesMs: Float64Array, celsius: Float64Array): TemperatureLog {
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

/** Index of the last row at or before `timeMs`, in epoch milliseconds; 0 for any time before the first. */
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
