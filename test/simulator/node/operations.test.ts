/**
 * Faults timed by what a node does. In a cluster that runs, node 0 boots at 0, is done booting at 650 ms, reads its chip
 * (547 µs), writes the record to chip 0 and to chip 1 (522 µs and 5 ms of tWR, 27 µs for the poll, each), publishes, reads
 * again and writes its two bytes of count to each.
 */
import { millis } from "../../../simulator/engine/time.ts";
import { OPERATIONS, type Operation, type OperationPoint } from "../../../simulator/node/operations.ts";
import type { Fault } from "../../../simulator/scenario/faults.ts";
import type { ClusterSetup } from "../../../simulator/scenario/scenario.ts";
import { fault, faultOn, RUNNING, SmallWorld } from "./small-world.ts";

const FREEZE: Fault = { kind: "freeze", node: 0 };
const cut = (torn: "addressed-bytes" | "whole-page" = "addressed-bytes"): Fault => ({
  kind: "power-cut",
  node: 0,
  torn,
});
const RECORD = 20;
const PAGE = 64;
/** µs: from START to STOP of a record's write, and until the driver knows that its cycle is over. */
const BUS = 522;
const WRITE = BUS + 5_000 + 27;
const FIRST_WRITE = 650_000 + 547;

const when = (operation: Operation, point: OperationPoint, count = 1) => ({ operation, count, point });
/** Strikes node 0 when it meets the mark. */
const struck = (
  operation: Operation,
  point: OperationPoint,
  by: Fault,
  options: { count?: number; from?: number; cluster?: Partial<ClusterSetup>; seed?: number } = {},
) =>
  new SmallWorld([faultOn(options.from ?? 0, 0, when(operation, point, options.count), by)], {
    cluster: { ...RUNNING, ...options.cluster },
    seed: options.seed ?? 1,
  });
/** When each fault struck, in µs. */
const strikes = (world: SmallWorld): number[] =>
  world.trace.filter((line) => / fault +step /.test(line)).map(microsOf);
