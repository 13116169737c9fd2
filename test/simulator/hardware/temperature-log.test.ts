import fc from "fast-check";
import { rowAt, temperatureLog } from "../../../simulator/hardware/temperature-log.ts";

const START_MS = Date.UTC(2026, 0, 1);
const logAt = (...seconds: number[]) =>
  temperatureLog(
    Float64Array.from(seconds, (s) => START_MS + s * 1_000),
    new Float64Array(seconds.length).fill(20),
  );

test("rows a minute apart, one hour missing -> times, median and the gap", () => {
  const log = logAt(0, 60, 120, 3_720);
  expect(log).toMatchObject({ rows: 4, startMs: START_MS, endMs: START_MS + 3_720_000 });
  expect(log.medianIntervalMs).toBe(60_000);
  expect(log.gaps).toEqual([{ fromMs: START_MS + 120_000, toMs: START_MS + 3_720_000 }]);
});

test("interval of 2.5 times the median -> no gap yet; a millisecond more -> a gap", () => {
  expect(logAt(0, 10, 20, 45).gaps).toEqual([]);
  expect(logAt(0, 10, 20, 45.001).gaps).toHaveLength(1);
});

const minutes = (n: number) => n / 60;
test.each<[string, number[], number[]]>([
  ["two rows, 20 days apart", [0, 480], [480]],
  ["two rows, an hour apart", [0, 1], []],
  ["two rows, a minute more than an hour apart", [0, 1 + minutes(1)], [1 + minutes(1)]],
  ["three rows, the second hole the longer", [0, 2, 480], [2, 478]],
  ["three rows a minute apart, then 20 days", [0, minutes(1), 480], [480 - minutes(1)]],
  ["four rows, two of three intervals are holes", [0, minutes(15), 24, 48], [24 - minutes(15), 24]],
  ["five rows two hours apart: the interval is known", [0, 2, 4, 6, 8], []],
  ["five rows, one hole", [0, 2, 4, 6, 480], [474]],
])("%s -> gaps of more than an hour as long as there are few rows", (_, hours, expected) => {
  const found = logAt(...hours.map((h) => h * 3_600)).gaps.map(
    ({ fromMs, toMs }) => (toMs - fromMs) / 3_600_000,
  );
  expect(found).toHaveLength(expected.length);
  for (const [i, gap] of found.entries()) expect(gap).toBeCloseTo(expected[i]!, 9);
});

test("even number of intervals -> the mean of the middle two", () => {
  expect(logAt(0, 10, 30).medianIntervalMs).toBe(15_000);
});

test("one row -> no interval, no gap", () => {
  const log = logAt(0);
  expect(log).toMatchObject({ rows: 1, medianIntervalMs: 0, gaps: [], startMs: log.endMs });
});

test("any rows, any time -> rowAt finds what a search from the front finds", () => {
  const seconds = fc.uniqueArray(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(seconds, fc.integer({ min: -10, max: 5_010 }), (times, asked) => {
      const sorted = times.toSorted((x, y) => x - y);
      const expected = Math.max(
        0,
        sorted.findLastIndex((s) => s <= asked),
      );
      expect(rowAt(logAt(...sorted), START_MS + asked * 1_000)).toBe(expected);
    }),
  );
});
