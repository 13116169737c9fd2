/**
 * Times and spans as a person reads them. Always UTC: the reader's place is not known. Total: what is no instant at all
 * becomes words, and never stops a mail.
 */

/** The last instant that ECMAScript can name. */
const INSTANT_MAX_MS = 8_640_000_000_000_000;
const UNKNOWN = "an unknown time";

const isInstant = (epochMs: number): boolean => Math.abs(epochMs) <= INSTANT_MAX_MS;

/** `2026-01-01T00:15:00.000Z`; years beyond 9999 and before 0 are longer. */
const iso = (epochMs: number): string => new Date(epochMs).toISOString();

/** Epoch ms as `2026-01-01 00:15:00 UTC`. */
export const utc = (epochMs: number): string =>
  isInstant(epochMs) ? `${iso(epochMs).replace("T", " ").slice(0, -5)} UTC` : UNKNOWN;

/** Epoch ms as `2026-01-01 00:15 UTC`. */
export const utcMinute = (epochMs: number): string =>
  isInstant(epochMs) ? `${iso(epochMs).replace("T", " ").slice(0, -8)} UTC` : UNKNOWN;

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
