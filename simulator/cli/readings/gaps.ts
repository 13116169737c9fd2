/** Where readings are missing. */
import type { Judged } from "./authoritative.ts";

/** So many sleep times without a reading are a gap: one lost reading is not. */
export const GAP_FACTOR = 2.5;

/** Times in epoch ms: of the reading before and the one after, or of an end of what was asked for. */
export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
  /** Readings that were due in it. */
  readonly missed: number;
}

/** Epoch ms. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Gaps between the readings that count, and before the first and after the last, each by the sleep time of the reading
 * before it (of the first, by its own). Nothing is due after `nowMs`.
 * @param judged in the order of time
 */
export function gapsOf(judged: readonly Judged[], { fromMs, toMs }: Span, nowMs: number): Gap[] {
  const counting = judged.filter(({ authoritative }) => authoritative);
  const first = counting[0];
  if (first === undefined) return [];
  const ends = [...counting.map(({ atMs }) => atMs), Math.max(first.atMs, Math.min(toMs, nowMs))];
  const starts = [{ ...first, atMs: fromMs }, ...counting];
  return starts.flatMap(({ atMs, reading }, i) => {
    const end = ends[i]!;
    const sleeps = (end - atMs) / (reading.sleep_s * 1_000);
    if (sleeps <= GAP_FACTOR) return [];
    const betweenReadings = i > 0 && i < counting.length;
    return [
      { fromMs: atMs, toMs: end, missed: betweenReadings ? Math.round(sleeps) - 1 : Math.floor(sleeps) },
    ];
  });
}
