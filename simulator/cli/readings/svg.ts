/** A temperature log as an SVG picture that needs nothing else: no font of its own, no script. */
import type { Judged } from "./authoritative.ts";
import { clock, type Drawing, scaleOf, ticksOf } from "./drawing.ts";

const WIDTH = 960;
const HEIGHT = 360;
const LEFT = 56;
const RIGHT = 16;
const TOP = 40;
const BOTTOM = 36;
/** By node; of Okabe and Ito's palette, which colour-blind people can tell apart. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999"];

const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
/** A tenth of a pixel is as fine as anybody sees. */
const at = (value: number): string => String(Math.round(value * 10) / 10);
const colourOf = ({ reading: { node } }: Judged): string => COLOURS[node % COLOURS.length]!;

/** @param title above the picture, and its name for those who do not see it */
export function svgOf(title: string, drawing: Drawing): string {
  const { judged, gaps, span } = drawing;
  const scale = scaleOf(judged);
  const x = (ms: number) =>
    LEFT + ((ms - span.fromMs) / Math.max(1, span.toMs - span.fromMs)) * (WIDTH - LEFT - RIGHT);
  const y = (celsius: number) =>
    HEIGHT - BOTTOM - ((celsius - scale.low) / (scale.high - scale.low)) * (HEIGHT - TOP - BOTTOM);
  const shaded = gaps.map(
    ({ fromMs, toMs, missed }) =>
      `<rect x="${at(x(fromMs))}" y="${TOP}" width="${at(x(toMs) - x(fromMs))}" height="${HEIGHT - TOP - BOTTOM}" fill="#f3e3e3"><title>${escaped(`gap, ${clock(fromMs)} to ${clock(toMs)}: about ${missed} readings`)}</title></rect>`,
  );
  const grid = ticksOf(scale, 5).map(
    (celsius) =>
      `<path d="M${LEFT} ${at(y(celsius))}H${WIDTH - RIGHT}" stroke="#ddd"/><text x="${LEFT - 8}" y="${at(y(celsius) + 4)}" text-anchor="end">${celsius.toFixed(1)}</text>`,
  );
  const times = Array.from({ length: 5 }, (_, i) => span.fromMs + ((span.toMs - span.fromMs) * i) / 4).map(
    (ms, i) =>
      `<text x="${at(x(ms))}" y="${HEIGHT - 12}" text-anchor="${["start", "middle", "middle", "middle", "end"][i]}">${clock(ms)}</text>`,
  );
  const lines = linesOf(drawing).map(
    (points) =>
      `<path d="M${points.map(({ atMs, reading }) => `${at(x(atMs))} ${at(y(reading.temperature_c))}`).join("L")}" fill="none" stroke="${colourOf(points.at(-1)!)}" stroke-width="1.5" stroke-linecap="round"/>`,
  );
  const overruled = judged
    .filter(({ authoritative }) => !authoritative)
    .map(
      (one) =>
        `<circle cx="${at(x(one.atMs))}" cy="${at(y(one.reading.temperature_c))}" r="2.5" fill="none" stroke="${colourOf(one)}"/>`,
    );
  const nodes = [...new Set(judged.map(({ reading }) => reading.node))].sort((a, b) => a - b);
  const legend = nodes.map(
    (node, i) =>
      `<text x="${WIDTH - RIGHT - (nodes.length - 1 - i) * 64}" y="24" text-anchor="end" fill="${COLOURS[node % COLOURS.length]}">node ${node}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}" font-family="sans-serif" font-size="12" fill="#333">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="24" font-size="14">${escaped(title)}, °C</text>`,
    ...legend,
    ...shaded,
    ...grid,
    ...times,
    ...lines,
    ...overruled,
    "</svg>\n",
  ].join("\n");
}

/** The readings that count as lines: a new one after each gap, and, joined to the last, where another node goes on. */
function linesOf({ judged, gaps }: Drawing): Judged[][] {
  const afterGap = new Set(gaps.map(({ toMs }) => toMs));
  const lines: Judged[][] = [];
  for (const one of judged.filter(({ authoritative }) => authoritative)) {
    const line = lines.at(-1);
    const last = line?.at(-1);
    if (line === undefined || last === undefined || afterGap.has(one.atMs)) lines.push([one]);
    else if (last.reading.node === one.reading.node) line.push(one);
    else lines.push([last, one]);
  }
  // A line of one point is drawn as a dot: its ends are round.
  return lines.map((line) => (line.length === 1 ? [line[0]!, line[0]!] : line));
}
