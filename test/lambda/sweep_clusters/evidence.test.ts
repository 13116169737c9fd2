/** What both functions come to where one sign is not enough, and where clocks and terms mislead. */
import type { DeliveredEvent } from "../../../lib/contract/messages.ts";
import { death, MINUTE_MS, NOON_MS, recovery } from "../send_cluster_mail/support/fixtures.ts";
import { QUARTER_MS, type Story, useWorlds } from "./support/stories.ts";

const newWorld = useWorlds();

describe("terms that begin anew", () => {
  test("chips swapped, under which a death was told at term 40 -> the next death, at term 2, is told and is over in turn", async () => {
    const { world, sweepUntil, deliver, told } = await newWorld();
    const publish = async (from: number, to: number, term: number) => {
      for (let quarter = from; quarter < to; quarter++) {
        await world.heartbeat("kitchen", 0, NOON_MS + quarter * QUARTER_MS + MINUTE_MS, { term });
        await sweepUntil(NOON_MS + (quarter + 1) * QUARTER_MS);
      }
    };
    await publish(0, 2, 40);
    const dead = { subject: 1, node: 0, took_over: false };
    await deliver(death({ ...dead, term: 40, minute: 31 }));
    await publish(2, 4, 40);
    await deliver(recovery({ ...dead, term: 40, minute: 61 }));
    await publish(4, 8, 1);
    await deliver(death({ ...dead, term: 2, minute: 121 }));
    await publish(8, 10, 2);
    await deliver(recovery({ ...dead, term: 2, minute: 151 }));
    expect(told()).toEqual(Array(2).fill(["firing node-dead#1", "resolved node-dead#1"]).flat());
  });

  test("whoever finds the blank chips first is another than before, under the same term -> no split brain", async () => {
    const { world, sweepUntil, told } = await newWorld();
    await world.heartbeat("kitchen", 0, NOON_MS, { term: 1 });
    for (let quarter = 0; quarter < 8; quarter++) {
      await world.heartbeat("kitchen", 1, NOON_MS + quarter * QUARTER_MS + 8 * MINUTE_MS, { term: 1 });
      await sweepUntil(NOON_MS + (quarter + 1) * QUARTER_MS);
    }
    expect(told()).toEqual([]);
  });
});

describe("one sample decides nothing", () => {
  const publish = async (
    { world, sweepUntil }: Story,
    readings: readonly (readonly [node: number, minute: number, changes: object])[],
  ) => {
    for (const [node, minute, changes] of readings) {
      await world.heartbeat("kitchen", node, NOON_MS + minute * MINUTE_MS, changes);
      await sweepUntil(NOON_MS + minute * MINUTE_MS + 2 * MINUTE_MS, MINUTE_MS);
    }
  };

  test("a freezer that defrosts while node 1 takes over -> no mail", async () => {
    const world = await newWorld();
    const freezer = [
      [0, 0, -12.6],
      [0, 15, -12.05],
      [0, 30, -11.5],
      [1, 65, -18],
      [1, 80, -18],
      [1, 95, -18],
    ] as const;
    await publish(
      world,
      freezer.map(([node, minute, temperature_c]) => [node, minute, { temperature_c, term: node + 1 }]),
    );
    expect(world.told()).toEqual([]);
  });

  test("a pack that dips for one reading -> no mail; for two -> one", async () => {
    const world = await newWorld();
    const packs = [5_300, 4_700, 5_290, 4_710, 5_280, 4_700, 4_690] as const;
    await publish(
      world,
      packs.map((battery_mv, i) => [0, i * 15, { battery_mv }]),
    );
    expect(world.told()).toEqual(["firing battery-low#0"]);
  });

  test("a clock that says 2000 for one reading -> no mail; for two -> one, and one when it is right", async () => {
    const world = await newWorld();
    const wrong = { measured_at: "2000-01-01T00:00:07.000Z" };
    await publish(world, [
      [0, 0, {}],
      [0, 15, wrong],
      [0, 30, {}],
      [0, 45, wrong],
      [0, 60, wrong],
      [0, 75, {}],
    ]);
    expect(world.told()).toEqual(["firing clock-wrong#0", "resolved clock-wrong#0"]);
    expect(world.world.mails[0]!.text).toContain("2000-01-01");
  });
});

test("a sensor fails while its node's clock says 2000 -> a reading from before does not resolve it, one from after does", async () => {
  const { world, sweepUntil, deliver, told } = await newWorld();
  await world.heartbeat("kitchen", 0, NOON_MS);
  const failed = { type: "sensor_failed", subject: 0, node: 0, fault: "absent", minute: 15 } as const;
  const event: DeliveredEvent = { ...death(failed), at: "2000-01-01T00:15:00.000Z" };
  await deliver(event);
  await sweepUntil(NOON_MS + 45 * MINUTE_MS);
  expect(told()).toEqual(["firing sensor-failing#0"]);
  await world.heartbeat("kitchen", 0, NOON_MS + 50 * MINUTE_MS, { measured_at: "2000-01-01T00:50:00.000Z" });
  await sweepUntil(NOON_MS + 60 * MINUTE_MS);
  expect(told()).toEqual(["firing sensor-failing#0", "resolved sensor-failing#0"]);
});
