import { rngStream } from "../../../simulator/engine/rng.ts";
import { type Instant, after as later, minutes, START, seconds } from "../../../simulator/engine/time.ts";
import { RtcClock } from "../../../simulator/hardware/rtc-clock.ts";

const EPOCH_MS = Date.UTC(2026, 2, 2);
const QUARTER = minutes(15);
const at = (s: number): Instant => later(START, seconds(s));

const clockOf = (error: number | undefined, seed = 1): RtcClock =>
  new RtcClock(EPOCH_MS, rngStream(seed, "clock"), error);
const CHIPS = Array.from({ length: 1_000 }, (_, seed) => clockOf(undefined, seed));

describe("sleep timer", () => {
  test.each([
    [0, 900_000_000],
    [0.01, 909_000_000],
    [-0.05, 855_000_000],
    [0.2, 1_080_000_000],
    [1e-10, 900_000_000],
  ])("error of %p -> 15 minutes take %p µs, at any temperature", (error, micros) => {
    for (const celsius of [-20, 25, 60]) expect(clockOf(error).sleep(QUARTER, celsius)).toBe(micros);
  });

  test("error drawn -> within one percent, either way, another for each chip", () => {
    const errors = CHIPS.map(({ error }) => error);
    for (const error of errors) expect(Math.abs(error)).toBeLessThanOrEqual(0.01);
    expect(Math.max(...errors)).toBeGreaterThan(0.0095);
    expect(Math.min(...errors)).toBeLessThan(-0.0095);
    expect(new Set(errors).size).toBe(errors.length);
  });

  test("the same stream -> the same chip", () => {
    expect(clockOf(undefined, 7).sleep(QUARTER, 40)).toBe(clockOf(undefined, 7).sleep(QUARTER, 40));
  });

  test("25 °C -> the drawn error itself; 20 degrees away -> at most 0.4 % more or less, either way", () => {
    const changes = CHIPS.map((clock) => {
      expect(clock.sleep(QUARTER, 25)).toBe(Math.round(QUARTER * (1 + clock.error)));
      return clock.sleep(QUARTER, 45) / QUARTER - 1 - clock.error;
    });
    for (const change of changes) expect(Math.abs(change)).toBeLessThan(0.004_001);
    expect(Math.max(...changes)).toBeGreaterThan(0.0035);
    expect(Math.min(...changes)).toBeLessThan(-0.0035);
  });

  test("as much colder as warmer -> as much the other way", () => {
    for (const clock of CHIPS.slice(0, 20)) {
      const [cold, right, warm] = [5, 25, 45].map((celsius) => clock.sleep(QUARTER, celsius));
      expect(Math.abs(cold! + warm! - 2 * right!)).toBeLessThanOrEqual(2);
    }
  });

  test("set to another error -> counts from the next sleep on", () => {
    const clock = clockOf(0.01);
    clock.error = -0.02;
    expect(clock.error).toBe(-0.02);
    expect(clock.sleep(QUARTER, 25)).toBe(882_000_000);
  });
});

describe("wall clock", () => {
  test("awake -> exact", () => {
    const clock = clockOf(0.05);
    expect(clock.wallMs(START)).toBe(EPOCH_MS);
    expect(clock.wallMs(at(3_600))).toBe(EPOCH_MS + 3_600_000);
  });

  test.each([
    [0.01, -9_000],
    [-0.01, 9_000],
    [0.05, -45_000],
  ])("a sleep that is wrong by %p -> it believes in the nominal one, and is %p ms off", (error, ahead) => {
    const clock = clockOf(error);
    const woke = later(START, clock.sleep(QUARTER, 25));
    expect(clock.wallMs(woke) - EPOCH_MS).toBe(900_000);
    expect(clock.wallMs(woke) - (EPOCH_MS + woke / 1_000)).toBe(ahead);
  });

  test("a hundred sleeps -> the errors add up", () => {
    const clock = clockOf(0.01);
    let now = START;
    for (let sleep = 0; sleep < 100; sleep++) now = later(now, clock.sleep(QUARTER, 25));
    expect(clock.wallMs(now)).toBe(EPOCH_MS + 100 * 900_000);
    expect(now).toBe(100 * 909_000_000);
  });

  test("power was away -> 2000-01-01, and on from there", () => {
    const clock = clockOf(0);
    clock.powerOn(at(100));
    expect(new Date(clock.wallMs(at(100))).toISOString()).toBe("2000-01-01T00:00:00.000Z");
    expect(new Date(clock.wallMs(at(160))).toISOString()).toBe("2000-01-01T00:01:00.000Z");
  });

  test("the network tells the time -> right, and it says how far it was put forward", () => {
    const clock = clockOf(0.01);
    const woke = later(START, clock.sleep(QUARTER, 25));
    expect(clock.set()).toBe(9_000);
    expect(clock.wallMs(woke)).toBe(EPOCH_MS + 909_000);
    expect(clock.set()).toBeCloseTo(0, 12);
  });

  test("put forward after power-on -> by the years that were lost", () => {
    const clock = clockOf(0);
    clock.powerOn(at(0.5));
    expect(clock.set()).toBe(EPOCH_MS + 500 - Date.UTC(2000, 0, 1));
    expect(clock.wallMs(at(0.5))).toBe(EPOCH_MS + 500);
  });
});
