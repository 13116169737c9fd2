/** Words and times as a person reads and types them. */
import { counted } from "../shared/counted.ts";

/** `2026-01-31 06:15 UTC` */
export const minuteOf = (ms: number): string =>
  `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** The UTC date of an instant: `2026-01-01`. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const MINUTE_MS = 60_000;

/** `12 minutes`, `5 hours`, `3 days`. */
export function spanOf(ms: number): string {
  const minutes = Math.round(ms / MINUTE_MS);
  if (minutes < 120) return counted(minutes, "minute");
  return minutes < 2_880
    ? counted(Math.round(minutes / 60), "hour")
    : counted(Math.round(minutes / 1_440), "day");
}
