/** What resets a node, what it forgets by that, and how a pack comes to its end. */
import { seconds } from "../../../simulator/engine/time.ts";
import { PHASE } from "../../../simulator/node/loads.ts";
import type { OperationMark } from "../../../simulator/node/operations.ts";
import type { ResetCause } from "../../../simulator/protocol/protocol.ts";
import type { Fault } from "../../../simulator/scenario/faults.ts";
import { fault, faultOn, RUNNING, SmallWorld, step } from "./small-world.ts";

const MINUTE = 1 / 60;
const WATCHED = { ...RUNNING, watchdog: seconds(60) };
const causes = (world: SmallWorld, node: number): ResetCause[] =>
  world.of("reset", node).map(({ cause }) => cause);
const wakeCauses = (world: SmallWorld, node: number): string[] =>
  world.traced(`node-${node}`, "wake").map(({ detail }) => detail);

describe("watchdog of 60 s", () => {
  test("a node that is well, and one whose every join takes 20 s -> never reset", async () => {
    const slow = fault(20, { kind: "slow-join", node: 0, seconds: 20 });
    const world = await new SmallWorld([slow], { cluster: WATCHED }).runTo(300);
    expect(world.of("reset")).toEqual([]);
    expect(world.readings(0).length).toBeGreaterThan(18);
  });

  test("hung at its prompt -> reset 60 s after it began to boot, and works again", async () => {
    const world = await new SmallWorld([fault(10, { kind: "hang", node: 0 })], { cluster: WATCHED }).runTo(
      29,
    );
    const [hung] = world.minutesOf("hung", 0);
    expect(world.minutesOf("reset", 0)).toEqual([expect.closeTo(hung! + 59.35 * MINUTE, 4)]);
    expect(causes(world, 0)).toEqual(["watchdog"]);
    expect(wakeCauses(world, 0)).toEqual(["power-on", "watchdog"]);
    expect(world.readings(0)).toHaveLength(2);
    expect(world.metrics()).toMatchObject({ resets: 1, expelled: 0 });
  });

  test("frozen amid its work, the busy line high -> reset, the line is low, and the other node goes on", async () => {
    const mark = { operation: "raise-busy", count: 1, point: { kind: "after" } } as const;
    const world = new SmallWorld([faultOn(10, 0, mark, { kind: "freeze", node: 0 })], { cluster: WATCHED });
    await world.runTo(15.5);
    expect(world.world.rig.busyLine.isHigh(1)).toBe(true);
    await world.runTo(29);
    expect(causes(world, 0)).toEqual(["watchdog"]);
    expect(world.readings(0)).toHaveLength(2);
    expect(world.of("decided", 1)).toHaveLength(2);
  });

  test("waits for a busy line that is stuck -> reset once a minute, for as long as it is", async () => {
    const stuck = fault(10, { kind: "busy-line-stuck" }, 20);
    const world = await new SmallWorld([stuck], { cluster: WATCHED }).runTo(40);
    // Node 0 from 15.1 on, node 1 from 22.5 on, both until 30.
    expect(world.of("reset", 0)).toHaveLength(14);
    expect(world.of("reset", 1)).toHaveLength(7);
    expect(new Set([...causes(world, 0), ...causes(world, 1)])).toEqual(new Set(["watchdog"]));
    for (const node of [0, 1]) expect(world.node(node).state).toBe("asleep");
  });

  test("shorter than a primary's wake -> it never gets to publish", async () => {
    const world = new SmallWorld([], { cluster: { ...RUNNING, watchdog: seconds(2) } });
    await world.runTo(5);
    expect(world.readings(0)).toEqual([]);
    expect(world.of("reset", 0).length).toBeGreaterThan(100);
  });

  test("without one -> hung and frozen nodes stay so", async () => {
    const world = new SmallWorld(
      [fault(10, { kind: "hang", node: 0 }), fault(10, { kind: "freeze", node: 1 })],
      { cluster: RUNNING },
    );
    await world.runTo(300);
    expect([0, 1].map((node) => world.node(node).state)).toEqual(["hung", "frozen"]);
    expect(world.of("reset")).toEqual([]);
  });
});

