import fc from "fast-check";
import { rngStream } from "../../../simulator/engine/rng.ts";
import { type Instant, minutes, START } from "../../../simulator/engine/time.ts";
import {
  constantTemperature,
  replayTemperature,
  roomTemperature,
} from "../../../simulator/hardware/temperature.ts";
import { temperatureLog } from "../../../simulator/hardware/temperature-log.ts";

const hour = (n: number): Instant => (n * 3_600_000_000) as Instant;

test("constant -> the same at any time", () => {
  const source = constantTemperature(-18.5);
  expect([source(START), source(hour(1_000))]).toEqual([-18.5, -18.5]);
});

describe("room", () => {
  const still = (startHour?: number) =>
    roomTemperature(rngStream(1, "room"), {
      meanC: 20,
      swingC: 3,
      wanderC: 0,
      ...(startHour && { startHour }),
    });

  test("without noise -> coldest at 05:00, warmest at 15:00, every day", () => {
    const room = still();
    expect([room(hour(5)), room(hour(15)), room(hour(29)), room(hour(24 * 365 + 15))]).toEqual([
      17, 23, 17, 23,
    ]);
    for (let h = 0; h < 24; h += 0.25) {
      expect(room(hour(h))).toBeGreaterThanOrEqual(17);
      expect(room(hour(h))).toBeLessThanOrEqual(23);
    }
  });

  test("run starts at 15:00 -> warmest at once", () => {
    expect(still(15)(START)).toBe(23);
  });

  test("any order of asking -> the same values", () => {
    const times = fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1 });
    fc.assert(
      fc.property(times, (quarters) => {
        const room = roomTemperature(rngStream(5, "room"));
        const forwards = quarters.map((q) => room(hour(q / 4)));
        const backwards = quarters.toReversed().map((q) => room(hour(q / 4)));
        expect(backwards.toReversed()).toEqual(forwards);
      }),
    );
  });

  test("a week -> within its limits, smooth from minute to minute, and not still", () => {
    const room = roomTemperature(rngStream(5, "room"));
    const values = Array.from({ length: 7 * 24 * 60 }, (_, m) => room(minutes(m) as number as Instant));
    const steps = values.slice(1).map((value, i) => Math.abs(value - values[i]!));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(21 - 1.5 - 0.8);
    expect(Math.max(...values)).toBeLessThanOrEqual(21 + 1.5 + 0.8);
    expect(Math.max(...steps)).toBeLessThan(0.05);
    expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(3);
  });

  test("another seed -> another course; the same -> the same, for good", () => {
    const course = (seed: number): number[] =>
      [0, 7.5, 31].map((h) => roomTemperature(rngStream(seed, "room"))(hour(h)));
    expect(course(1)).not.toEqual(course(2));
    expect(course(1)).toEqual([19.976460683690902, 19.87112362543121, 19.596317277518494]);
  });
});

describe("replay", () => {
  const log = temperatureLog(
    Float64Array.of(...["06:00", "06:01", "07:00"].map((time) => Date.parse(`2026-01-01T${time}:00Z`))),
    Float64Array.of(20, 21, 19.5),
  );
  const source = replayTemperature(log);

  test.each([
    [0, 20],
    [59.999_999, 20],
    [60, 21],
    [3_599, 21],
    [3_600, 19.5],
    [1e6, 19.5],
  ])(
    "%p s after the start -> %p °C: last row at or before, through gaps and after the end",
    (second, celsius) => {
      expect(source((second * 1_000_000) as Instant)).toBe(celsius);
    },
  );
});
