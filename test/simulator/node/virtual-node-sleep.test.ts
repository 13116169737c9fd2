/** Sleeps that end late, at another's instant, or never. Node 0 wakes at about 15.1, 30.2, … minutes, node 1 at 22.5, … */
import { minutes } from "../../../simulator/engine/time.ts";
import type { OperationMark } from "../../../simulator/node/operations.ts";
import type { Fault } from "../../../simulator/scenario/faults.ts";
import type { Step } from "../../../simulator/scenario/scenario.ts";
import { fault, faultOn, RUNNING, SmallWorld, step } from "./small-world.ts";

const world = (...steps: readonly Step[]) => new SmallWorld(steps, { cluster: RUNNING });
const wakes = (small: SmallWorld, node: number): number[] =>
  small.traced(`node-${node}`, "wake").map(({ minute }) => minute);
const near = (...minutes: number[]) => minutes.map((minute) => expect.closeTo(minute, 0));
/** Node 0 is awake when it connects, some 12 ms after its boot. */
const CONNECTS: OperationMark = { operation: "connect", count: 1, point: { kind: "before" } };

describe("oversleep", () => {
  const late: Fault = { kind: "oversleep", node: 0, by_s: 1_200 };

  test("asleep -> this sleep is 20 minutes longer, the next one as ever", async () => {
    expect(wakes(await world(fault(10, late)).runTo(59), 0)).toEqual(near(0, 35, 50));
  });

  test("awake -> the next sleep is", async () => {
    expect(wakes(await world(faultOn(0, 0, CONNECTS, late)).runTo(59), 0)).toEqual(near(0, 35, 50));
  });

  test("twice in one sleep -> 40 minutes", async () => {
    expect(wakes(await world(fault(10, late), fault(20, late)).runTo(80), 0)).toEqual(near(0, 55, 70));
  });

  test("-> the node's clock is right afterwards, also without a time server", async () => {
    const small = await world(fault(10, { kind: "time-server-silent" }), fault(10, late)).runTo(59);
    expect(small.metrics()).toMatchObject({ "readings mistimed": 0, "readings stored": 3 });
  });

  test("amid it off and on again -> forgotten", async () => {
    const small = world(faultOn(0, 0, CONNECTS, late), step(2 / 60, { kind: "power-on", node: 0 }));
    expect(wakes(await small.runTo(29), 0)).toEqual(near(0, 0, 15));
  });
});

describe("sleeps-on", () => {
  const sleepsOn: Fault = { kind: "sleeps-on", node: 0 };

  test("over before its sleep is -> nothing has changed", async () => {
    expect(wakes(await world(fault(5, sleepsOn, 8)).runTo(40), 0)).toEqual(near(0, 15, 30));
  });

  test("from amid its wake on -> the sleep that follows is held up", async () => {
    expect(wakes(await world(faultOn(0, 0, CONNECTS, sleepsOn, 20)).runTo(40), 0)).toEqual(near(0, 20, 35));
  });

  test("twice at a time -> wakes when both are over", async () => {
    const twice = [fault(5, sleepsOn, 15), fault(10, sleepsOn, 15)];
    expect(wakes(await world(...twice).runTo(35), 0)).toEqual(near(0, 25));
  });

  test("reset meanwhile -> boots at once, and the sleep after it is held up", async () => {
    const reset = step(20, { kind: "press-reset", node: 0 });
    expect(wakes(await world(fault(10, sleepsOn, 50), reset).runTo(70), 0)).toEqual(near(0, 20, 60));
  });

  test("late, and then to oversleep -> it is the next sleep that is longer", async () => {
    const late = fault(20, { kind: "oversleep", node: 0, by_s: 300 });
    expect(wakes(await world(fault(10, sleepsOn, 15), late).runTo(50), 0)).toEqual(near(0, 25, 45));
  });
});

describe("early-wake", () => {
  test("awake -> nothing has changed", async () => {
    const early = faultOn(0, 0, CONNECTS, { kind: "early-wake", node: 0 });
    expect(wakes(await world(early).runTo(20), 0)).toEqual(near(0, 15));
  });
});

describe("stall", () => {
  test("asleep -> nothing has changed", async () => {
    expect(wakes(await world(fault(10, { kind: "stall", node: 0 }, 20)).runTo(35), 0)).toEqual(
      near(0, 15, 30),
    );
  });

  test("longer than the watchdog allows -> reset", async () => {
    const stall = faultOn(1, 0, CONNECTS, { kind: "stall", node: 0 }, 5);
    const cluster = { ...RUNNING, watchdog: minutes(1) };
    const small = await new SmallWorld([stall], { cluster }).runTo(25);
    expect(wakes(small, 0)).toEqual(near(0, 15, 16));
    expect(small.of("reset", 0).map(({ cause }) => cause)).toEqual(["watchdog"]);
  });
});

