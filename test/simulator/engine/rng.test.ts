import fc from "fast-check";
import { mix32, type Rng, rngStream } from "../../../simulator/engine/rng.ts";

const draws = (rng: Rng, count: number): number[] => Array.from({ length: count }, () => rng.uint32());
const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

describe("rngStream", () => {
  // Frozen: every recorded seed and golden timeline depends on these.
  test("seed 1, stream node-0 -> always these numbers", () => {
    expect(draws(rngStream(1, "node-0"), 4)).toEqual([1543331821, 3186794397, 3147419904, 1608282979]);
  });

  test("seed 2^53 − 1, stream radio -> always these numbers of every kind", () => {
    const rng = rngStream(Number.MAX_SAFE_INTEGER, "radio");
    const drawn = [rng.unit(), rng.below(6), rng.between(-5, 5), rng.normal(20, 2), rng.chance(0.5)];
    expect(drawn).toEqual([0.9651646296143069, 4, 2.8369132781103046, 18.387032186612487, true]);
  });

  test("same seed and name -> same numbers", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.string(), (seed, name) => {
        expect(draws(rngStream(seed, name), 5)).toEqual(draws(rngStream(seed, name), 5));
      }),
    );
  });

  test("another name, or another seed in its low or high half -> other numbers", () => {
    const streams = [
      rngStream(7, "a"),
      rngStream(7, "b"),
      rngStream(8, "a"),
      rngStream(7 + 2 ** 32, "a"),
      rngStream(-7, "a"),
    ];
    const firsts = streams.map((rng) => draws(rng, 3).join());
    expect(new Set(firsts).size).toBe(streams.length);
  });

  test("one stream draws more -> the other is not moved by it", () => {
    const alone = draws(rngStream(3, "sensor"), 3);
    const busy = rngStream(3, "radio");
    const beside = rngStream(3, "sensor");
    const seen = [0, 1, 2].map(() => {
      draws(busy, 10);
      return beside.uint32();
    });
    expect(seen).toEqual(alone);
  });

  test.each([1.5, Number.NaN, 2 ** 53])("seed %p -> refused", (seed) => {
    expect(() => rngStream(seed, "x")).toThrow(RangeError);
  });
});

describe("ranges", () => {
  test("unit -> within [0, 1), mean one half", () => {
    const rng = rngStream(11, "unit");
    const values = Array.from({ length: 20_000 }, () => rng.unit());
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(mean(values)).toBeCloseTo(0.5, 1);
  });

  test("below(6) -> each face about equally often, none else", () => {
    const rng = rngStream(12, "die");
    const faces = [0, 0, 0, 0, 0, 0];
    for (let i = 0; i < 60_000; i++) faces[rng.below(6)]! += 1;
    expect(faces).toHaveLength(6);
    for (const count of faces) expect(Math.abs(count - 10_000)).toBeLessThan(400); // four standard deviations
  });

  test("below any n -> a whole number under n", () => {
    const rng = rngStream(13, "below");
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 }), (n) => {
        const drawn = rng.below(n);
        expect(Number.isInteger(drawn) && drawn >= 0 && drawn < n).toBe(true);
      }),
    );
  });

  test.each([0, -1, 2.5, 2 ** 32 + 1, Number.NaN])("below(%p) -> refused", (n) => {
    expect(() => rngStream(1, "x").below(n)).toThrow(RangeError);
  });

  test("between(−5, 5) -> within, and uses both ends", () => {
    const rng = rngStream(14, "between");
    const values = Array.from({ length: 5_000 }, () => rng.between(-5, 5));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-5);
    expect(Math.min(...values)).toBeLessThan(-4.9);
    expect(Math.max(...values)).toBeGreaterThan(4.9);
    expect(Math.max(...values)).toBeLessThan(5);
  });

  test("normal(20, 2) -> that mean and deviation, never beyond six of them", () => {
    const rng = rngStream(15, "normal");
    const values = Array.from({ length: 20_000 }, () => rng.normal(20, 2));
    const centre = mean(values);
    expect(centre).toBeCloseTo(20, 1);
    expect(Math.sqrt(mean(values.map((v) => (v - centre) ** 2)))).toBeCloseTo(2, 1);
    expect(Math.max(...values.map((v) => Math.abs(v - 20)))).toBeLessThanOrEqual(12);
  });

  test("chance of 0, 1 and a quarter -> never, always, a quarter of the time", () => {
    const rng = rngStream(16, "chance");
    const hits = (p: number): number =>
      Array.from({ length: 10_000 }, () => rng.chance(p)).filter(Boolean).length;
    expect(hits(0)).toBe(0);
    expect(hits(1)).toBe(10_000);
    expect(Math.abs(hits(0.25) - 2_500)).toBeLessThan(200);
  });
});

test("mix32, one bit of the input changes -> about half of the output does", () => {
  const changed: number[] = [];
  for (let bit = 0; bit < 32; bit++) {
    const flipped = (mix32(12_345) ^ mix32(12_345 ^ (1 << bit))) >>> 0;
    changed.push(flipped.toString(2).replaceAll("0", "").length);
  }
  expect(mean(changed)).toBeGreaterThan(13);
  expect(mean(changed)).toBeLessThan(19);
});
