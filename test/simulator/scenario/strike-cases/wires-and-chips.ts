import { fault } from "../../node/small-world.ts";
import {
  absentChip1,
  bothReadAgain,
  type Cases,
  chipKept,
  HEALED,
  onBus,
  readsFail,
  rolesSince,
  STRUCK,
  writesChip1Again,
} from "./case.ts";

/** Faults of the bus and of its chips. */
export const BUS_CASES = {
  "sda-held": {
    fault: { kind: "sda-held" },
    effect: "no chip can be read, and clocks do not help",
    struck: readsFail(/sda-stuck bus-recovery sda-stuck/),
    healed: bothReadAgain,
  },
  "scl-held": {
    fault: { kind: "scl-held" },
    effect: "no chip can be read",
    struck: readsFail(/scl-stuck$/),
    healed: bothReadAgain,
  },
  "pull-ups-lost": {
    fault: { kind: "pull-ups-lost", unlifted: "no-ack" },
    effect: "no chip answers",
    struck: readsFail(/absent$/),
    healed: bothReadAgain,
  },
  "wire-cut": {
    fault: { kind: "wire-cut", node: 1 },
    effect: "each side reaches its own chip alone, and both are primary",
    struck: (world) => {
      expect(onBus(world, 0, "write", /0x51@0000 absent/)).not.toEqual([]);
      expect(onBus(world, 1, "write", /0x50@0000 absent/)).not.toEqual([]);
      expect(onBus(world, 1, "write", /0x51@0000 [0-9a-f]{40}/)).not.toEqual([]);
      expect(world.score.primaries).toEqual([0, 1]);
    },
    healed: (world) => {
      writesChip1Again(world);
      expect(onBus(world, 1, "write", /0x50.*absent/, HEALED)).toEqual([]);
    },
  },
  "transfer-errors": {
    fault: { kind: "transfer-errors", reads: 1, writes: 0 },
    effect: "no node reads any chip, and each says why",
    struck: (world) => {
      const reads = ["node-0", "node-1"].flatMap((node) => world.traced(node, "read"));
      expect(
        reads.filter(({ minute }) => minute > STRUCK).every(({ detail }) => / glitch$/.test(detail)),
      ).toBe(true);
      expect(reads.some(({ minute }) => minute > STRUCK)).toBe(true);
    },
    healed: (world) => {
      const reads = ["node-0", "node-1"].flatMap((node) => world.traced(node, "read"));
      expect(reads.filter(({ minute, detail }) => minute > HEALED && / glitch$/.test(detail))).toEqual([]);
    },
  },
  "busy-line-stuck": {
    fault: { kind: "busy-line-stuck" },
    effect: "both wait for it",
    struck: (world) => {
      for (const node of [0, 1]) {
        expect(world.traced(`node-${node}`, "busy-waiting")).toHaveLength(1);
        expect(rolesSince(world, node, STRUCK)).toEqual([]);
      }
    },
    healed: (world) => {
      for (const node of [0, 1]) expect(rolesSince(world, node, HEALED)).not.toEqual([]);
    },
  },
  "busy-wire-cut": {
    fault: { kind: "busy-wire-cut", node: 1 },
    beside: [fault(5, { kind: "busy-line-stuck" })],
    effect: "does not see that the line is high",
    struck: (world) => expect(rolesSince(world, 1, STRUCK)).toHaveLength(1),
    healed: (world) => {
      expect(rolesSince(world, 1, HEALED)).toEqual([]);
      expect(world.node(1).state).toBe("awake");
    },
  },
  "eeprom-dislodged": {
    fault: { kind: "eeprom-dislodged", chip: 1 },
    effect: "does not answer, and its owner is expelled",
    struck: (world) => {
      absentChip1(world);
      expect(rolesSince(world, 0, STRUCK)[0]).toContain("expelled 1");
    },
    healed: writesChip1Again,
  },
  "eeprom-blank": {
    fault: { kind: "eeprom-blank", chip: 0 },
    effect: "its owner reads FFh and formats it",
    struck: (world) => {
      expect(onBus(world, 0, "read", /0x50/)[0]).toBe(`0x50@0000 ${"ff".repeat(20)}`);
      expect(world.of("decided", 0).map(({ decision }) => decision.formatted)).toContain(true);
    },
  },
  "eeprom-other-type": {
    fault: { kind: "eeprom-other-type", chip: 1, part: "AT24C32" },
    effect: "blank, and it repeats itself after 4,096 bytes",
    struck: (world) => {
      const chip = world.world.rig.chip(1);
      expect([chip.part, chip.memory.length, chip.pageBytes, chip.pages]).toEqual([
        "AT24C32",
        4_096,
        32,
        128,
      ]);
    },
  },
  "eeprom-noise": {
    fault: { kind: "eeprom-noise", chip: 1 },
    effect: "each byte value about as often as any other",
    struck: (world) => {
      const counts = new Array<number>(256).fill(0);
      for (const byte of world.world.rig.chip(1).memory.subarray(64)) counts[byte]! += 1;
      // 128 on average, with a standard deviation of 11.
      for (const count of counts) expect(Math.abs(count - 128)).toBeLessThan(60);
    },
  },
  "page-rot": {
    fault: { kind: "page-rot", chip: 1, page: 2, fill: 90 },
    effect: "that page alone holds what it was told to",
    struck: (world) => {
      const { memory } = world.world.rig.chip(1);
      expect(memory.subarray(64, 256)).toEqual(
        Uint8Array.from({ length: 192 }, (_, at) => (at >= 64 && at < 128 ? 90 : 255)),
      );
    },
  },
  "write-protected": {
    fault: { kind: "write-protected", chip: 1 },
    effect: "takes writes and does not change",
    struck: (world) => {
      expect(onBus(world, 0, "write", /0x51.*(absent|timeout)/)).toEqual([]);
      expect(chipKept(world)).toBe(true);
    },
    healed: (world) => expect(chipKept(world)).toBe(false),
  },
  "wrong-strap": {
    fault: { kind: "wrong-strap", chip: 1, as: 0 },
    effect: "nobody answers at its address, and two at the other",
    struck: (world) => {
      absentChip1(world);
      expect(world.bytes(1, 20)).toEqual(world.bytes(0, 20));
    },
    healed: writesChip1Again,
  },
  "stuck-bit": {
    // DEAD, bit 0.
    fault: { kind: "stuck-bit", chip: 0, address: 2, bit: 0, reads: 1 },
    effect: "node 0 reads that it is dead",
    struck: (world) => {
      expect(rolesSince(world, 0, STRUCK)).toEqual(["dead dead"]);
      expect(onBus(world, 0, "read", /0x50@0000 ....01/)).toHaveLength(1);
      expect(world.bytes(0, 3)[2]).toBe(0);
    },
    healed: (world) => expect(rolesSince(world, 0, HEALED)[0]).toMatch(/^primary checked/),
  },
  "worn-page": {
    fault: { kind: "worn-page", chip: 1, page: 0 },
    effect: "takes writes and does not change",
    struck: (world) => {
      expect(onBus(world, 0, "write", /0x51.*(absent|timeout)/)).toEqual([]);
      expect(onBus(world, 0, "write", /0x51/).length).toBe(2);
      expect(chipKept(world)).toBe(true);
    },
  },
  "slow-write-cycle": {
    fault: { kind: "slow-write-cycle", chip: 1, ms: 50 },
    effect: "is given up, and its owner expelled",
    struck: (world) => {
      expect(onBus(world, 0, "write", /0x51/)).toEqual(expect.arrayContaining(["0x51@0000 busy-timeout"]));
      expect(rolesSince(world, 0, STRUCK)[0]).toContain("expelled 1");
    },
    healed: writesChip1Again,
  },
} satisfies Cases;
