/** A node's life as the cloud and its peer see it. Wakes come every 15 minutes, give or take a per cent. */
import { Reading } from "../../../lib/contract/messages.ts";
import { millis } from "../../../simulator/engine/time.ts";
import { UplinkError } from "../../../simulator/node/uplink.ts";
import { EPOCH_MS, fault, powerOn, SmallWorld, step, TWO_NODES } from "./small-world.ts";

const hang = (minute: number, node: number) => fault(minute, { kind: "hang", node });
const powerOff = (minute: number, node: number) => step(minute, { kind: "power-off", node });

/** The primary's own count, as the peer read it at each of its wakes. */
const countsSeen = (world: SmallWorld, by: number, of: number): (number | undefined)[] =>
  world.of("decided", by).map(({ decision }) => decision.counts[of]);

describe("with a network", () => {
  test("an hour of wakes -> a reading each, within the contract, seq and measured_at in order", async () => {
    const world = await new SmallWorld(TWO_NODES, {
      temperature: (at) => 20 + at / 3_600_000_000,
    }).runTo(60);
    const readings = world.readings(0);
    expect(readings).toHaveLength(4);
    for (const reading of readings) expect(Reading.safeParse(reading).success).toBe(true);
    const times = readings.map(({ measured_at }) => measured_at);
    expect(times).toEqual([...times].sort());
    expect(new Set(times).size).toBe(4);
    expect(Date.parse(times[0]!) - EPOCH_MS).toBeLessThan(10_000);
    const seqs = readings.map(({ seq }) => seq);
    expect(seqs).toEqual([...new Set(seqs)].sort((x, y) => x - y));
    expect(readings[0]).toMatchObject({ v: 1, term: 0, sleep_s: 900 });
    // The sensor's steps are 1/16 °C.
    expect(readings[3]!.temperature_c - readings[0]!.temperature_c).toBeCloseTo(0.75, 1);
  });

  test("only the primary publishes; the standby sees it count once a wake", async () => {
    const world = await new SmallWorld(TWO_NODES).runTo(60);
    expect(world.readings(1)).toEqual([]);
    expect(world.of("decided", 1).at(-1)?.decision.role).toBe("standby");
    const seen = countsSeen(world, 1, 0);
    expect(seen.at(-1)! - seen.at(-2)!).toBe(1);
  });

  test("the same seed -> the same trace; another seed -> another", async () => {
    const sha = async (seed: number) =>
      (await new SmallWorld(TWO_NODES, { seed }).runTo(120)).world.trace.sha256();
    expect(await sha(3)).toBe(await sha(3));
    expect(await sha(3)).not.toBe(await sha(4));
  });
});

describe("without one", () => {
  test("Wi-Fi away for a wake -> connect-failed, nothing sent, no count; back again -> it goes on", async () => {
    const world = await new SmallWorld(TWO_NODES).runTo(20);
    world.away.add(0);
    await world.runTo(42);
    expect(world.of("connect-failed", 0)).toMatchObject([{ why: "no Wi-Fi" }]);
    expect(world.readings(0)).toHaveLength(2);
    const before = countsSeen(world, 1, 0).at(-2);
    expect(countsSeen(world, 1, 0).at(-1)).toBe(before);
    world.away.clear();
    await world.runTo(50);
    expect(world.readings(0)).toHaveLength(3);
    expect(world.score.expected).toBe(4);
  });

  test("the broker refuses its messages -> publish-failed with the payload, no count, and a suspicion", async () => {
    const world = await new SmallWorld(TWO_NODES).runTo(20);
    world.refused.add(0);
    await world.runTo(42);
    const failed = world.of("publish-failed", 0).filter(({ channel }) => channel === "reading");
    expect(failed[0]).toMatchObject({ why: "the broker refuses it" });
    expect(Reading.safeParse(JSON.parse(failed[0]!.payload)).success).toBe(true);
    expect(world.trace.join("\n")).toMatch(/node-0 +publish-failed +reading publish-failed/);
    const changes = world.of("decided", 1).flatMap(({ decision }) => decision.changes);
    expect(changes).toContainEqual({ kind: "suspected", node: 0 });
    expect(world.score.expected).toBe(world.readings(0).length + failed.length);
  });

  test("the primary's network away for good -> the standby takes over, and for a while two hold the role", async () => {
    const world = await new SmallWorld(TWO_NODES).runTo(20);
    world.away.add(0);
    await world.runTo(120);
    expect(world.score.failovers).toMatchObject([{ from: 0, to: 1, outageS: expect.any(Number) }]);
    // Until node 0 wakes next it does not know that it was expelled.
    expect(world.score.maxConcurrentPrimaries).toBe(2);
    expect(world.of("decided", 0).at(-1)?.decision.role).toBe("dead");
    expect(world.readings(1).length).toBeGreaterThanOrEqual(3);
  });
});

