/** Temperatures of a span of time, drawn twice: in block characters for plain text, and as a small PNG for HTML. */
import type { Picture } from "./mail-content.ts";
import { Bitmap } from "./png.ts";
import { celsius } from "./words.ts";

/** A temperature at an instant, epoch ms. */
export interface Sample {
  readonly atMs: number;
  readonly temperatureC: number;
}

/** What is drawn, epoch ms, and how it is told. */
export interface PictureSpan {
  readonly title: string;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Of the sparkline, and what one of them is: `an hour a column`. */
  readonly columns: number;
  readonly column: string;
  /** The bottom edge has a tick each so many ms, and what they are. */
  readonly tickMs: number;
  readonly ticks: string;
}

const HOUR_MS = 3_600_000;

/** The day before an instant. @param nowMs epoch ms */
export const lastDay = (nowMs: number): PictureSpan => ({
  title: "The last day",
  fromMs: nowMs - 24 * HOUR_MS,
  untilMs: nowMs,
  columns: 24,
  column: "an hour a column",
  tickMs: 6 * HOUR_MS,
  ticks: "24 hours, a tick every 6",
});

const BLOCKS = "▁▂▃▄▅▆▇█";
const NO_READING = "·";
/** A sensor's noise must not look like weather. */
const RANGE_MIN_C = 1;

const WIDTH = 192;
const HEIGHT = 48;
/** Readable on white and on black: a contrast of 4.1 and of 5.1 (WCAG 2). */
const COLOUR = [0x2f, 0x80, 0xd0] as const;
/** A line that is broken for longer than so many usual intervals is not drawn on. */
const GAP_INTERVALS = 2.5;

/** @returns undefined where fewer than two samples lie in the span: nothing to draw */
export function pictureOf(samples: readonly Sample[], span: PictureSpan): Picture | undefined {
  const { title, fromMs, untilMs, column, ticks } = span;
  const drawn = samples
    .filter(({ atMs, temperatureC }) => atMs >= fromMs && atMs <= untilMs && Number.isFinite(temperatureC))
    .sort((x, y) => x.atMs - y.atMs);
  const last = drawn.at(-1);
  if (last === undefined || drawn.length < 2) return undefined;
  const values = drawn.map(({ temperatureC }) => temperatureC);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const scale = scaleOf(low, high);
  const sparkline = sparklineOf(drawn, span, scale);
  return {
    title,
    caption: `${low.toFixed(1)} to ${celsius(high)}, last ${celsius(last.temperatureC)}`,
    sparkline,
    legend: sparkline.includes(NO_READING) ? `${column}, ${NO_READING} no reading` : column,
    ticks,
    png: pngOf(drawn, span, scale),
  };
}

/** A temperature as a part of the height, 0 to 1. */
type Scale = (temperatureC: number) => number;

function scaleOf(low: number, high: number): Scale {
  const range = Math.max(high - low, RANGE_MIN_C);
  const floor = (low + high - range) / 2;
  return (value) => Math.min(1, Math.max(0, (value - floor) / range));
}

/** A column is the mean of what lies in it. */
function sparklineOf(
  samples: readonly Sample[],
  { fromMs, untilMs, columns }: PictureSpan,
  scale: Scale,
): string {
  const bins = Array.from({ length: columns }, () => ({ sum: 0, count: 0 }));
  for (const { atMs, temperatureC } of samples) {
    const at = Math.floor(((atMs - fromMs) / (untilMs - fromMs)) * columns);
    const bin = bins[Math.min(columns - 1, at)]!;
    bin.sum += temperatureC;
    bin.count += 1;
  }
  return bins
    .map(({ sum, count }) =>
      count === 0
        ? NO_READING
        : BLOCKS[Math.min(BLOCKS.length - 1, Math.floor(scale(sum / count) * BLOCKS.length))],
    )
    .join("");
}

const median = (values: readonly number[]): number =>
  [...values].sort((x, y) => x - y)[Math.floor(values.length / 2)] ?? 0;

/** The line two pixels thick, with two rows free above and the ticks below it. */
function pngOf(samples: readonly Sample[], span: PictureSpan, scale: Scale): Uint8Array {
  const { fromMs, untilMs, tickMs } = span;
  const bitmap = new Bitmap(WIDTH, HEIGHT);
  const xOf = (atMs: number) => Math.round(((atMs - fromMs) / (untilMs - fromMs)) * (WIDTH - 1));
  const yOf = (value: number) => Math.round(2 + (1 - scale(value)) * (HEIGHT - 10));
  const intervals = samples.slice(1).map(({ atMs }, i) => atMs - samples[i]!.atMs);
  const gapMs = GAP_INTERVALS * median(intervals);
  for (const [i, { atMs, temperatureC }] of samples.entries()) {
    const before = i > 0 && intervals[i - 1]! <= gapMs ? samples[i - 1]! : { atMs, temperatureC };
    line(bitmap, xOf(before.atMs), yOf(before.temperatureC), xOf(atMs), yOf(temperatureC));
  }
  for (let atMs = untilMs; atMs >= fromMs; atMs -= tickMs)
    for (const y of [HEIGHT - 3, HEIGHT - 2, HEIGHT - 1]) bitmap.set(xOf(atMs), y);
  return bitmap.toPng(COLOUR);
}

/** From point to point, column by column; steep pieces are filled. */
function line(bitmap: Bitmap, x0: number, y0: number, x1: number, y1: number): void {
  const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
  for (let step = 0; step <= steps; step++) {
    const x = Math.round(x0 + ((x1 - x0) * step) / steps);
    const y = Math.round(y0 + ((y1 - y0) * step) / steps);
    bitmap.set(x, y);
    bitmap.set(x, y + 1);
  }
}
