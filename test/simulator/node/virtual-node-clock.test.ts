/** What a node knows of the time, and what it tells by it. */
import { EPOCH_MS, fault, RUNNING, SmallWorld } from "./small-world.ts";

/** Minutes of true time that an ISO instant says. */
const minuteOf = (iso: string): number => (Date.parse(iso) - EPOCH_MS) / 60_000;
const YEAR_2000 = /^2000-01-01T0/;

describe("last_seen", () => {
  /** When node 1 last saw node 0's counter move, in minutes of true time. */
  function lastMoved(world: SmallWorld): number {
    let [seen, moved] = [Number.NaN, Number.NaN];
    for (const { at, decision } of world.of("decided", 1)) {
      const [count] = decision.counts;
      if (!Number.isNaN(seen) && count !== seen) moved = at / 60e6;
      seen = count ?? seen;
    }
    return moved;
  }
  const tookOver = async (drift: readonly [number, number]) =>
    new SmallWorld([fault(50, { kind: "hang", node: 0 })], { cluster: { ...RUNNING, drift } }).runTo(150);

  test("a standby whose clock was never set before it took over -> the true instant all the same", async () => {
    const world = await tookOver([0, 0]);
    const [event] = world.clusterEvents(1);
    expect(event).toMatchObject({ subject: 0, took_over: true });
    expect(minuteOf(event!.state.last_seen[0]!.at!)).toBeCloseTo(lastMoved(world), 3);
    // Some two cycles before it took over, not years.
    expect(minuteOf(event!.at) - lastMoved(world)).toBeCloseTo(30, 0);
  });

  test("its sleep timer is 5 % wrong -> off by the drift of the two sleeps in between, no more", async () => {
    for (const drift of [-5, 5]) {
      const world = await tookOver([0, drift]);
      const [event] = world.clusterEvents(1);
      const off = minuteOf(event!.state.last_seen[0]!.at!) - lastMoved(world);
      expect(Math.abs(off)).toBeGreaterThan(1);
      expect(Math.abs(off)).toBeLessThan(1.6);
    }
  });

  test("told again at later wakes, the clock set each time -> the same instant", async () => {
    const told = (await tookOver([0, 1])).clusterEvents(1).map(({ state }) => state.last_seen[0]!.at);
    expect(told.length).toBeGreaterThan(2);
    expect(new Set(told).size).toBe(1);
  });

  test("nobody tells the time -> by its own clock, as everything it says", async () => {
    const world = new SmallWorld(
      [fault(0, { kind: "time-server-silent" }), fault(50, { kind: "hang", node: 0 })],
      { cluster: RUNNING },
    );
    const [event] = (await world.runTo(150)).clusterEvents(1);
    expect(event!.at).toMatch(YEAR_2000);
    expect(event!.state.last_seen[0]!.at).toMatch(YEAR_2000);
    expect(Date.parse(event!.at) - Date.parse(event!.state.last_seen[0]!.at!)).toBeCloseTo(30 * 60_000, -5);
  });
});

describe("a clock lost at power-on", () => {
  test("and no answer from the time server -> readings are mistimed, until there is one", async () => {
    const silent = fault(0, { kind: "time-server-silent" }, 20);
    const world = await new SmallWorld([silent], { cluster: RUNNING }).runTo(59);
    const times = world.readings(0).map(({ measured_at }) => measured_at);
    expect(times.map((time) => YEAR_2000.test(time))).toEqual([true, true, false, false]);
    expect(world.of("clock-unset", 0)).toHaveLength(2);
    expect(world.metrics()).toMatchObject({
      "readings mistimed": 2,
      "readings stored": 4,
      "readings lost": 0,
    });
    // In order, and a quarter of an hour apart, by its own clock.
    expect((Date.parse(times[1]!) - Date.parse(times[0]!)) / 60_000).toBeCloseTo(15.1, 1);
  });

  test("and the time server answers -> all readings are timed", async () => {
    const world = await new SmallWorld([], { cluster: { ...RUNNING, drift: [5, -5] } }).runTo(600);
    expect(world.metrics()["readings mistimed"]).toBe(0);
    for (const { measured_at } of world.readings(0)) expect(minuteOf(measured_at)).toBeGreaterThan(0);
  });

  test("set once, then silent for a day with a sleep timer that is 5 % slow -> mistimed once a minute is lost", async () => {
    const silent = fault(1, { kind: "time-server-silent" });
    const world = await new SmallWorld([silent], { cluster: { ...RUNNING, drift: [5, 5] } }).runTo(200);
    // 45 s are lost with each sleep.
    expect(world.metrics()["readings mistimed"]).toBe(world.readings(0).length - 2);
  });
});
