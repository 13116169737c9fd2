import { Engine } from "../../../simulator/engine/engine.ts";
import { rngStream } from "../../../simulator/engine/rng.ts";
import {
  days,
  hours,
  type Instant,
  after as later,
  micros,
  minutes,
  START,
} from "../../../simulator/engine/time.ts";
import type { Step, Trigger } from "../../../simulator/scenario/scenario.ts";
import { type ArmMark, exponential, scheduleSteps } from "../../../simulator/scenario/steps.ts";

const at = (minute: number): Instant => later(START, minutes(minute));
const stepOf = (trigger: Trigger): Step => ({
  trigger,
  kind: "action",
  action: { kind: "press-reset", node: 0 },
  says: undefined,
});
const timed = (minute: number) => stepOf({ kind: "at", at: at(minute) });
const onWake = (from: number) =>
  stepOf({
    kind: "operation",
    node: 0,
    from: at(from),
    mark: { operation: "wake", count: 1, point: { kind: "before" } },
  });
const byChance = (times: number, from: Instant = START) =>
  stepOf({ kind: "chance", times, per: days(1), from });

interface Seen {
  readonly index: number;
  readonly at: number;
}

/** When each step is carried out, in minutes; nothing is watched unless `arm` does. */
async function played(
  steps: readonly Step[],
  until: Instant,
  seed = 1,
  arm: (engine: Engine) => ArmMark = () => () => undefined,
  prepare: (engine: Engine) => void = () => undefined,
): Promise<Seen[]> {
  const engine = new Engine();
  const seen: Seen[] = [];
  prepare(engine);
  scheduleSteps(engine, steps, seed, arm(engine), (step, index) => {
    expect(step).toBe(steps[index]);
    seen.push({ index, at: engine.now / minutes(1) });
  });
  await engine.run(until);
  return seen;
}

describe("exponential", () => {
  const DRAWS = 200_000;
  const sample = (seed: number): Float64Array => {
    const rng = rngStream(seed, "exponential");
    return Float64Array.from({ length: DRAWS }, () => exponential(rng));
  };
  const mean = (values: Float64Array): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  /** Four standard errors of a mean of as many draws, for a quantity of this variance. */
  const error = (variance: number): number => 4 * Math.sqrt(variance / DRAWS);

  test.each([1, 2, 3])("200,000 draws of seed %p -> mean 1, variance 1, none negative", (seed) => {
    const draws = sample(seed);
    expect(draws.every((draw) => draw >= 0)).toBe(true);
    const found = mean(draws);
    expect(Math.abs(found - 1)).toBeLessThan(error(1));
    // The fourth central moment of this distribution is 9.
    expect(Math.abs(mean(draws.map((draw) => (draw - found) ** 2)) - 1)).toBeLessThan(error(9 - 1));
  });

  test.each([0.1, 0.5, 1, 2, 3.5])("share of draws above %p -> e to the minus that", (bound) => {
    const share = sample(4).filter((draw) => draw > bound).length / DRAWS;
    const expected = Math.exp(-bound);
    expect(Math.abs(share - expected)).toBeLessThan(error(expected * (1 - expected)));
  });

  test("draws above 1, less 1 -> distributed as all are: no memory", () => {
    const above = sample(5).filter((draw) => draw > 1);
    expect(Math.abs(mean(above) - 2)).toBeLessThan(4 / Math.sqrt(above.length));
  });
});

describe("at a time", () => {
  test("in any order in the list -> each at its instant; at one instant, in the order of the list", async () => {
    expect(await played([timed(30), timed(10), timed(30), timed(0)], at(60))).toEqual([
      { index: 3, at: 0 },
      { index: 1, at: 10 },
      { index: 0, at: 30 },
      { index: 2, at: 30 },
    ]);
  });

  test("every so often -> again and again, to the end of the run", async () => {
    const step = stepOf({ kind: "at", at: at(20), every: minutes(15) });
    expect((await played([step], at(60))).map((each) => each.at)).toEqual([20, 35, 50]);
  });

  test("after the end of the run -> not carried out", async () => {
    expect(await played([timed(60), timed(61)], at(60))).toEqual([{ index: 0, at: 60 }]);
  });
});

