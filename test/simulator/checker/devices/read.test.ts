/** One read on the byte-level devices, disturbed at every instant: it fails, or returns what the chip held, as a whole. */
import { blankEepromImage } from "../../../../simulator/hardware/eeprom-image.ts";
import type { Effect, Reply } from "../../../../simulator/protocol/effects.ts";
import { areaBytes } from "../../../../simulator/protocol/hardened/record.ts";
import { afterWakes, beforeWrite, contentsOf, modelWith, type PendingWrite } from "./model-outcomes.ts";
import { NODES, RealCluster } from "./real-cluster.ts";

/** Word address, then 220 bytes: 2,019 clocks of 2.5 µs. */
const TRANSFER_US = 5_047;
const READ: Effect & { do: "read" } = { do: "read", chip: 0, address: 0, length: areaBytes(NODES) };

/** Chips on which every page holds a record, and the next write of node 0. */
const model = modelWith([], 0, 0);
const { state, write } = beforeWrite(model, afterWakes(model, 6));
const contents = contentsOf(model, state);
/** The write as node 1 might make it, to the chip that is being read. */
const otherWrite: Effect & { do: "write" } & PendingWrite = { do: "write", ...write, chip: 0, verify: true };

const BEFORE = Buffer.from(contents[0]!).toString("hex");
const WRITTEN = ((image) => {
  image.set(contents[0]!);
  image.set(write.bytes, write.address);
  return Buffer.from(image.subarray(0, contents[0]!.length)).toString("hex");
})(blankEepromImage());

const instants = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, n) => from + n * step);

/** What a node learns from its read while `disturb` has its way. */
async function read(disturb: (cluster: RealCluster) => void, at = 0): Promise<string> {
  const cluster = new RealCluster(contents, "shared", { mode: "whole-page", byte: () => 0x5a });
  const replies: Reply[] = [];
  cluster.spawn(0, at, READ, (reply) => replies.push(reply));
  disturb(cluster);
  await cluster.run();
  expect(replies).toHaveLength(1);
  const [reply] = replies;
  return reply instanceof Uint8Array ? Buffer.from(reply).toString("hex") : String(reply);
}

async function allRead(
  us: readonly number[],
  disturb: (cluster: RealCluster, us: number) => void,
  at = 0,
): Promise<Set<string>> {
  const met = new Set<string>();
  for (const each of us) met.add(await read((cluster) => disturb(cluster, each), at));
  return met;
}

test("nothing comes in between -> what the chip holds", async () => {
  expect(await read(() => undefined)).toBe(BEFORE);
});

describe.each(["sda", "scl"] as const)("%s goes stuck", (line) => {
  test.each([
    ["for a millisecond", 1_000],
    ["for longer than the driver waits", 200_000],
  ])("%s, at every fourth clock -> what the chip holds, or a failure", async (_, lasts) => {
    const met = await allRead(instants(0, TRANSFER_US + 20, 10), (cluster, us) => {
      const { lines } = cluster.rig.bus;
      cluster.at(us, () => lines.pullLow(cluster.engine.now, line, "test"));
      cluster.at(us + lasts, () => lines.letGo(cluster.engine.now, line, "test"));
    });
    expect([BEFORE, "undefined"]).toEqual(expect.arrayContaining([...met]));
    if (lasts > TRANSFER_US) expect(met).toContain("undefined");
  });
});

test("the chip is gone for 3 ms, at every second microsecond -> what it holds; for good -> or a failure", async () => {
  const leave = (cluster: RealCluster, us: number, backUs?: number): void =>
    cluster.at(us, () => {
      const back = cluster.rig.dislodge(0);
      if (backUs !== undefined) cluster.at(us + backUs, back);
    });
  const us = instants(0, TRANSFER_US + 4, 2);
  expect([...(await allRead(us, (cluster, at) => leave(cluster, at, 3_000)))]).toEqual([BEFORE]);
  expect((await allRead([0, ...us], (cluster, at) => leave(cluster, at), 1)).size).toBe(2);
});

test("another node writes to the chip, before, amid and after the read -> what it held before, or after, and nothing between", async () => {
  const met = await allRead(
    instants(0, 13_000, 7),
    (cluster, us) => cluster.spawn(1, us, otherWrite, () => undefined),
    6_500,
  );
  expect([...met].sort()).toEqual([BEFORE, WRITTEN].sort());
});

test("another node starts to write within the START of the read -> one of them gives way, and both succeed", async () => {
  for (const us of instants(6_495, 6_506, 1)) {
    const learned: Reply[] = [];
    const got = await read(
      (cluster) => cluster.spawn(1, us, otherWrite, (reply) => learned.push(reply)),
      6_500,
    );
    expect([us, learned, [BEFORE, WRITTEN].includes(got)]).toEqual([us, [true], true]);
  }
});

test("another node is reset amid its own read or write, at every seventh microsecond -> what the chip held before, or after", async () => {
  const others: readonly (Effect & { do: "read" | "write" })[] = [READ, otherWrite];
  for (const other of others) {
    const met = await allRead(
      instants(0, 6_600, 7),
      (cluster, us) => {
        cluster.spawn(1, 0, other, () => undefined);
        cluster.at(us, () => cluster.powerOff(1));
      },
      3_000,
    );
    expect([BEFORE, WRITTEN]).toEqual(expect.arrayContaining([...met]));
  }
});