describe("a primary that hangs", () => {
  const hung = async () => new SmallWorld([...TWO_NODES, hang(50, 0)]).runTo(150);

  test("-> publishes no more; its peer suspects it at one wake, takes over at the next, and one acts at a time", async () => {
    const world = await hung();
    const since = world.of("hung", 0)[0]!.at;
    expect(world.of("published", 0).filter(({ at }) => at >= since)).toEqual([]);
    const kinds = world.of("decided", 1).map(({ decision }) => decision.changes.map(({ kind }) => kind));
    const suspected = kinds.findIndex((changes) => changes.includes("suspected"));
    expect(kinds[suspected + 1]).toEqual(["expelled", "took-over"]);
    expect(world.score.maxConcurrentPrimaries).toBe(1);
  });

  test("-> the event says who took over, and when the dead node was last seen", async () => {
    const world = await hung();
    const events = world.clusterEvents(1);
    expect(events.length).toBeGreaterThan(1);
    expect(events[0]).toMatchObject({
      type: "node_dead",
      subject: 0,
      took_over: true,
      state: { primary: 1, dead: [0], never_admitted: [] },
    });
    const [lastSeen] = events[0]!.state.last_seen;
    expect(lastSeen?.node).toBe(0);
    const lastReading = Date.parse(world.readings(0).at(-1)!.measured_at);
    const seenMs = Date.parse(lastSeen!.at!);
    // At the peer's first wake after the last reading, and it stays the same however often it is told.
    expect(seenMs - lastReading).toBeGreaterThan(0);
    expect(seenMs - lastReading).toBeLessThan(16 * 60_000);
    expect(new Set(events.map(({ state }) => state.last_seen[0]?.at)).size).toBe(1);
  });

  test("a reporter that has never seen it move -> last_seen null", async () => {
    const world = await new SmallWorld([powerOn(0, 0)]).runTo(40);
    const events = world.clusterEvents(0);
    expect(events.length).toBeGreaterThan(0);
    for (const { state } of events) {
      expect(state.never_admitted).toEqual([1]);
      expect(state.last_seen.filter(({ at }) => at !== null)).toEqual([]);
    }
  });
});

describe("power", () => {
  test("taken away amid a wake -> that wake is never gone on with", async () => {
    // Boot takes 650 ms, and Wi-Fi and TLS together at least two seconds.
    const world = await new SmallWorld([powerOn(0, 0), powerOff(2 / 60, 0)]).runTo(60);
    expect(world.events.map(({ kind }) => kind)).toEqual(["powered-on", "decided", "acting", "powered-off"]);
    expect(world.sent).toEqual([]);
  });

  test("taken away while a publish is on its way -> the message is out, and nothing follows it", async () => {
    const world = await new SmallWorld([powerOn(0, 0)], {
      uplink: (_, small) => ({
        connect: async () => undefined,
        disconnect: async () => undefined,
        publish: async (topic, payload) => {
          small.sent.push({ topic, payload });
          await Promise.resolve();
          small.world.powerOff(0);
        },
      }),
    }).runTo(60);
    expect(world.sent).toHaveLength(1);
    expect(world.of("published")).toEqual([]);
    expect(world.events.at(-1)?.kind).toBe("powered-off");
  });

  test("off and on again -> a cold start: seq begins again, time does not", async () => {
    const world = await new SmallWorld([powerOn(0, 0), powerOff(50, 0), powerOn(55, 0)]).runTo(60);
    const readings = world.readings(0);
    const [before, after] = [readings.at(-2)!, readings.at(-1)!];
    expect(before.seq).toBeGreaterThan(after.seq);
    expect(after.seq).toBeLessThanOrEqual(1);
    expect(Date.parse(after.measured_at)).toBeGreaterThan(Date.parse(before.measured_at));
  });

  test("off while it is off, on while it is on -> the second power-on starts over, and one life goes on", async () => {
    const world = await new SmallWorld([
      powerOff(1, 0),
      powerOn(2, 0),
      step(2, { kind: "power-on", node: 0 }),
    ]).runTo(20);
    expect(world.of("powered-off")).toHaveLength(1);
    expect(world.readings(0)).toHaveLength(2);
  });
});

test("an uplink that fails with what is no UplinkError -> the trace holds no text of it", async () => {
  const world = await new SmallWorld([powerOn(0, 0)], {
    uplink: () => ({
      connect: () => {
        throw new Error("127.0.0.1:51234 at 10:31");
      },
      publish: () => undefined,
      disconnect: () => undefined,
    }),
  }).runTo(5);
  expect(world.of("connect-failed")).toMatchObject([{ why: "127.0.0.1:51234 at 10:31" }]);
  expect(world.trace.join("\n")).toMatch(/connect-failed +unexpected$/m);
  expect(world.trace.join("\n")).not.toContain("51234");
});

test("a shorter sleep -> told with every reading, and more of them", async () => {
  const world = await new SmallWorld([powerOn(0, 0)], { sleep: millis(60_000) }).runTo(10);
  expect(world.readings(0).length).toBeGreaterThanOrEqual(9);
  expect(world.readings(0)[0]?.sleep_s).toBe(60);
});

test("a story that names a node that there is not -> stops, and says so", async () => {
  const world = new SmallWorld([powerOn(0, 2)]);
  await expect(world.runTo(1)).rejects.toThrow("the scenario names node 2, of 2");
});

test("UplinkError -> keeps its cause", () => {
  const cause = new Error("ECONNREFUSED");
  expect(new UplinkError("connect-failed", "no", { cause })).toMatchObject({ name: "UplinkError", cause });
});