describe("at an operation", () => {
  test("-> armed at its time, with its node and mark, and carried out when the mark is met, once", async () => {
    const armed: unknown[] = [];
    const seen = await played([onWake(10)], at(60), 1, (engine) => (trigger, fire) => {
      armed.push([engine.now / minutes(1), trigger.node, trigger.mark.operation]);
      engine.at(at(17), () => fire(at(18)));
    });
    expect(armed).toEqual([[10, 0, "wake"]]);
    expect(seen).toEqual([{ index: 0, at: 18 }]);
  });

  test("again -> armed anew each time that it is met", async () => {
    const step = { ...onWake(10), trigger: { ...onWake(10).trigger, again: true } } as Step;
    const seen = await played([step], at(60), 1, (engine) => (_, fire) => {
      const met = later(engine.now, minutes(20));
      engine.at(met, () => fire(met));
    });
    expect(seen.map((each) => each.at)).toEqual([30, 50]);
  });

  test("met at the present instant -> carried out at it, before what is scheduled later", async () => {
    const order: string[] = [];
    const engine = new Engine();
    scheduleSteps(
      engine,
      [onWake(10)],
      1,
      (_, fire) => {
        fire(engine.now);
        engine.at(engine.now, () => void order.push("node"));
      },
      () => void order.push(`step at ${engine.now / minutes(1)}`),
    );
    await engine.run(at(60));
    expect(order).toEqual(["step at 10", "node"]);
  });

  test("never met -> never carried out", async () => {
    expect(await played([onWake(10)], at(60))).toEqual([]);
  });
});

describe("by chance", () => {
  const arrivals = async (seed: number, steps: readonly Step[] = [byChance(2)], length = 1_000) =>
    played(steps, later(START, days(length)), seed);

  test("twice a day on average, for 1,000 days -> about 2,000 times, spread as chance has it", async () => {
    const seen = await arrivals(1);
    // The number of arrivals has a standard deviation of 45.
    expect(Math.abs(seen.length - 2_000)).toBeLessThan(4 * Math.sqrt(2_000));
    const perDay = new Array<number>(1_000).fill(0);
    for (const { at } of seen) perDay[Math.floor(at / 1_440)]! += 1;
    // Poisson: days without any are e^-2 of all, and the variance is the mean.
    const none = perDay.filter((count) => count === 0).length / 1_000;
    expect(Math.abs(none - Math.exp(-2))).toBeLessThan(4 * Math.sqrt(0.117 / 1_000));
    const variance = perDay.reduce((sum, count) => sum + (count - seen.length / 1_000) ** 2, 0) / 1_000;
    expect(variance).toBeGreaterThan(1.6);
    expect(variance).toBeLessThan(2.4);
  });

  test("from a time on -> not before, and from there as from the start", async () => {
    const from = later(START, days(500));
    const shifted = await arrivals(1, [byChance(2, from)], 600);
    const early = await arrivals(1, [byChance(2)], 100);
    expect(shifted.map(({ at }) => at - 500 * 1_440)).toEqual(early.map(({ at }) => expect.closeTo(at, 6)));
    expect(shifted.length).toBeGreaterThan(100);
  });

  test("the same seed -> the same arrivals, whatever else goes on; another seed -> others", async () => {
    const plain = await arrivals(1, [byChance(2)], 50);
    const busy = await played(
      [byChance(2), timed(100), byChance(50)],
      later(START, days(50)),
      1,
      undefined,
      (engine) => {
        const ticking = function* () {
          for (;;) yield hours(1);
        };
        engine.spawn("ticks", ticking());
      },
    );
    expect(busy.filter(({ index }) => index === 0)).toEqual(plain);
    expect(await arrivals(2, [byChance(2)], 50)).not.toEqual(plain);
  });

  test("two of the same rate -> each at times of its own", async () => {
    const seen = await arrivals(1, [byChance(2), byChance(2)], 50);
    const [one, other] = [0, 1].map((wanted) =>
      seen.filter(({ index }) => index === wanted).map(({ at }) => at),
    );
    expect(one).not.toEqual(other);
    expect(other!.length).toBeGreaterThan(50);
  });

  test("so often that it falls on one instant again -> time goes on all the same", async () => {
    const thousandPerSecond = stepOf({ kind: "chance", times: 1_000, per: micros(1_000_000), from: START });
    const seen = await played([thousandPerSecond], 100_000 as Instant);
    expect(Math.abs(seen.length - 100)).toBeLessThan(40);
  });
});
