/** Times and spans as a person reads them. Always UTC: the reader's place is not known. */

/** Epoch ms as `2026-01-01 00:15:00 UTC`. */
export const utc = (epochMs: number): string => {
  const iso = new Date(epochMs).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
};

const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
] as const;

/** The two largest units of a span in ms, rounded down: `2 d 3 h`, `15 min`, `8 s`. */
export function span(ms: number): string {
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
