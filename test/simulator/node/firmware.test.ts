/** What the firmware does about a network and a sensor that fail it, within one wake. Node 0 is awake from 15.09 minutes on. */
import { Reading } from "../../../lib/contract/messages.ts";
import { PHASE } from "../../../simulator/node/loads.ts";
import { HARDENED } from "../../../simulator/protocol/hardened/hardened.ts";
import type { Step } from "../../../simulator/scenario/scenario.ts";
import { EPOCH_MS, fault, faultOn, powerOn, RUNNING, SmallWorld } from "./small-world.ts";

const PUBLISHES = { operation: "publish-reading", count: 1, point: { kind: "before" } } as const;
const play = (...steps: readonly Step[]) => new SmallWorld(steps, { cluster: RUNNING }).runTo(22);
/** The events of the second wake of node 0, each kind with what it says. */
/** Up to where it falls asleep. */
const secondWake = (world: SmallWorld) =>
  world.events.filter(({ at, node, kind }) => node === 0 && at > 15 * 60e6 && kind !== "asleep");
const kinds = (world: SmallWorld): string[] => secondWake(world).map(({ kind }) => kind);

describe("publishing", () => {
  test("all is well -> delivered and published once, then counted", async () => {
    const world = await play();
    expect(kinds(world)).toEqual(["decided", "acting", "measured", "delivered", "published"]);
    expect(world.traced("node-0", "write").at(-1)?.detail).toMatch(/^0x51@0004/);
  });

  test("PUBACK lost once -> the same message again, 5 s later, and all is well", async () => {
    const world = await play(fault(10, { kind: "puback-lost", node: 0, times: 1 }));
    expect(kinds(world)).toEqual(["decided", "acting", "measured", "delivered", "delivered", "published"]);
    const [first, second] = world.of("delivered", 0).slice(-2);
    expect(second!.payload).toBe(first!.payload);
    expect((second!.at - first!.at) / 1e6).toBeCloseTo(5.1, 0);
    expect(world.traced("node-0", "no-puback").map(({ detail }) => detail)).toEqual(["reading puback-lost"]);
  });

  test("PUBACK lost twice -> given up, and not counted, though the cloud has it", async () => {
    const world = await play(fault(10, { kind: "puback-lost", node: 0, times: 2 }));
    expect(kinds(world).slice(-3)).toEqual(["delivered", "delivered", "publish-failed"]);
    expect(world.of("publish-failed", 0)[0]).toMatchObject({
      channel: "reading",
      why: "the PUBACK was lost",
    });
    expect(world.traced("node-0", "write").at(-1)?.detail).toMatch(/^0x51@0000/);
    expect(world.metrics()).toMatchObject({
      "readings due": 2,
      "readings lost": 0,
      "readings duplicated": 1,
    });
  });

  test("the network goes between connecting and publishing -> two tries of 5 s, nothing arrives", async () => {
    const world = await play(faultOn(10, 0, PUBLISHES, { kind: "broadband-outage" }));
    expect(kinds(world)).toEqual(["decided", "acting", "measured", "publish-failed"]);
    const [measured, failed] = secondWake(world).slice(-2);
    expect((failed!.at - measured!.at) / 1e6).toBeGreaterThan(10);
    expect((failed!.at - measured!.at) / 1e6).toBeLessThan(10.3);
    expect(world.readings(0)).toHaveLength(1);
  });

  test("it is back for the second try -> published", async () => {
    const world = await play(faultOn(10, 0, PUBLISHES, { kind: "broadband-outage" }, 3 / 60));
    expect(kinds(world).slice(-2)).toEqual(["delivered", "published"]);
    expect(world.metrics()["readings duplicated"]).toBe(0);
  });
});

describe("measuring", () => {
  test("half of all reads have wrong bits -> tried up to three times: about one wake in eight fails", async () => {
    const struck = fault(1, { kind: "sensor-crc", node: 0, share: 0.5 });
    // A wake that fails is not counted: node 1 waits for two in a row before it takes over, and it is not there.
    const alone = fault(1, { kind: "power-cut", node: 1, torn: "addressed-bytes" });
    const world = new SmallWorld([alone, struck], { cluster: RUNNING, traced: false });
    await world.runTo(4 * 1_440);
    const [failed, measured] = [world.of("sensor-failed", 0).length, world.of("measured", 0).length];
    expect(failed + measured).toBeGreaterThan(370);
    // Four standard deviations of the share.
    expect(Math.abs(failed / (failed + measured) - 1 / 8)).toBeLessThan(4 * Math.sqrt(0.11 / 370));
    // Each try is a conversion of 750 ms: 1.75 of them on average.
    world.node(0).supply.updateCharge(world.engine.now);
    const spentS = world.node(0).supply.chargeC(PHASE.conversion) / 32.5e-3;
    expect(Math.abs(spentS / (failed + measured) / 0.75 - 1.75)).toBeLessThan(0.2);
  });

  test("no temperature -> no reading, no count, and the cloud is told", async () => {
    const world = await play(fault(10, { kind: "sensor-absent", node: 0 }));
    expect(kinds(world)).toEqual(["decided", "acting", "sensor-failed", "delivered", "published"]);
    expect(world.clusterEvents(0).at(-1)).toMatchObject({
      type: "sensor_failed",
      subject: 0,
      took_over: false,
      fault: "absent",
      state: { primary: 0, dead: [] },
    });
    expect(world.metrics()).toMatchObject({ "readings due": 2, "readings lost": 1 });
  });

  test("a temperature that no DS18B20 can show -> the nearest that it can, within the contract", async () => {
    for (const [celsius, shown] of [
      [-80, -55],
      [300, 125],
    ] as const) {
      const world = await new SmallWorld([], { cluster: RUNNING, temperature: () => celsius }).runTo(5);
      const [reading] = world.readings(0);
      expect(Reading.safeParse(reading).success).toBe(true);
      expect(reading!.temperature_c).toBe(shown);
    }
  });
});

