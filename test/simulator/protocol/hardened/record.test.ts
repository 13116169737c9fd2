import fc from "fast-check";
import { crc32 } from "../../../../simulator/protocol/hardened/crc32.ts";
import { EXTENSION_BYTES } from "../../../../simulator/protocol/hardened/extension.ts";
import { HARDENED } from "../../../../simulator/protocol/hardened/hardened.ts";
import {
  areaBytes,
  clusterTag,
  formatRecord,
  isLater,
  latestOn,
  parseRecord,
  RECORD_BYTES,
  RECORD_VERSION,
  recordAddress,
} from "../../../../simulator/protocol/hardened/record.ts";
import { anyRecord } from "./arbitraries.ts";
import { blankChip, CLUSTER, chipWith, PAGE, recordOf } from "./chips.ts";

const parsed = (bytes: Uint8Array, node = 1) => parseRecord(bytes, 0, node, CLUSTER);

test("any record -> read back as it was written", () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      expect(parsed(formatRecord(record, CLUSTER), record.node)).toEqual(record);
    }),
  );
});

test("the byte map -> as the header has it, big-endian", () => {
  const record = recordOf(3, {
    boot: 0x01020304,
    gen: 0x05060708,
    term: 0x090a0b0c,
    claims: true,
    failing: true,
    dead: 0x81,
    reportedDead: 0x42,
    admit: 0x24,
  });
  const bytes = Buffer.from(formatRecord(record, 0xdeadbeef));
  expect(bytes.subarray(0, 24).toString("hex")).toBe("48320103deadbeef0102030405060708090a0b0c07814224");
  expect(bytes).toHaveLength(28);
});

test("a node that could not reach the cloud -> bit 3 of the flags, read back", () => {
  const bytes = formatRecord(recordOf(1, { failing: true, offline: true }), CLUSTER);
  expect(bytes[20]).toBe(0b1010);
  expect(parsed(bytes)).toMatchObject({ failing: true, offline: true, claims: false });
  expect(parsed(formatRecord(recordOf(1), CLUSTER))).not.toHaveProperty("offline");
});

test("any single bit flipped -> no record", () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      const bytes = formatRecord(record, CLUSTER);
      const taken: number[] = [];
      for (let bit = 0; bit < 8 * RECORD_BYTES; bit++) {
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        if (typeof parsed(bytes, record.node) !== "string") taken.push(bit);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
      }
      expect(taken).toEqual([]);
    }),
  );
});

test("a page write torn between two bytes -> the old record, the new one, or none", () => {
  fc.assert(
    fc.property(anyRecord, anyRecord, (old, next) => {
      const before = formatRecord({ ...old, node: 1 }, CLUSTER);
      const after = formatRecord({ ...next, node: 1 }, CLUSTER);
      for (let written = 0; written <= RECORD_BYTES; written++) {
        const torn = Uint8Array.of(...after.subarray(0, written), ...before.subarray(written));
        const record = parsed(torn);
        if (typeof record === "string") continue;
        expect([Buffer.compare(torn, before), Buffer.compare(torn, after)]).toContain(0);
      }
    }),
  );
});

describe("what is no record", () => {
  const whole = formatRecord(recordOf(1), CLUSTER);
  const changed = (at: number, to: number) => whole.map((byte, index) => (index === at ? to : byte));
  const sealed = (bytes: Uint8Array) => {
    new DataView(bytes.buffer).setUint32(24, crc32(bytes, 0, 24));
    return bytes;
  };

  test.each([
    ["all FFh", new Uint8Array(RECORD_BYTES).fill(0xff), "blank"],
    ["all FFh but one bit", new Uint8Array(RECORD_BYTES).fill(0xff).with(27, 0x7f), "damaged"],
    ["all 00h", new Uint8Array(RECORD_BYTES), "damaged"],
    ["noise", new Uint8Array(RECORD_BYTES).fill(0x5a), "damaged"],
    ["a wrong CRC", changed(27, whole[27]! ^ 1), "damaged"],
    ["no magic", changed(0, 0), "damaged"],
    ["another cluster's", formatRecord(recordOf(1), clusterTag("d")), "foreign"],
    ["of a later version, with a wrong CRC", changed(2, RECORD_VERSION + 1), "damaged"],
    ["of version 0", changed(2, 0), "damaged"],
    ["of version 0 with a right CRC", sealed(changed(2, 0)), "damaged"],
    ["another node's", formatRecord(recordOf(0), CLUSTER), "damaged"],
  ])("%s -> told by its name", (_, bytes, expected) => {
    expect(parsed(bytes)).toBe(expected);
  });

  test("a record of node 0 copied to node 1's page -> damaged there, and still a record at its place", () => {
    const chip = chipWith([recordOf(0, { gen: 2 })]);
    chip.copyWithin(recordAddress(1, 2), recordAddress(0, 2), recordAddress(0, 2) + RECORD_BYTES);
    expect(parseRecord(chip, recordAddress(1, 2), 1, CLUSTER)).toBe("damaged");
    expect([latestOn(chip, 0, CLUSTER)?.gen, latestOn(chip, 1, CLUSTER)]).toEqual([2, undefined]);
  });
});

