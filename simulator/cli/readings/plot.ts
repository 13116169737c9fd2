/**
 * A temperature log in block characters. A column is a stretch of time; a row has two halves, so that ten rows show
 * twenty levels. A reading stands until the next one; over a gap there is nothing.
 */
import { paint, type Style, type Terminal } from "../shared/terminal.ts";
import type { Judged } from "./authoritative.ts";
import { clock, type Drawing, type Scale, scaleOf } from "./drawing.ts";

const ROWS = 10;
const HALVES = 2 * ROWS;
const LABEL_WIDTH = 7;
const MARGIN = " ".repeat(LABEL_WIDTH - 1);
const COLUMNS_MIN = 20;
/** By node. */
const STYLES: readonly Style[] = ["cyan", "magenta", "yellow", "green", "blue", "red", "bold", "dim"];

/** Levels from 0, the lowest; the node is that of the last reading. */
interface Column {
  readonly from: number;
  readonly to: number;
  readonly node: number;
}

/** Lines without an end of line. */
export function plotOf(terminal: Terminal, drawing: Drawing): string[] {
  const width = Math.max(COLUMNS_MIN, terminal.columns - 1 - LABEL_WIDTH);
  const counting = drawing.judged.filter(({ authoritative }) => authoritative);
  const scale = scaleOf(counting);
  const columns = columnsOf(drawing, counting, scale, width);
  const labels = new Map([
    [ROWS - 1, scale.high],
    [ROWS / 2, (scale.low + scale.high) / 2],
    [0, scale.low],
  ]);
  const rows = Array.from({ length: ROWS }, (_, i) => ROWS - 1 - i).map((row) => {
    const label = labels.get(row)?.toFixed(1) ?? "";
    const cells = columns.map((column) => cellOf(terminal, column, row));
    return `${label.padStart(LABEL_WIDTH - 2)} │${cells.join("")}`.trimEnd();
  });
  const [from, to] = [clock(drawing.span.fromMs), clock(drawing.span.toMs)];
  return [
    ...rows,
    `${MARGIN}└${"─".repeat(width)}`,
    `${MARGIN} ${from}${to.padStart(Math.max(to.length + 2, width - from.length))}`,
    ...nodeRows(terminal, counting, columns),
  ];
}

function columnsOf(
  { gaps, span }: Drawing,
  counting: readonly Judged[],
  scale: Scale,
  width: number,
): (Column | undefined)[] {
  const columnAt = (ms: number) =>
    Math.min(width - 1, Math.floor(((ms - span.fromMs) / Math.max(1, span.toMs - span.fromMs)) * width));
  const levelOf = (celsius: number) =>
    Math.min(HALVES - 1, Math.floor(((celsius - scale.low) / (scale.high - scale.low)) * HALVES));
  const beforeGap = new Set(gaps.map(({ fromMs }) => fromMs));
  const columns = new Array<Column | undefined>(width).fill(undefined);
  counting.forEach(({ reading, atMs }, i) => {
    const level = levelOf(reading.temperature_c);
    const next = counting[i + 1];
    const first = columnAt(atMs);
    const stands = next !== undefined && !beforeGap.has(atMs) ? columnAt(next.atMs) - 1 : first;
    const here = columns[first];
    columns[first] = {
      from: Math.min(level, here?.from ?? level),
      to: Math.max(level, here?.to ?? level),
      node: reading.node,
    };
    for (let column = first + 1; column <= stands; column++)
      columns[column] = { from: level, to: level, node: reading.node };
  });
  return columns;
}

function cellOf(terminal: Terminal, column: Column | undefined, row: number): string {
  if (column === undefined) return " ";
  const within = (half: number) => half >= column.from && half <= column.to;
  const [lower, upper] = [within(2 * row), within(2 * row + 1)];
  if (!lower && !upper) return " ";
  return paint(terminal, styleOf(column.node), lower && upper ? "█" : upper ? "▀" : "▄");
}

const styleOf = (node: number): Style => STYLES[node % STYLES.length]!;

/** Which node measured: by colour, and without colours by a row of numbers below the axis. */
function nodeRows(
  terminal: Terminal,
  counting: readonly Judged[],
  columns: readonly (Column | undefined)[],
): string[] {
  const nodes = [...new Set(counting.map(({ reading }) => reading.node))].sort((a, b) => a - b);
  if (nodes.length < 2) return [];
  if (terminal.colour)
    return [`${MARGIN} ${nodes.map((node) => paint(terminal, styleOf(node), `█ node ${node}`)).join("  ")}`];
  const row = columns.map((column) => column?.node ?? " ").join("");
  return [`${"node".padStart(LABEL_WIDTH - 2)}  ${row}`.trimEnd()];
}