describe("the cloud is told of a sensor that fails", () => {
  // Node 0 wakes at each quarter of an hour, and nobody takes its role.
  const alone = fault(1, { kind: "power-cut", node: 1, torn: "addressed-bytes" });
  const absent = { kind: "sensor-absent", node: 0 } as const;
  const told = async (until: number, ...steps: readonly Step[]): Promise<number[]> => {
    const world = await new SmallWorld([alone, ...steps], { cluster: RUNNING }).runTo(until);
    return world
      .of("published", 0)
      .filter(({ payload }) => payload.includes("sensor_failed"))
      .map(({ at }) => Math.floor(at / 60e6));
  };

  test("at many wakes in a row -> once", async () => {
    expect(await told(100, fault(10, absent))).toEqual([15]);
  });

  test("again after it has measured -> again", async () => {
    expect(await told(100, fault(10, absent, 30), fault(70, absent))).toEqual([15, 75]);
  });

  test("the node was reset meanwhile, and does not know that it is known -> again", async () => {
    expect(await told(50, fault(10, absent), fault(40, { kind: "reset", node: 0, cause: "pin" }))).toEqual([
      15, 40,
    ]);
  });

  test("the event gets no PUBACK -> at the next wake", async () => {
    const unheard = fault(10, { kind: "puback-lost", node: 0, times: 2 });
    expect(await told(50, fault(10, absent), unheard)).toEqual([30]);
  });
});

describe("connecting", () => {
  test.each([
    ["wifi-outage", "no-access-point", 20],
    ["broadband-outage", "no-route", 12.4],
  ] as const)("%s -> %s, given up after some %p s", async (kind, why, took) => {
    const world = await play(fault(10, { kind }));
    expect(kinds(world).filter((each) => each !== "clock-unset")).toEqual([
      "decided",
      "acting",
      "connect-failed",
    ]);
    const [decided, failed] = [secondWake(world)[0]!, world.of("connect-failed", 0)[0]!];
    expect(failed.why).toBe(why);
    expect((failed.at - decided.at) / 1e6).toBeGreaterThanOrEqual(took - 0.8);
    expect((failed.at - decided.at) / 1e6).toBeLessThan(took + 4);
  });
});

describe("what a reading says of the cluster", () => {
  const hardened = { cluster: RUNNING, protocol: HARDENED };
  const minuteOf = ({ measured_at }: Reading): number => (Date.parse(measured_at) - EPOCH_MS) / 60_000;

  test("all is well -> nothing", async () => {
    const world = await new SmallWorld([], hardened).runTo(200);
    for (const reading of world.readings(0))
      expect(reading).toMatchObject({ unwritable_eeproms: 0, suspects: 0 });
  });

  test("a chip acknowledges and keeps nothing -> its bit, until it keeps again", async () => {
    const world = await new SmallWorld([fault(40, { kind: "write-protected", chip: 1 }, 40)], hardened).runTo(
      130,
    );
    expect(world.readings(0).map(({ unwritable_eeproms }) => unwritable_eeproms)).toEqual([
      0, 0, 0, 2, 2, 2, 0, 0, 0,
    ]);
    // The chips that take its claim have changed: one settle later than its wake at 47 minutes.
    expect(minuteOf(world.readings(0)[3]!)).toBeCloseTo(49, 0);
  });

  /** Node 1 is gone, and so is what it wrote: the protocol knows nothing of it, and holds nobody to be dead for that. */
  const vanished = [
    fault(40, { kind: "power-cut", node: 1, torn: "addressed-bytes" }),
    ...[0, 1].flatMap((chip) => [2, 3].map((page) => fault(41, { kind: "page-rot", chip, page, fill: 90 }))),
  ];

  test("a node has stood still for more than four sleeps, and is not held to be dead -> its bit", async () => {
    const world = await new SmallWorld(vanished, hardened).runTo(160);
    const first = world.readings(0).find(({ suspects }) => suspects === 0b10)!;
    const minute = minuteOf(first);
    // It was last seen to move at 32 minutes.
    expect(minute).toBeGreaterThan(32 + 60);
    expect(minute).toBeLessThan(32 + 60 + 15);
    expect(world.readings(0).at(-1)).toMatchObject({ suspects: 0b10 });
  });

  test("it is held to be dead -> that is another matter", async () => {
    const world = await new SmallWorld(vanished.slice(0, 1), hardened).runTo(160);
    expect(world.clusterEvents(0)).toMatchObject([{ type: "node_dead", subject: 1 }]);
    expect(world.readings(0).every(({ suspects }) => suspects === 0)).toBe(true);
  });

  test("a seat that nobody ever took -> nothing", async () => {
    const nobody = { start: "blank" } as const;
    const world = await new SmallWorld([powerOn(0, 0)], { ...hardened, cluster: nobody }).runTo(160);
    expect(world.readings(0).length).toBeGreaterThan(8);
    expect(world.readings(0).every(({ suspects }) => suspects === 0)).toBe(true);
  });
});
