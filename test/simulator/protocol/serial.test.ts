/** Counters at their largest value: they go on, and nobody is stopped by one. */
import { isAhead, isNewerTerm, nextCount, nextTerm } from "../../../simulator/protocol/serial.ts";
import { look, memoryOf, recordOf } from "./hardened/chips.ts";

const MAX = 0xffff_ffff;

test.each([
  [2, 1, true],
  [1, 2, false],
  [1, 1, false],
  [0, MAX, true],
  [MAX, 0, false],
  [5, MAX - 5, true],
  [2 ** 31 - 1, 0, true],
])("%d after %d -> %p", (x, y, expected) => {
  expect(isAhead(x, y)).toBe(expected);
});

test("terms: none comes before any, and the largest is followed by 1", () => {
  expect([nextTerm(1), nextTerm(MAX), nextCount(MAX)]).toEqual([2, 1, 0]);
  expect([isNewerTerm(MAX, 0), isNewerTerm(0, MAX), isNewerTerm(1, MAX), isNewerTerm(MAX, 1)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
});

test("a claim under the largest term, and its node is missed -> another claims under the next, and is on top", () => {
  const rival = recordOf(1, { gen: 5, term: MAX, claims: true });
  const memory = memoryOf({ term: MAX, seen: [undefined, [1, 5]], misses: [0, 1] });
  const plan = look({ records: [rival], memory });
  expect([plan.role, plan.record.term]).toEqual(["candidate", 1]);
  const kept = { ...plan.memory, claimAcks: 3, slept: "settle" as const };
  const settled = look({ records: [rival, plan.record], memory: kept });
  expect([settled.role, settled.requiredAcks]).toEqual(["primary", 3]);
});

test("an own record with the largest boot -> life goes on above it", () => {
  const memory = memoryOf({ gen: 0, slept: "cold" });
  const plan = look({ records: [recordOf(0, { boot: MAX, gen: 9 })], memory, boot: MAX });
  expect([plan.record.boot, plan.record.gen]).toEqual([0, 1]);
});
