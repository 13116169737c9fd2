/** Durations as a person writes them: `15m`, `2d 3h`, `90s`, `1.5h`, `5ms`; `0`. */
import { type Micros, micros } from "../engine/time.ts";

/** Units in microseconds, the largest first, which is also the order in a text. */
const UNITS = [
  ["d", 86_400_000_000],
  ["h", 3_600_000_000],
  ["m", 60_000_000],
  ["s", 1_000_000],
  ["ms", 1_000],
] as const;

const PARTS = new RegExp(
  `^${UNITS.map(([unit]) => `(?:(\\d+(?:\\.\\d+)?)\\s*${unit}(?:\\s+|(?=\\d)|$))?`).join("")}$`,
);
/** Longest text of a duration; it also keeps the sum exact. */
const TEXT_MAX = 40;

/** The duration in a text, rounded to whole microseconds; undefined: it is none. */
export function parseDuration(text: string): Micros | undefined {
  if (text === "0") return micros(0);
  const match = text === "" || text.length > TEXT_MAX ? null : PARTS.exec(text);
  if (match === null) return undefined;
  return micros(UNITS.reduce((sum, [, size], part) => sum + Number(match[part + 1] ?? 0) * size, 0));
}

/** The text of a duration, which `parseDuration` reads back: `2d 3h`, `0.25ms`, `0`. */
export function durationText(span: Micros): string {
  const parts: string[] = [];
  let rest: number = span;
  for (const [unit, size] of UNITS) {
    const count = unit === "ms" ? rest / size : Math.floor(rest / size);
    if (count === 0) continue;
    parts.push(`${count}${unit}`);
    rest -= count * size;
  }
  return parts.length === 0 ? "0" : parts.join(" ");
}
