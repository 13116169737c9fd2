/** The pictures: in block characters and as SVG. */
import type { StoredReading } from "../../../../lib/contract/stored-reading.ts";
import { judgeReadings } from "../../../../simulator/cli/readings/authoritative.ts";
import { gapsOf } from "../../../../simulator/cli/readings/gaps.ts";
import { plotOf } from "../../../../simulator/cli/readings/plot.ts";
import { svgOf } from "../../../../simulator/cli/readings/svg.ts";
import { recordingTerminal } from "../recording-terminal.ts";
import { readingAt, START_MS, slots } from "./log.ts";

function drawing(readings: readonly StoredReading[], toSlot: number) {
  const span = { fromMs: START_MS, toMs: START_MS + toSlot * 900_000 };
  const judged = judgeReadings(readings);
  return { judged, gaps: gapsOf(judged, span, span.toMs), span };
}
const ramp = Array.from({ length: 20 }, (_, i) => readingAt(i * 900, { temperature_c: 20 + i }));
const plot = (readings: readonly StoredReading[], toSlot: number, columns: number) =>
  plotOf(recordingTerminal({ columns }).terminal, drawing(readings, toSlot));

test("a rise of 20 steps -> a staircase of half rows, with the scale and the times", () => {
  expect(plot(ramp, 20, 28)).toEqual([
    " 39.0 │                  ▄▀",
    "      │                ▄▀",
    "      │              ▄▀",
    "      │            ▄▀",
    " 29.5 │          ▄▀",
    "      │        ▄▀",
    "      │      ▄▀",
    "      │    ▄▀",
    "      │  ▄▀",
    " 20.0 │▄▀",
    "      └────────────────────",
    "       2026-01-01 00:00  2026-01-01 05:00",
  ]);
});

test("a gap -> empty columns; between readings that are far apart on the screen -> the last one stands", () => {
  const [low, high] = [{ temperature_c: 10 }, { temperature_c: 30 }];
  const log = [...slots(0, 3, 0, low), ...slots(8, 9, 0, high)];
  const rows = plot(log, 10, 48);
  expect(rows[0]).toBe(" 30.0 │                                ▀▀▀▀▀");
  expect(rows[9]).toBe(" 10.0 │▄▄▄▄▄▄▄▄▄▄▄▄▄");
});

test.each([48, 80, 200])("%d columns -> no line is longer", (columns) => {
  expect(plot(slots(0, 500, 0), 500, columns).filter((line) => line.length >= columns)).toEqual([]);
});

test("a terminal with colour, two nodes -> a colour each, and which is whose", () => {
  const log = [...slots(0, 4, 0), ...slots(5, 9, 0, { node: 1, term: 2 })];
  const lines = plotOf(recordingTerminal({ columns: 60, colour: true }).terminal, drawing(log, 10));
  expect(lines.at(-1)).toContain("\u001b[36m█ node 0\u001b[0m  \u001b[35m█ node 1\u001b[0m");
});

test("no colours, two nodes -> a row of numbers says who measured, blank over a gap", () => {
  const lines = plot([...slots(0, 4, 0), ...slots(7, 9, 0, { node: 1, term: 2 })], 10, 48);
  expect(lines.join("")).not.toContain("\u001b");
  const row = lines.at(-1)!;
  expect(row).toMatch(/^ node {2}0+ +1+$/);
  // Below the axis's cells: the number of a column stands under it.
  const drawn = (column: number) => lines.slice(0, 10).some((line) => (line[column] ?? " ") !== " ");
  for (let column = 7; column < row.length; column++) expect(row[column] !== " ").toBe(drawn(column));
});

test("no colours, one node -> no such row", () => {
  expect(plot(slots(0, 4, 0), 5, 48).at(-1)).not.toContain("node");
});

describe("SVG", () => {
  const log = [
    ...slots(0, 4, 0, { temperature_c: 18 }),
    ...slots(10, 14, 0, { temperature_c: 22 }),
    ...slots(12, 14, 5, { node: 1, term: 0 }),
  ];
  const svg = svgOf('kitchen & <"shed">', drawing(log, 15));

  test("every element -> closed, and text is escaped", () => {
    const open: string[] = [];
    for (const [, closing, tag, own] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
      if (closing === "/") expect(open.pop()).toBe(tag);
      else if (own === "") open.push(tag!);
    }
    expect(open).toEqual([]);
    expect(svg).toContain("kitchen &#38; &#60;&#34;shed&#34;&#62;");
  });

  test("a gap -> shaded and named, and the line is broken there", () => {
    expect(svg).toContain("<title>gap, 2026-01-01 01:00 to 2026-01-01 02:30: about 5 readings</title>");
    expect(svg.match(/<path d="M[^"]*" fill="none"/g)).toHaveLength(2);
  });

  test("readings that are overruled -> circles", () => {
    expect(svg.match(/<circle /g)).toHaveLength(3);
  });

  test("coordinates -> numbers within the picture", () => {
    for (const [, x, y] of svg.matchAll(/cx="([^"]+)" cy="([^"]+)"/g)) {
      expect(Number(x)).toBeGreaterThan(0);
      expect(Number(x)).toBeLessThan(960);
      expect(Number(y)).toBeGreaterThan(0);
      expect(Number(y)).toBeLessThan(360);
    }
    expect(svg).not.toMatch(/NaN|Infinity/);
  });
});

test("a temperature that never changes -> a flat line, in both", () => {
  expect(plot(slots(0, 19, 0), 20, 28).filter((row) => /[▀▄█]/.test(row))).toHaveLength(1);
  expect(svgOf("x", drawing(slots(0, 19, 0), 20))).not.toMatch(/NaN|Infinity/);
});