describe("wake-together", () => {
  /** Instants at which the boots of both nodes end. */
  const together = (small: SmallWorld): number[] => {
    const instants = (node: number) =>
      small.trace
        .filter((line) => line.includes(` node-${node} `) && / wake( |$)/.test(line))
        .map((line) => line.slice(0, 20));
    const other = new Set(instants(1));
    return instants(0).flatMap((instant, n) => (other.has(instant) ? [n] : []));
  };
  const meets = (node: number): Fault => ({ kind: "wake-together", node, with: 1 - node });

  test("neither is asked to -> they never do", async () => {
    expect(together(await world().runTo(600))).toEqual([]);
  });

  test.each([
    ["both asleep, the one that would wake later", fault(10, meets(1)), [1]],
    ["both asleep, the one that would wake sooner", fault(10, meets(0)), [1]],
    ["it is awake, the other asleep", faultOn(10, 0, CONNECTS, meets(0)), [2]],
    ["it is asleep, the other awake", faultOn(10, 0, CONNECTS, meets(1)), [2]],
  ])("%s -> both boots end at one instant, once they sleep", async (_, struck, which) => {
    const small = await world(struck).runTo(44);
    expect(together(small)[0]).toBe(which[0]);
    expect(small.of("decided").length).toBeGreaterThan(4);
  });

  test("both awake -> at the wake after", async () => {
    const small = world(fault(10, meets(1)), faultOn(10, 0, CONNECTS, meets(1)));
    await small.runTo(15.13);
    expect([0, 1].map((node) => small.node(node).state)).toEqual(["awake", "asleep"]);
    await small.runTo(44);
    expect(together(small).slice(0, 2)).toEqual([1, 2]);
  });

  test("met -> the one that finds the line busy waits, and both get their turn", async () => {
    const small = await world(fault(10, meets(1))).runTo(16);
    const raised = [0, 1].map((node) => small.traced(`node-${node}`, "busy-raised").at(-1)!.minute);
    expect(raised[0]).not.toBe(raised[1]);
    expect(small.of("decided")).toHaveLength(4);
  });

  test.each<[string, Fault]>([
    ["hangs", { kind: "hang", node: 1 }],
    ["is frozen", { kind: "freeze", node: 1 }],
    ["never wakes", { kind: "never-wakes", node: 1 }],
    ["has no power", { kind: "power-cut", node: 1, torn: "addressed-bytes" }],
  ])("the other one %s -> its own wakes are as ever", async (_, struck) => {
    const small = world(fault(8, struck), fault(25, meets(0)));
    expect(wakes(await small.runTo(59), 0)).toEqual(near(0, 15, 30, 45));
  });
});

describe("never-wakes", () => {
  const never: Fault = { kind: "never-wakes", node: 0 };

  test("asleep -> from now on", async () => {
    const small = await world(fault(10, never)).runTo(600);
    expect(small.minutesOf("never-wakes", 0)).toEqual([10]);
    expect(wakes(small, 0)).toEqual(near(0));
  });

  test("awake -> this wake is finished first", async () => {
    const small = await world(faultOn(10, 0, CONNECTS, never)).runTo(600);
    expect(wakes(small, 0)).toEqual(near(0, 15));
    expect(small.readings(0)).toHaveLength(2);
    expect(small.node(0).state).toBe("comatose");
  });

  test("twice, and then reset -> wakes ever after", async () => {
    const reset = step(20, { kind: "press-reset", node: 0 });
    const small = await world(fault(10, never), fault(11, never), reset).runTo(59);
    expect(small.of("never-wakes")).toHaveLength(1);
    expect(wakes(small, 0)).toEqual(near(0, 20, 35, 50));
  });

  test("oversleeping as well -> does not wake from that either", async () => {
    const late = fault(20, { kind: "oversleep", node: 0, by_s: 60 });
    expect(wakes(await world(fault(10, never), late).runTo(600), 0)).toEqual(near(0));
  });
});

describe("a running cluster whose node has not booted yet", () => {
  test.each<[string, Step]>([
    ["switched off", step(1, { kind: "power-off", node: 1 })],
    ["cut off its power", fault(1, { kind: "power-cut", node: 1, torn: "addressed-bytes" })],
  ])("%s -> does not boot", async (_, struck) => {
    const small = await world(struck).runTo(60);
    expect(small.events.filter(({ node }) => node === 1)).toEqual([]);
    expect(wakes(small, 1)).toEqual([]);
  });

  test("switched on before its time -> boots then, and once", async () => {
    const small = await world(step(2, { kind: "power-on", node: 1 })).runTo(16);
    expect(small.minutesOf("powered-on", 1)).toEqual([2]);
    expect(wakes(small, 1)).toEqual(near(2));
  });

  test("power comes back -> boots then", async () => {
    const cut = fault(1, { kind: "power-cut", node: 1, torn: "addressed-bytes" }, 10);
    expect((await world(cut).runTo(60)).minutesOf("powered-on", 1)).toEqual([11]);
  });
});