const RESETS = (["pin", "brown-out", "watchdog", "soft"] as const).map(
  (cause): [string, ReturnType<typeof step>] => [cause, fault(20, { kind: "reset", node: 0, cause })],
);
const ALL: typeof RESETS = [
  ...RESETS,
  ["power-on", step(20, { kind: "power-on", node: 0 })],
  ["soft", step(20, { kind: "reset-node", node: 0, subject: 0 })],
  ["pin", step(20, { kind: "press-reset", node: 0 })],
];

describe("reset causes", () => {
  test.each(ALL)(
    "%s -> the wake says so; RTC memory is lost: seq begins again, all is told again",
    async (cause, cold) => {
      const world = await new SmallWorld([cold], { cluster: RUNNING }).runTo(29);
      expect(wakeCauses(world, 0)).toEqual(["power-on", "", cause]);
      // The first message of a cold start says that the peer is a member; the reading comes next.
      expect(world.readings(0).map(({ seq }) => seq)).toEqual([1, 2, 1]);
      expect(world.clusterEvents(0).map(({ type, seq }) => [type, seq])).toEqual([
        ["node_admitted", 0],
        ["node_admitted", 0],
      ]);
    },
  );

  test("held in reset -> boots so much later", async () => {
    const held = fault(20, { kind: "reset", node: 0, cause: "pin", held_s: 300 });
    const world = await new SmallWorld([held], { cluster: RUNNING }).runTo(29);
    expect(world.minutesOf("reset", 0)).toEqual([20]);
    expect(world.readings(0).map(({ measured_at }) => measured_at.slice(11, 16))).toEqual([
      "00:00",
      "00:15",
      "00:25",
    ]);
  });

  test("stale memory -> what the wake under way came to is forgotten, and the reset is not seen", async () => {
    const publishes: OperationMark = { operation: "publish-reading", count: 1, point: { kind: "before" } };
    const stale = faultOn(1, 0, publishes, { kind: "stale-memory", node: 0 });
    const world = await new SmallWorld([stale], { cluster: RUNNING }).runTo(29);
    expect(wakeCauses(world, 0)).toEqual(["power-on", "", ""]);
    expect(world.of("reset", 0).map(({ cause }) => cause)).toEqual(["deep-sleep"]);
    // A peer was told to be a member once, at the cold start.
    expect(world.clusterEvents(0)).toHaveLength(1);
  });

  test("deep sleep -> RTC memory is kept: seq goes on, nothing is told again", async () => {
    const world = await new SmallWorld([], { cluster: RUNNING }).runTo(59);
    expect(wakeCauses(world, 0)).toEqual(["power-on", "", "", ""]);
    expect(world.readings(0).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(world.clusterEvents(0)).toHaveLength(1);
  });

  test.each(ALL)(
    "%s, after the time server has gone -> the wall clock is lost at power-on alone",
    async (cause, cold) => {
      const silent = fault(18, { kind: "time-server-silent" });
      const world = await new SmallWorld([silent, cold], { cluster: RUNNING }).runTo(29);
      const year = new Date(world.readings(0).at(-1)!.measured_at).getUTCFullYear();
      expect(year).toBe(cause === "power-on" ? 2000 : 2026);
      expect(world.metrics()["readings mistimed"]).toBe(cause === "power-on" ? 1 : 0);
    },
  );
});

describe("a reset that a person presses", () => {
  test("pressed amid a wake -> the wake is not gone on with; without power -> nothing happens", async () => {
    const world = new SmallWorld(
      [step(2 * MINUTE, { kind: "press-reset", node: 0 }), step(3, { kind: "press-reset", node: 1 })],
      { cluster: { ...RUNNING, start: "running" } },
    );
    await world.runTo(7);
    expect(world.readings(0)).toHaveLength(1);
    expect(world.of("decided", 0)).toHaveLength(2);
    expect(world.of("reset", 1)).toEqual([]);
  });

  test("a node that hangs, freezes or never wakes -> a pressed reset brings it back", async () => {
    for (const kind of ["hang", "freeze", "never-wakes"] as const) {
      const steps = [fault(10, { kind, node: 0 }), step(20, { kind: "press-reset", node: 0 })];
      const world = await new SmallWorld(steps, { cluster: RUNNING }).runTo(50);
      expect([kind, world.readings(0).length]).toEqual([kind, 3]);
    }
  });
});

describe("a primary with a nearly empty pack", () => {
  const low = async (percent = 0.1) =>
    new SmallWorld([fault(10, { kind: "battery-low", node: 0, percent })], { cluster: RUNNING }).runTo(60);

  test("-> browns out whenever it transmits, until it cannot even boot: battery flat", async () => {
    const world = await low();
    const resets = world.of("reset", 0);
    // A tenth of a percent is 6.8 C; a boot and a look at the bus take 32 mC.
    expect(resets.length).toBeGreaterThan(195);
    expect(resets.length).toBeLessThan(214);
    expect(new Set(causes(world, 0))).toEqual(new Set(["brown-out"]));
    expect(world.node(0).state).toBe("off");
    expect(world.node(0).supply.pack.empty).toBe(true);
    expect(world.events.filter(({ node }) => node === 0).at(-1)?.kind).toBe("battery-flat");
    expect(world.readings(0)).toHaveLength(1);
    expect(world.metrics().resets).toBe(resets.length);
  });

  test("-> and expels its healthy peer within seconds, which stands down: nobody is left", async () => {
    const world = await low();
    const first = world.of("reset", 0)[0]!.at;
    const expelled = world
      .of("decided", 0)
      .find(({ decision: { changes } }) =>
        changes.some(({ kind, node }) => kind === "expelled" && node === 1),
      )!;
    expect((expelled.at - first) / 1e6).toBeGreaterThan(1);
    expect((expelled.at - first) / 1e6).toBeLessThan(2);
    expect(world.metrics()).toMatchObject({ expelled: 1, "wrongly expelled": 1, failovers: 0 });
    expect(world.of("decided", 1).at(-1)?.decision.role).toBe("dead");
    expect(world.score.primaries).toEqual([]);
  });

  test("just enough for the transmitter's peak -> no reset", async () => {
    const world = await low(1);
    expect(world.of("reset", 0)).toEqual([]);
    expect(world.readings(0)).toHaveLength(4);
  });

  test("a new pack amid the loop -> a cold start, and all is well again", async () => {
    const world = new SmallWorld(
      [
        fault(10, { kind: "battery-low", node: 0, percent: 0.1 }),
        step(16, { kind: "replace-battery", node: 0 }),
      ],
      { cluster: RUNNING },
    );
    await world.runTo(29);
    expect(world.of("battery-flat")).toEqual([]);
    expect(world.node(0).supply.pack.stateOfCharge).toBeGreaterThan(0.99);
    expect(world.readings(0)).toHaveLength(2);
    expect(world.readings(0)[1]!.battery_mv).toBeGreaterThan(5_500);
  });
});

describe("awake without an end", () => {
  const charged = { ...RUNNING, charge: [1, 100] };
  const AWAKE: readonly [string, Fault][] = [
    ["hung", { kind: "hang", node: 0 }],
    ["frozen", { kind: "freeze", node: 0 }],
    ["waiting for the busy line", { kind: "busy-line-stuck" }],
  ];

  // One percent is 68.4 C, 23 minutes at 49 mA; looked at every ten minutes, or at every poll of the line.
  test.each(AWAKE)("%s -> the pack is flat half an hour later", async (_, struck) => {
    const world = await new SmallWorld([fault(14, struck)], { cluster: charged }).runTo(50);
    const [flat] = world.minutesOf("battery-flat", 0);
    expect(flat! - 15).toBeGreaterThan(22);
    expect(flat! - 15).toBeLessThan(34);
    expect(world.node(0).state).toBe("off");
    expect(world.of("powered-off", 0)).toEqual([]);
    expect(world.node(0).supply.chargeC(PHASE.idle)).toBeGreaterThan(60);
  });

  test("asleep for good -> the pack is not", async () => {
    const world = new SmallWorld([fault(14, { kind: "never-wakes", node: 0 })], { cluster: charged });
    await world.runTo(1_440);
    expect(world.of("battery-flat")).toEqual([]);
    world.node(0).supply.updateCharge(world.engine.now);
    // 26 µA for a day less a quarter of an hour, and one wake.
    expect(world.node(0).supply.chargeC(PHASE.sleep)).toBeCloseTo(26e-6 * 86_395, 3);
  });

  test("flat -> what the chips hold is still there for the other node", async () => {
    const world = new SmallWorld([fault(14, { kind: "hang", node: 0 })], { cluster: charged });
    await world.runTo(120);
    expect(world.node(0).state).toBe("off");
    expect(world.readings(1).length).toBeGreaterThan(3);
    expect(world.traced("node-1", "write").at(-1)?.detail).toMatch(/^0x51@000e [0-9a-f]{4}$/);
  });
});