test("the names of clusters -> CRC-32 of them", () => {
  expect(clusterTag("123456789")).toBe(0xcbf43926);
  expect(clusterTag("c")).not.toBe(clusterTag("d"));
});

test("places of the records of 8 nodes -> 16 pages, each with room for a record, all within the area read", () => {
  const places = Array.from({ length: 16 }, (_, page) => recordAddress(page >> 1, page & 1));
  expect(places).toEqual(Array.from({ length: 16 }, (_, page) => PAGE * page));
  expect(RECORD_BYTES + EXTENSION_BYTES).toBeLessThanOrEqual(PAGE);
  for (const nodes of [2, 3, 8])
    expect(areaBytes(nodes)).toBe(recordAddress(nodes - 1, 1) + RECORD_BYTES + EXTENSION_BYTES);
});

test("a record of a later version whose CRC is right -> read as one of this version", () => {
  const record = recordOf(1, { gen: 4, term: 9, claims: true });
  const later = formatRecord(record, CLUSTER).with(2, RECORD_VERSION + 6);
  new DataView(later.buffer).setUint32(24, crc32(later, 0, 24));
  expect(parseRecord(later, 0, 1, CLUSTER)).toEqual(record);
});

test("one generation and the next -> never on the same page", () => {
  fc.assert(
    fc.property(fc.nat({ max: 7 }), fc.nat({ max: 0xffff_fffe }), (node, gen) => {
      expect(recordAddress(node, gen + 1)).not.toBe(recordAddress(node, gen));
      expect(recordAddress(node, gen + 2)).toBe(recordAddress(node, gen));
    }),
  );
});

describe("the latest record on a chip", () => {
  const latest = (chip: Uint8Array) => latestOn(chip, 1, CLUSTER);

  test.each([
    ["two generations", [recordOf(1, { gen: 4 }), recordOf(1, { gen: 5 })], { boot: 1, gen: 5 }],
    [
      "an earlier boot with a higher gen",
      [recordOf(1, { gen: 8 }), recordOf(1, { boot: 2 })],
      { boot: 2, gen: 1 },
    ],
    ["one record", [recordOf(1, { gen: 3 })], { boot: 1, gen: 3 }],
  ])("%s -> the later", (_, records, expected) => {
    expect(latest(chipWith(records))).toMatchObject(expected);
  });

  test("the later one torn -> the earlier", () => {
    const chip = chipWith([recordOf(1, { gen: 4 }), recordOf(1, { gen: 5 })]);
    chip[recordAddress(1, 5) + 20]! ^= 1;
    expect(latest(chip)?.gen).toBe(4);
  });

  test("blank -> none", () => {
    expect(latest(blankChip())).toBeUndefined();
  });

  test("of any two -> one is later, unless (boot, gen) is the same", () => {
    fc.assert(
      fc.property(anyRecord, anyRecord, (x, y) => {
        const same = x.boot === y.boot && x.gen === y.gen;
        expect([isLater(x, y), isLater(y, x)].filter(Boolean)).toHaveLength(same ? 0 : 1);
      }),
    );
  });
});

test("a chip of a cluster that is well -> a record of each node, node 0 claims, and no later record is in its way", () => {
  const chip = HARDENED.runningChip({ nodes: 3, chips: 3, cluster: "c" }, [7, 8, 9]);
  expect(chip).toHaveLength(areaBytes(3));
  expect([0, 1, 2].map((node) => latestOn(chip, node, CLUSTER))).toEqual([
    recordOf(0, { boot: 0, gen: 7, term: 1, claims: true }),
    recordOf(1, { boot: 0, gen: 8, term: 1 }),
    recordOf(2, { boot: 0, gen: 9, term: 1 }),
  ]);
});
