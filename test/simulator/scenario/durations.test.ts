import * as fc from "fast-check";
import { type Micros, micros } from "../../../simulator/engine/time.ts";
import { durationText, parseDuration } from "../../../simulator/scenario/durations.ts";

test.each([
  ["0", 0],
  ["1d", 86_400_000_000],
  ["2d 3h 4m 5s 6ms", 183_845_006_000],
  ["2d3h", 183_600_000_000],
  ["90s", 90_000_000],
  ["0.001ms", 1],
  ["1.5 h", 5_400_000_000],
])("%s -> %d µs", (text, span) => {
  expect(parseDuration(text)).toBe(span);
});

test.each([
  "",
  " ",
  "5",
  "-5m",
  "m",
  "5 minutes",
  "3h 2d",
  "1h 1h",
  "1h,2m",
  "5M",
  "1e3s",
  "٣s",
  "1".repeat(50),
])("%p -> none", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test("any span of a century -> written and read back", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 36_525 * 86_400_000_000 }), (span) => {
      expect(parseDuration(durationText(span as Micros))).toBe(span);
    }),
  );
});

test.each([
  [0, "0"],
  [micros(183_845_006_000), "2d 3h 4m 5s 6ms"],
  [micros(250), "0.25ms"],
])("%d µs -> %s", (span, text) => {
  expect(durationText(span as Micros)).toBe(text);
});
