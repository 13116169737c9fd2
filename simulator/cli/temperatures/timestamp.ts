/** Times as programs and people write them into logs. */

/** A time that was read. `localMs` is the wall clock's, as if it were UTC. */
export type Timestamp =
  | { readonly kind: "utc"; readonly ms: number }
  | { readonly kind: "local"; readonly localMs: number };

/** Why a text is no time. */
export type NoTimestamp = "no-time" | "no-such-date" | "month-or-day";

const CLOCK =
  "(?:[T ]\\s*(?<hour>\\d{1,2}):(?<minute>\\d\\d)(?::(?<second>\\d\\d)(?:[.,](?<fraction>\\d+))?)?)?";
const ZONE = "\\s*(?<zone>Z|UTC|GMT|[+-]\\d\\d(?::?\\d\\d)?)?";
const YEAR_FIRST = new RegExp(
  `^(?<year>\\d{4})([-/.])(?<month>\\d{1,2})\\2(?<day>\\d{1,2})${CLOCK}${ZONE}$`,
  "i",
);
/** With points, as it is written in Europe: the day comes first. */
const DAY_FIRST = new RegExp(`^(?<day>\\d{1,2})\\.(?<month>\\d{1,2})\\.(?<year>\\d{4})${CLOCK}${ZONE}$`, "i");
/** With strokes or dashes nobody can tell 3 April from 4 March. */
const AMBIGUOUS = /^\d{1,2}[/-]\d{1,2}[/-]\d{2,4}\b/;
/** Seconds from 1973 to 5138, milliseconds from 1973 on; shorter numbers may be a date or a count of rows. */
const EPOCH_S = /^\d{9,11}(?:\.\d+)?$/;
const EPOCH_MS = /^\d{12,14}(?:\.\d+)?$/;

/** A date alone is its midnight. */
export function readTimestamp(text: string): Timestamp | NoTimestamp {
  if (EPOCH_S.test(text)) return { kind: "utc", ms: Math.floor(Number(text) * 1_000) };
  if (EPOCH_MS.test(text)) return { kind: "utc", ms: Math.floor(Number(text)) };
  const found = (YEAR_FIRST.exec(text) ?? DAY_FIRST.exec(text))?.groups;
  if (found === undefined) return AMBIGUOUS.test(text) ? "month-or-day" : "no-time";
  const part = (name: string) => Number(found[name] ?? 0);
  const localMs = calendarMs(part("year"), part("month"), part("day"));
  const [hour, minute, second] = [part("hour"), part("minute"), part("second")];
  if (localMs === undefined || hour > 23 || minute > 59 || second > 59) return "no-such-date";
  const fractionMs = Math.floor(Number(`0.${found.fraction ?? "0"}`) * 1_000);
  const ms = localMs + ((hour * 60 + minute) * 60 + second) * 1_000 + fractionMs;
  if (found.zone === undefined) return { kind: "local", localMs: ms };
  const offsetMs = offsetOf(found.zone);
  return offsetMs === undefined ? "no-such-date" : { kind: "utc", ms: ms - offsetMs };
}

/** Midnight UTC of a day; undefined where the calendar has no such day. */
function calendarMs(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  // Date.UTC takes years below 100 for 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? date.getTime() : undefined;
}

/** East of Greenwich in ms; undefined beyond what any place has. */
function offsetOf(zone: string): number | undefined {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  if (sign === undefined) return 0;
  const [h, m] = [Number(hours), Number(minutes ?? 0)];
  if (h > 14 || m > 59) return undefined;
  return (sign === "-" ? -1 : 1) * (h * 60 + m) * 60_000;
}
