import { runPaced } from "../../../../../simulator/cli/simulate/deployed/pacing.ts";
import { Engine } from "../../../../../simulator/engine/engine.ts";
import { after, inSeconds, START, seconds } from "../../../../../simulator/engine/time.ts";

const END = after(START, seconds(100));

/** An engine with an event every 10 s, and real time that passes only while somebody sleeps or an event takes it. */
function paced(speed: number, { eventTakesMs = 0, stopAfter = Number.POSITIVE_INFINITY } = {}) {
  const engine = new Engine();
  let nowMs = 5_000;
  /** Virtual seconds of each event, and the real ones since the start. */
  const seen: [number, number][] = [];
  for (let s = 10; s <= 100; s += 10)
    engine.at(after(START, seconds(s)), () => {
      seen.push([inSeconds(seconds(s)), (nowMs - 5_000) / 1_000]);
      nowMs += eventTakesMs;
    });
  const end = runPaced(engine, END, {
    speed,
    nowMs: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
    },
    stopped: () => seen.length >= stopAfter,
  });
  return { engine, end, seen };
}

test.each([1, 7, 60])(
  "%dx -> each event when real time has come that far, and within a slice",
  async (speed) => {
    const { end, seen, engine } = paced(speed);
    expect(await end).toBe("reached");
    expect(engine.now).toBe(END);
    expect(seen).toHaveLength(10);
    for (const [virtual, real] of seen) {
      expect(real).toBeGreaterThanOrEqual(virtual / speed);
      expect(real).toBeLessThan(virtual / speed + 0.051);
    }
  },
);

test("max -> no real time but what the events take", async () => {
  const { end, seen } = paced(Number.POSITIVE_INFINITY);
  expect(await end).toBe("reached");
  expect(seen.map(([, real]) => real)).toEqual(new Array(10).fill(0.05));
});

test("an event that takes longer than the time to the next -> the next ones catch up, none is left out", async () => {
  const { end, seen } = paced(1, { eventTakesMs: 15_000 });
  expect(await end).toBe("reached");
  expect(seen.map(([virtual]) => virtual)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
  // The second was due at 20 s and came when the first was over; the last at 9 times 15 s after the first.
  expect(seen[1]?.[1]).toBeCloseTo(25, 0);
});

test("stopped between two slices -> ends there", async () => {
  const { end, seen } = paced(1, { stopAfter: 3 });
  expect(await end).toBe("stopped");
  expect(seen).toHaveLength(3);
});
