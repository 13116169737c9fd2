/** What the picture in the terminal and the one in SVG have in common. */
import type { Judged } from "./authoritative.ts";
import type { Gap, Span } from "./gaps.ts";

/** What a chart shows. */
export interface Drawing {
  /** In the order of time, one at least. */
  readonly judged: readonly Judged[];
  readonly gaps: readonly Gap[];
  readonly span: Span;
}

/** In °C. */
export interface Scale {
  readonly low: number;
  readonly high: number;
}

/** From the coldest to the warmest, and half a degree around a temperature that never changes. */
export function scaleOf(judged: readonly Judged[]): Scale {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { reading } of judged) {
    low = Math.min(low, reading.temperature_c);
    high = Math.max(high, reading.temperature_c);
  }
  return low === high ? { low: low - 0.5, high: high + 0.5 } : { low, high };
}

/** `count` values from the lowest to the highest. */
export const ticksOf = ({ low, high }: Scale, count: number): number[] =>
  Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));

/** `2026-01-31 06:15`, UTC. */
export const clock = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace("T", " ");
