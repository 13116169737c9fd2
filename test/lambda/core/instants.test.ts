import fc from "fast-check";
import { clockOf, span, utcMinute } from "../../../lambda/core/instants.ts";

test("an instant -> UTC, to the minute", () => {
  expect(utcMinute(Date.parse("2026-01-01T00:15:59.999Z"))).toBe("2026-01-01 00:15 UTC");
});

test.each([
  [undefined, "2026-10-25T00:30:00Z", "2026-10-25 00:30 UTC"],
  ["Europe/Berlin", "2025-12-31T23:05:00Z", "2026-01-01 00:05 CET"],
  ["Europe/London", "2026-07-01T23:59:59Z", "2026-07-02 00:59 BST"],
  // The hour that autumn repeats.
  ["Europe/London", "2026-10-25T00:30:00Z", "2026-10-25 01:30 BST"],
  ["Europe/London", "2026-10-25T01:30:00Z", "2026-10-25 01:30 GMT"],
  ["Asia/Kathmandu", "2026-03-01T18:15:00Z", "2026-03-02 00:00 GMT+5:45"],
])("in %s, %s -> %s", (timeZone, instant, text) => {
  expect(clockOf(timeZone)(Date.parse(instant))).toBe(text);
});

test.each([
  [-1, "0 s"],
  [999, "0 s"],
  [8_000, "8 s"],
  [90_000, "1 min 30 s"],
  [900_000, "15 min"],
  [3_600_000, "1 h"],
  [3_605_000, "1 h"],
  [8_100_000, "2 h 15 min"],
  [183_600_000, "2 d 3 h"],
])("%d ms -> %s", (ms, text) => {
  expect(span(ms)).toBe(text);
});

test("a number that is no instant -> words, never an error", () => {
  expect(utcMinute(Number.NaN)).toBe("an unknown time");
  const berlin = clockOf("Europe/Berlin");
  fc.assert(
    fc.property(fc.double(), (ms) => {
      expect(berlin(ms)).toMatch(/ \d\d:\d\d \S+$|^an unknown time$/);
      expect(utcMinute(ms)).toMatch(/ UTC$|^an unknown time$/);
      expect(span(ms)).toMatch(/^\d.* (?:s|min|h|d)$|^an unknown time$/);
    }),
  );
});
