import fc from "fast-check";
import { span, utc, utcMinute } from "../../../lambda/core/instants.ts";

test("an instant -> UTC to the second, or to the minute", () => {
  const atMs = Date.parse("2026-01-01T00:15:00.999Z");
  expect(utc(atMs)).toBe("2026-01-01 00:15:00 UTC");
  expect(utcMinute(atMs)).toBe("2026-01-01 00:15 UTC");
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
  expect(utc(Number.NaN)).toBe("an unknown time");
  fc.assert(
    fc.property(fc.double(), (ms) => {
      expect(utc(ms)).toMatch(/ UTC$|^an unknown time$/);
      expect(utcMinute(ms)).toMatch(/ UTC$|^an unknown time$/);
      expect(span(ms)).toMatch(/^\d.* (?:s|min|h|d)$|^an unknown time$/);
    }),
  );
});
