/**
 * A recorded temperature log in memory.
 *
 * A gap is an interval of more than 2.5 times the median. Up to four rows, the median says little: of two rows it is the
 * only interval, of three the mean of both, which neither exceeds 2 times. There, any interval of more than an hour is a
 * gap too; of a log that is thinner than that, each.
 */

/** Row n was measured at `timesMs[n]` and read `celsius[n]`. */
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

/** A stretch of the log without rows: from the row before to the row after, epoch milliseconds. */
export interface TemperatureGap {
  readonly fromMs: number;
  readonly toMs: number;
}

const GAP_FACTOR = 2.5;
/** Up to so many rows do not tell how far apart they ought to be. */
const FEW_ROWS = 4;
const HOUR_MS = 3_600_000;

/**
 * @param timesMs epoch ms, each after the one before; at least one
 * @param celsius as many
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
