/**
 * Times and spans as a person reads them: to the minute, in the reader's time zone, or in UTC where none is known. A
 * number that is no instant becomes words, and never stops a mail.
 */

/** The last instant that ECMAScript can name. */
const INSTANT_MAX_MS = 8_640_000_000_000_000;
const UNKNOWN = "an unknown time";

const isInstant = (epochMs: number): boolean => Math.abs(epochMs) <= INSTANT_MAX_MS;

/** `2026-01-01T00:15:00.000Z`; years beyond 9999 and before 0 are longer. */
const iso = (epochMs: number): string => new Date(epochMs).toISOString();

/** Epoch ms as `2026-01-01 00:15 UTC`. */
export const utcMinute = (epochMs: number): string =>
  isInstant(epochMs) ? `${iso(epochMs).replace("T", " ").slice(0, -8)} UTC` : UNKNOWN;

/** Names an instant, epoch ms, to the minute. */
export type Clock = (epochMs: number) => string;

/** A formatter takes about a millisecond to make, and a mail names many instants. */
const clocks = new Map<string, Clock>();

/**
 * `2026-01-01 13:15 CET`: each time names its offset, so that the hour that autumn repeats is told apart.
 * @param timeZone IANA name; undefined: UTC
 * @throws RangeError for a time zone that does not exist
 */
export function clockOf(timeZone: string | undefined): Clock {
  if (timeZone === undefined) return utcMinute;
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
  });
  const clock: Clock = (epochMs) => {
    if (!isInstant(epochMs)) return UNKNOWN;
    const parts = new Map(format.formatToParts(epochMs).map(({ type, value }) => [type, value]));
    const [year, month, day, hour, minute, zone] = (
      ["year", "month", "day", "hour", "minute", "timeZoneName"] as const
    ).map((type) => parts.get(type));
    return `${year}-${month}-${day} ${hour}:${minute} ${zone}`;
  };
  clocks.set(timeZone, clock);
  return clock;
}

const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
] as const;

/** The two largest units of a span in ms, rounded down: `2 d 3 h`, `15 min`, `8 s`. */
export function span(ms: number): string {
  if (!Number.isFinite(ms)) return "an unknown time";
  let rest = Math.max(0, Math.floor(ms / 1_000));
  const parts = UNITS.map(([name, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return { count, text: `${count} ${name}` };
  });
  const first = parts.findIndex(({ count }) => count > 0);
  if (first < 0) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(({ count }) => count > 0)
    .map(({ text }) => text)
    .join(" ");
}
