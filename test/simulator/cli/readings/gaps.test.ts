/** Where readings are missing. */
import type { StoredReading } from "../../../../lib/contract/stored-reading.ts";
import { judgeReadings } from "../../../../simulator/cli/readings/authoritative.ts";
import { gapsOf } from "../../../../simulator/cli/readings/gaps.ts";
import { readingAt, START_MS, slots } from "./log.ts";

const SLOT_MS = 900_000;
/** Of what was asked for and now, in slots; gaps as from and to in slots, and how many are missing. */
const gaps = (readings: readonly StoredReading[], from: number, to: number, now = to) =>
  gapsOf(
    judgeReadings(readings),
    { fromMs: START_MS + from * SLOT_MS, toMs: START_MS + to * SLOT_MS },
    START_MS + now * SLOT_MS,
  ).map(({ fromMs, toMs, missed }) => [(fromMs - START_MS) / SLOT_MS, (toMs - START_MS) / SLOT_MS, missed]);

test("one lost reading -> no gap; two -> a gap of two", () => {
  expect(gaps([...slots(0, 3, 0), ...slots(5, 8, 0)], 0, 8)).toEqual([]);
  expect(gaps([...slots(0, 3, 0), ...slots(6, 8, 0)], 0, 8)).toEqual([[3, 6, 2]]);
});

test("exactly 2.5 sleep times -> no gap; a second more -> one", () => {
  expect(gaps([readingAt(0), readingAt(2_250)], 0, 2.5)).toEqual([]);
  expect(gaps([readingAt(0), readingAt(2_251)], 0, 2.6)).toHaveLength(1);
});

test("nothing at the beginning and at the end of what was asked for -> gaps", () => {
  expect(gaps(slots(10, 20, 0), 0, 30)).toEqual([
    [0, 10, 10],
    [20, 30, 10],
  ]);
});

test("what was asked for ends in the future -> nothing is due there", () => {
  expect(gaps(slots(0, 20, 0), 0, 1_000, 21)).toEqual([]);
  expect(gaps(slots(0, 20, 0), 0, 1_000, 25)).toEqual([[20, 25, 5]]);
});

test("another sleep time -> its own measure", () => {
  expect(gaps([readingAt(0, { sleep_s: 60 }), readingAt(900, { sleep_s: 60 })], 0, 1)).toEqual([[0, 1, 14]]);
});

test("readings that are overruled -> fill no gap; none at all -> nothing to measure by", () => {
  expect(gaps([], 0, 10)).toEqual([]);
  const rivals = [...slots(0, 9, 0, { term: 2 }), ...slots(0, 9, 10, { node: 1 })];
  expect(gaps(rivals, 0, 9)).toEqual([]);
});
