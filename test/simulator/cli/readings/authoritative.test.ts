/** Which of two primaries' readings counts. */
import * as fc from "fast-check";
import type { StoredReading } from "../../../../lib/contract/stored-reading.ts";
import { judgeReadings } from "../../../../simulator/cli/readings/authoritative.ts";
import { readingAt, START_MS, slots } from "./log.ts";

const name = ({ node, measured_at }: StoredReading) =>
  `${node}@${(Date.parse(measured_at) - START_MS) / 900_000}`;
const counting = (readings: readonly StoredReading[]) =>
  judgeReadings(readings)
    .filter(({ authoritative }) => authoritative)
    .map(({ reading }) => name(reading));

test("one primary, whose timer drifts -> all of its readings count", () => {
  const drifting = Array.from({ length: 100 }, (_, i) => readingAt(i * 855));
  expect(counting(drifting)).toHaveLength(100);
});

test("one primary that a reset wakes twice in a slot -> both of its readings count", () => {
  expect(counting([readingAt(0), readingAt(30)])).toHaveLength(2);
});

test("a takeover -> the readings of both, one after the other", () => {
  const log = [...slots(0, 3, 0), ...slots(6, 9, 60, { node: 1, term: 2 })];
  expect(counting(log)).toHaveLength(8);
});

test.each([0, 1, 300, 450, 600, 899])(
  "two primaries %d s apart -> in each slot the higher term; the other is overruled only there",
  (apart) => {
    const older = slots(0, 9, 0, { node: 0, term: 3 });
    const newer = slots(2, 6, apart, { node: 1, term: 4 });
    const found = counting([...older, ...newer]);
    expect(found.filter((one) => one.startsWith("1@"))).toHaveLength(5);
    // At the ends of the newer one's time, a slot of the older may lie half outside.
    const left = found.filter((one) => one.startsWith("0@"));
    expect(left).toEqual(expect.arrayContaining(["0@0", "0@1", "0@8", "0@9"]));
    for (const slot of [3, 4, 5, 6]) expect(left).not.toContain(`0@${slot}`);
  },
);

test("the later claimant publishes nothing for a while -> the older one's readings stand in", () => {
  const newer = [...slots(0, 2, 100, { node: 1, term: 2 }), ...slots(6, 8, 100, { node: 1, term: 2 })];
  expect(counting([...slots(0, 8, 0), ...newer]).map((one) => one.slice(0, 3))).toEqual([
    "1@0",
    "1@1",
    "1@2",
    "0@3",
    "0@4",
    "0@5",
    "1@6",
    "1@7",
    "1@8",
  ]);
});

test("the same term, as under the published protocol -> the lower node", () => {
  const log = [...slots(0, 3, 200, { node: 1, term: 0 }), ...slots(0, 3, 0, { node: 0, term: 0 })];
  expect(counting(log)).toEqual(["0@0", "0@1", "0@2", "0@3"]);
});

test("a reading that was overruled itself -> overrules nobody", () => {
  const chain = [
    readingAt(0, { node: 0, term: 1 }),
    readingAt(400, { node: 1, term: 2 }),
    readingAt(800, { node: 2, term: 3 }),
  ];
  expect(counting(chain)).toEqual([expect.stringMatching(/^0@/), expect.stringMatching(/^2@/)]);
});

const anyReading = fc
  .record({
    at: fc.integer({ min: 0, max: 20_000 }),
    node: fc.integer({ min: 0, max: 3 }),
    term: fc.integer({ min: 0, max: 3 }),
    sleep_s: fc.constantFrom(60, 900),
  })
  .map(({ at, ...changes }) => readingAt(at, changes));
const anyLog = fc.uniqueArray(anyReading, {
  maxLength: 60,
  selector: ({ measured_at, node }) => `${measured_at}${node}`,
});

const near = (one: StoredReading, other: StoredReading) =>
  Math.abs(Date.parse(one.measured_at) - Date.parse(other.measured_at)) <=
  525 * Math.max(one.sleep_s, other.sleep_s);

test("any log -> no two nodes have a slot, whoever is overruled is so by one that counts and ranks higher, nothing is lost", () => {
  fc.assert(
    fc.property(anyLog, (log) => {
      const judged = judgeReadings(log);
      expect(judged.map(({ reading }) => reading)).toEqual(expect.arrayContaining(log));
      expect(judged.map(({ atMs }) => atMs)).toEqual(
        judged.map(({ atMs }) => atMs).toSorted((x, y) => x - y),
      );
      const counts = judged.filter(({ authoritative }) => authoritative).map(({ reading }) => reading);
      for (const { reading, authoritative } of judged) {
        const rivals = counts.filter((other) => other.node !== reading.node && near(reading, other));
        if (authoritative) expect(rivals).toEqual([]);
        else
          expect(
            rivals.some(
              ({ term, node }) => term > reading.term || (term === reading.term && node < reading.node),
            ),
          ).toBe(true);
      }
    }),
  );
});

test("the order in which they are read -> makes no difference", () => {
  fc.assert(
    fc.property(anyLog, fc.integer(), (log, turn) => {
      const by = log.length === 0 ? 0 : Math.abs(turn) % log.length;
      const turned = [...log.slice(by), ...log.slice(0, by)];
      expect(judgeReadings(turned)).toEqual(judgeReadings(log));
    }),
  );
});