function microsOf(line: string): number {
  const [, days, hours, minutes, seconds] = /^ *(\d+) (\d+):(\d+):([\d.]+)/.exec(line)!;
  return Math.round(
    (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1e6,
  );
}
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
/** What node 0 did last. */
const lastOf = (world: SmallWorld): string =>
  world.trace
    .filter((line) => / node-0 /.test(line) && !/ (frozen|powered-off) *$/.test(line))
    .at(-1)!
    .replace(/^.* node-0 +/, "")
    .replace(/ +/g, " ");

describe("power cut in the middle of byte 3 of the second page write", () => {
  test.each(["shared", "own"] as const)(
    "EEPROMs with %s power -> chip 0 is written, chip 1 is not",
    async (eepromPower) => {
      const world = struck("page-write", { kind: "byte", byte: 3 }, cut(), {
        count: 2,
        cluster: { eepromPower },
      });
      const before = hex(world.bytes(1, PAGE));
      await world.runTo(1);
      // START, three bytes of addresses, two and a half of data: 50.5 clocks of 2.5 µs.
      expect(strikes(world)).toEqual([FIRST_WRITE + WRITE + 126]);
      const written = world.traced("node-0", "write").map(({ detail }) => detail);
      expect(written).toEqual([`0x50@0000 ${hex(world.bytes(0, RECORD))}`]);
      expect(hex(world.bytes(1, PAGE))).toBe(before);
      expect(world.world.rig.chip(1).pageWrites(0)).toBe(0);
      expect(hex(world.bytes(0, RECORD))).not.toBe(before.slice(0, 2 * RECORD));
    },
  );
});

describe("power cut 2 ms into the write cycle of chip 0", () => {
  const torn = async (how: "addressed-bytes" | "whole-page", eepromPower: "own" | "shared", seed = 1) => {
    const point = { kind: "write-cycle", into: millis(2) } as const;
    const world = struck("page-write", point, cut(how), { cluster: { eepromPower }, seed });
    await world.runTo(1);
    expect(strikes(world)).toEqual([FIRST_WRITE + BUS + 2_000]);
    return world.world.rig.chip(0).memory;
  };
  /** As it is written by a node that goes on. */
  const written = async () =>
    (await new SmallWorld([], { cluster: RUNNING }).runTo(0.011)).world.rig.chip(0).memory;

  test.each([
    ["addressed-bytes", RECORD],
    ["whole-page", PAGE],
  ] as const)("own power, %s -> the first %p bytes are torn, and no other", async (how, length) => {
    const [found, whole] = [await torn(how, "own"), await written()];
    const same = (from: number, to: number) =>
      found.subarray(from, to).filter((byte, n) => byte === whole[from + n]);
    expect(hex(found.subarray(length))).toBe(hex(whole.subarray(length)));
    // By chance one in 256 is right.
    expect(same(0, length).length).toBeLessThan(length / 4);
    expect(same(length - 6, length).length).toBeLessThan(3);
  });

  test("own power -> torn as the seed has it", async () => {
    const record = async (seed: number) =>
      hex((await torn("addressed-bytes", "own", seed)).subarray(0, RECORD));
    expect(await record(1)).toBe(await record(1));
    expect(await record(1)).not.toBe(await record(2));
  });

  test("shared power -> the other node feeds it, and the cycle ends as it should", async () => {
    expect(hex(await torn("addressed-bytes", "shared"))).toBe(hex(await written()));
  });
});

describe("before and after", () => {
  const CASES: readonly [Operation, "before" | "after", RegExp][] = [
    ["wake", "before", /^wake power-on/],
    ["wake", "after", /^write 0x51@0004/],
    ["raise-busy", "before", /^wake/],
    ["raise-busy", "after", /^busy-raised/],
    ["read", "before", /^busy-raised/],
    ["read", "after", /^read 0x50@0000/],
    ["page-write", "before", /^read 0x50@0000/],
    ["page-write", "after", /^write 0x50@0000/],
    ["connect", "before", /^decided primary/],
    ["connect", "after", /^connected/],
    ["publish-reading", "before", /^published event/],
    ["publish-reading", "after", /^published reading/],
  ];

  test.each(CASES)("%s, %s it -> that is how far node 0 comes", async (operation, kind, last) => {
    const world = await struck(operation, { kind }, FREEZE).runTo(5);
    expect(world.node(0).state).toBe("frozen");
    expect(lastOf(world)).toMatch(last);
  });

  test.each(["before", "after"] as const)("report, %s it -> not sent yet, or sent", async (kind) => {
    // Node 1 reports that node 0 is dead, once it has taken over.
    const steps = [
      fault(1, { kind: "hang", node: 0 }),
      faultOn(0, 1, when("report", { kind }), { kind: "freeze", node: 1 }),
    ];
    const world = await new SmallWorld(steps, { cluster: RUNNING }).runTo(60);
    expect(world.node(1).state).toBe("frozen");
    expect(world.clusterEvents(1)).toHaveLength(kind === "before" ? 0 : 1);
    expect(world.readings(1)).toEqual([]);
  });

  test("every operation -> has its cases", () => {
    const covered = new Set<Operation>(["report", ...CASES.map(([operation]) => operation)]);
    expect([...covered].sort()).toEqual([...OPERATIONS].sort());
  });

  test("power cut before the publish -> nothing is sent; after it -> sent, and never counted", async () => {
    const counted = (world: SmallWorld) =>
      world.traced("node-0", "write").some(({ detail }) => /@0004/.test(detail));
    const before = await struck("publish-reading", { kind: "before" }, cut()).runTo(5);
    expect([before.readings(0).length, counted(before)]).toEqual([0, false]);
    const after = await struck("publish-reading", { kind: "after" }, cut()).runTo(5);
    expect([after.readings(0).length, counted(after)]).toEqual([1, false]);
    expect(after.of("published", 0).filter(({ channel }) => channel === "reading")).toHaveLength(1);
  });
});

test("frozen in the middle of byte 3 of a write -> no STOP: the chip is not written, and free for the other node", async () => {
  const world = struck("page-write", { kind: "byte", byte: 3 }, FREEZE);
  const before = hex(world.bytes(0, PAGE));
  await world.runTo(0.1);
  expect(hex(world.bytes(0, PAGE))).toBe(before);
  expect(world.world.rig.chip(0).pageWrites(0)).toBe(0);
  expect(world.world.rig.bus.occupied(world.engine.now)).toBe(false);
});

test("frozen after it raised the busy line -> the line stays high, and the other node waits", async () => {
  const world = await struck("raise-busy", { kind: "after" }, FREEZE).runTo(120);
  expect(world.world.rig.busyLine.isHigh(1)).toBe(true);
  expect(world.traced("node-1", "busy-waiting")).toHaveLength(1);
  expect(world.node(1).state).toBe("awake");
  expect(world.of("decided", 1)).toEqual([]);
});

describe("count and from", () => {
  test.each([
    [1, 0, 0],
    [3, 0, 30],
    [1, 10, 15],
    [2, 10, 30],
    [1, 15, 15],
    [1, 15.1, 30],
  ])("wake %p from minute %p on -> at about minute %p", async (count, from, minute) => {
    const world = await struck("wake", { kind: "before" }, FREEZE, { count, from }).runTo(59);
    expect(world.minutesOf("frozen", 0)).toEqual([expect.closeTo(minute + 0.1, 0.5)]);
  });

  test("met once -> not again", async () => {
    const world = await struck("wake", { kind: "before" }, { kind: "reset", node: 0, cause: "pin" }).runTo(
      59,
    );
    expect(strikes(world)).toHaveLength(1);
    expect(world.of("reset", 0)).toHaveLength(1);
  });

  test("a chip comes loose in its write cycle -> the addressed bytes are what the fault says", async () => {
    const loose: Fault = { kind: "eeprom-dislodged", chip: 0, fill: 90 };
    const world = await struck("page-write", { kind: "write-cycle", into: millis(2) }, loose).runTo(1);
    expect(world.bytes(0, 21)).toEqual(Uint8Array.of(...new Array<number>(20).fill(90), 255));
  });

  test("fewer than asked for -> never", async () => {
    expect(strikes(await struck("wake", { kind: "before" }, FREEZE, { count: 99 }).runTo(120))).toEqual([]);
  });

  test("two marks on one operation -> both strike, in the order of the list", async () => {
    const mark = when("connect", { kind: "before" });
    const world = new SmallWorld(
      [
        faultOn(0, 0, mark, { kind: "wifi-outage" }),
        faultOn(0, 0, mark, { kind: "sensor-absent", node: 0 }),
        faultOn(0, 0, when("connect", { kind: "before" }, 2), FREEZE),
      ],
      { cluster: RUNNING },
    );
    await world.runTo(20);
    expect(world.story).toEqual(["wifi-outage", "sensor-absent node=0", "freeze node=0"]);
    // It strikes first, and then the node connects.
    expect(world.of("connect-failed", 0)).toHaveLength(1);
  });

  test("a mark of one node -> may strike the other one", async () => {
    const world = new SmallWorld([faultOn(0, 1, when("wake", { kind: "after" }), FREEZE)], {
      cluster: RUNNING,
    });
    await world.runTo(10);
    expect(world.minutesOf("frozen", 0)).toEqual([expect.closeTo(7.511, 3)]);
  });
});

describe("bytes that there are not", () => {
  test("byte 3 of the third page write -> that has two bytes: the next one that has three is meant", async () => {
    const world = await struck("page-write", { kind: "byte", byte: 3 }, FREEZE, { count: 3 }).runTo(59);
    expect(world.minutesOf("frozen", 0)).toEqual([expect.closeTo(15, 0)]);
    expect(lastOf(world)).toMatch(/^read 0x50@0000/);
  });

  test("attempts that no chip acknowledges -> do not count", async () => {
    const world = new SmallWorld(
      [
        fault(0, { kind: "eeprom-dislodged", chip: 0 }),
        faultOn(0, 0, when("read", { kind: "byte", byte: 1 }), FREEZE),
      ],
      { cluster: RUNNING },
    );
    await world.runTo(59);
    // The dozen attempts at chip 0 are over: in the middle of the first byte that chip 1 sends.
    expect(lastOf(world)).toMatch(/^read 0x50@0000 absent/);
    const [absent] = world.trace.filter((line) => / read +0x50@0000 absent/.test(line)).map(microsOf);
    // START, three bytes, repeated START, a byte of address, half a byte.
    expect(strikes(world)).toEqual([0, absent! + 106]);
  });

  test("a write that nobody takes -> has no write cycle to be struck in", async () => {
    const world = new SmallWorld(
      [
        fault(0, { kind: "eeprom-dislodged", chip: 0 }),
        faultOn(0, 0, when("page-write", { kind: "write-cycle", into: millis(1) }), FREEZE),
      ],
      { cluster: RUNNING },
    );
    await world.runTo(59);
    expect(lastOf(world)).toMatch(/^write 0x50@0000 absent/);
    expect(world.world.rig.chip(1).pageWrites(0)).toBe(1);
  });
});

test("reset in the middle of a byte that a chip sends -> SDA stays low, and clocks free it at the next read", async () => {
  // Byte 2 is RETRY: 00h.
  const world = await struck(
    "read",
    { kind: "byte", byte: 2 },
    { kind: "reset", node: 0, cause: "pin" },
  ).runTo(1);
  const reads = world.traced("node-0", "read").map(({ detail }) => detail);
  expect(reads[0]).toMatch(/^0x50@0000 [0-9a-f]{40} bus-recovery [4-5] clocks$/);
  expect(world.readings(0)).toHaveLength(1);
});
