/** Faults that meet: several of a kind at a time, again and again, or where there is nothing to strike. */
import { hours, START } from "../../../simulator/engine/time.ts";
import type { Step } from "../../../simulator/scenario/scenario.ts";
import { fault, powerOn, RUNNING, SmallWorld, TWO_NODES } from "../node/small-world.ts";

test("wifi-outage of one node -> the other one connects", async () => {
  const outage = fault(10, { kind: "wifi-outage", node: 0 });
  const world = await new SmallWorld([outage], { cluster: RUNNING }).runTo(120);
  expect(new Set(world.of("connect-failed").map(({ node }) => node))).toEqual(new Set([0]));
  expect(world.readings(1).length).toBeGreaterThan(2);
});

describe("two of one kind at a time", () => {
  test("timer-drift, the second outlasts the first -> the second counts to its end, then the clock is as it was", async () => {
    const drift = (minute: number, percent: number, lasts: number) =>
      fault(minute, { kind: "timer-drift", node: 0, percent }, lasts);
    const world = new SmallWorld([drift(1, 5, 20), drift(10, 10, 30)], { cluster: RUNNING });
    const errors: number[] = [];
    for (const minute of [5, 15, 30, 50]) {
      await world.runTo(minute);
      errors.push(world.node(0).clock.error);
    }
    expect(errors).toEqual([0.05, 0.1, 0.1, 0]);
  });

  test("sensor faults, the second ends first -> the first is there again", async () => {
    const world = new SmallWorld(
      [
        fault(1, { kind: "sensor-stuck", node: 0, celsius: 4 }, 80),
        fault(20, { kind: "sensor-stuck", node: 0, celsius: 9 }, 20),
      ],
      { cluster: RUNNING },
    );
    await world.runTo(95);
    expect(world.readings(0).map(({ temperature_c }) => temperature_c)).toEqual([21, 4, 9, 4, 4, 4, 21]);
  });

  test("SDA held twice from one instant -> free when both have let go", async () => {
    const held = (lasts: number) => fault(1, { kind: "sda-held" }, lasts);
    const world = await new SmallWorld([held(5), held(9)], { cluster: RUNNING }).runTo(8);
    expect(world.world.rig.bus.lines.condition).toBe("sda-stuck");
    await world.runTo(11);
    expect(world.world.rig.bus.lines.condition).toBe("clear");
  });

  test("pull-ups lost twice -> there when both are mended", async () => {
    const lost = (minute: number, lasts: number, unlifted: "stuck" | "no-ack") =>
      fault(minute, { kind: "pull-ups-lost", unlifted }, lasts);
    const world = new SmallWorld([lost(1, 5, "stuck"), lost(2, 8, "no-ack")], { cluster: RUNNING });
    const conditions: string[] = [];
    for (const minute of [1.5, 3, 7, 11]) {
      await world.runTo(minute);
      conditions.push(world.world.rig.bus.lines.condition);
    }
    expect(conditions).toEqual(["scl-stuck", "no-ack", "no-ack", "clear"]);
  });

  test("a power cut during a power cut -> the first one ends it, and the node starts once", async () => {
    const cut = (minute: number, lasts: number) =>
      fault(minute, { kind: "power-cut", node: 0, torn: "addressed-bytes" }, lasts);
    const world = await new SmallWorld([cut(1, 10), cut(5, 20)], { cluster: RUNNING }).runTo(40);
    expect(world.minutesOf("powered-off", 0)).toEqual([1]);
    expect(world.minutesOf("powered-on", 0)).toEqual([0, 11]);
  });

  test("a page worn out twice -> worn out", async () => {
    const worn = (minute: number) => fault(minute, { kind: "worn-page", chip: 1, page: 0 });
    const world = await new SmallWorld([worn(10), worn(25)], { cluster: RUNNING }).runTo(12);
    const before = world.bytes(1, 64);
    await world.runTo(120);
    expect(world.bytes(1, 64)).toEqual(before);
    expect(world.bytes(0, 64)).not.toEqual(before);
  });
});

describe("power cuts", () => {
  test("of a node that nobody has switched on yet -> nothing to heal", async () => {
    const cut = fault(1, { kind: "power-cut", node: 1, torn: "addressed-bytes" }, 5);
    const world = await new SmallWorld([cut]).runTo(60);
    expect(world.events).toEqual([]);
  });

  test("of a node whose pack is flat -> it does not come back", async () => {
    const world = new SmallWorld([fault(20, { kind: "power-cut", node: 1, torn: "addressed-bytes" }, 5)], {
      cluster: { ...RUNNING, charge: [100, 0] },
    });
    await world.runTo(60);
    expect(world.events.filter(({ node }) => node === 1).map(({ kind }) => kind)).toEqual([
      "powered-on",
      "battery-flat",
    ]);
  });

  test("ended by a person before its time -> it does not start the node again", async () => {
    const world = new SmallWorld(
      [fault(1, { kind: "power-cut", node: 0, torn: "addressed-bytes" }, 20), powerOn(5, 0)],
      { cluster: RUNNING },
    );
    await world.runTo(40);
    expect(world.minutesOf("powered-on", 0)).toEqual([0, 5]);
  });
});

test("noise again and again, by chance -> other bytes each time", async () => {
  const noise: Step = {
    ...fault(0, { kind: "eeprom-noise", chip: 1 }),
    trigger: { kind: "chance", times: 20, per: hours(1), from: START },
  };
  const world = new SmallWorld([noise], { cluster: RUNNING });
  const seen = new Set<string>();
  for (let minute = 1; minute <= 60; minute++) {
    await world.runTo(minute);
    seen.add(Buffer.from(world.world.rig.chip(1).memory.subarray(64, 128)).toString("hex"));
  }
  // Once a minute, so that two within a minute are seen as one.
  expect(seen.size).toBeGreaterThan(10);
});

test("records at the very last word address -> run on at 0, and so does the simulation", async () => {
  const straddling = fault(0, { kind: "straddling-records", address: 32_767 });
  const world = await new SmallWorld([straddling, ...TWO_NODES]).runTo(60);
  expect(world.traced("node-0", "read")[0]!.detail).toBe(`0x50@7fff ${"ff".repeat(20)}`);
  // The count is four bytes further on.
  expect(world.traced("node-0", "write")[2]!.detail).toMatch(/^0x50@0003 /);
});
