/** Readings as the table holds them, written short. */
import type { StoredReading } from "../../../../lib/contract/stored-reading.ts";

export const START_MS = Date.UTC(2026, 0, 1);

/** At so many seconds after the start. */
export const readingAt = (seconds: number, changes: Partial<StoredReading> = {}): StoredReading => ({
  measured_at: new Date(START_MS + seconds * 1_000).toISOString(),
  node: 0,
  temperature_c: 20,
  term: 1,
  seq: 0,
  sleep_s: 900,
  battery_mv: 5_000,
  ...changes,
});

/** One reading a slot from `first` to `last`, counted in slots, each so many seconds late. */
export const slots = (
  first: number,
  last: number,
  lateS: number,
  changes: Partial<StoredReading> = {},
): StoredReading[] =>
  Array.from({ length: last - first + 1 }, (_, i) => readingAt((first + i) * 900 + lateS, changes));
