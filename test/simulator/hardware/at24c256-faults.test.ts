/** What harms the chip: power lost while it writes, wear, stuck bits. */
import { rngStream } from "../../../simulator/engine/rng.ts";
import { type Instant, micros } from "../../../simulator/engine/time.ts";
import { PAGE_COUNT, type UndefinedBytes } from "../../../simulator/hardware/at24c256.ts";
import { Bench, counting } from "./at24c256-bench.ts";

/** Draws 0xA0, 0xA1, … for bytes, and 0 for anything larger. */
const undefinedAs = (first: number): UndefinedBytes => {
  let next = first;
  return { below: (n) => (n === 256 ? next++ : 0) };
};

// FACTS.md, "AT24C256": power lost during tWR.
describe("power lost", () => {
  test("before STOP -> old contents, no wear", () => {
    const bench = new Bench();
    bench.write(0, [1, 2]);
    const beforeStop = (bench.now - 1) as Instant;
    bench.chip.powerLoss(beforeStop, undefinedAs(0xa0), "whole-page");
    expect(bench.read(0, 2)).toEqual([0xff, 0xff]);
    expect(bench.chip.pageWrites(0)).toBe(0);
  });

  test.each([0, 1, 4_999])(
    "%i µs into tWR, addressed bytes -> only they are undefined, also around the wrap",
    (us) => {
      const bench = new Bench();
      bench.chip.memory.fill(7, 0, 128);
      bench.write(62, [1, 2, 3, 4]);
      bench.wait(micros(us)).chip.powerLoss(bench.now, undefinedAs(0xa0), "addressed-bytes");
      expect(bench.read(0, 66)).toEqual([0xa2, 0xa3, ...Array(60).fill(7), 0xa0, 0xa1, 7, 7]);
      expect(bench.chip.pageWrites(0)).toBe(1);
    },
  );

  test("in tWR, whole page -> all 64 are undefined, the neighbours not", () => {
    const bench = new Bench();
    bench.chip.memory.fill(7, 0, 192);
    bench.write(0x50, [1]);
    bench.chip.powerLoss(bench.now, undefinedAs(0x20), "whole-page");
    expect(bench.read(0x3f, 66)).toEqual([7, ...counting(64, 0x20), 7]);
  });

  test("when tWR is over -> written", () => {
    const bench = new Bench();
    bench.write(0, [1, 2]);
    bench.wait().chip.powerLoss(bench.now, undefinedAs(0xa0), "whole-page");
    expect(bench.read(0, 3)).toEqual([1, 2, 0xff]);
  });

  test("twice within one tWR -> the bytes are drawn once", () => {
    const bench = new Bench();
    bench.write(0, [1]);
    bench.chip.powerLoss(bench.now, undefinedAs(0xa0), "addressed-bytes");
    bench.wait(micros(1)).chip.powerLoss(bench.now, undefinedAs(0xb0), "addressed-bytes");
    expect(bench.read(0, 1)).toEqual([0xa0]);
  });

  test("pointer afterwards -> undefined, from the random source", () => {
    const bench = new Bench();
    bench.chip.memory.set(counting(256), 0);
    bench.read(0, 8);
    bench.chip.powerLoss(bench.now, { below: () => 200 }, "addressed-bytes");
    expect(bench.readOn(1)).toEqual([200]);
  });

  test("same seed -> same torn bytes", () => {
    const torn = (seed: number): number[] | undefined => {
      const bench = new Bench();
      bench.write(0, counting(20));
      bench.chip.powerLoss(bench.now, rngStream(seed, "chip-0"), "addressed-bytes");
      return bench.read(0, 20);
    };
    expect(torn(1)).toEqual(torn(1));
    expect(torn(1)).not.toEqual(torn(2));
    expect(torn(1)).not.toEqual(counting(20));
  });
});

// FACTS.md, "AT24C256": endurance.
describe("endurance", () => {
  const worn = (bench: Bench): void => {
    bench.write(0x40, [1, 2]);
    bench.wait().write(0x40, [3, 4]);
    bench.wait().write(0x40, [5, 6]);
  };

  test("third write cycle of a page that holds two -> ACKed and timed as ever, contents stay", () => {
    const bench = new Bench({ endurance: 2 });
    worn(bench);
    expect(bench.chip.writing(bench.now)).toBe(true);
    expect(bench.poll()).toBe(false);
    expect(bench.wait().read(0x40, 2)).toEqual([3, 4]);
    expect(bench.chip.pageWrites(1)).toBe(3);
  });

  test("one page worn -> the others hold", () => {
    const bench = new Bench({ endurance: 2 });
    worn(bench);
    bench.wait().write(0, [7]);
    expect(bench.wait().read(0, 1)).toEqual([7]);
  });

  test("1,000,000 cycles behind it -> the next write does not hold; one less, it does", () => {
    const [old, nearlyOld] = [new Bench(), new Bench()];
    old.chip.wear(0, 1_000_000);
    nearlyOld.chip.wear(0, 999_999);
    for (const bench of [old, nearlyOld]) bench.write(0, [1]);
    expect(old.wait().read(0, 1)).toEqual([0xff]);
    expect(nearlyOld.wait().read(0, 1)).toEqual([1]);
  });

  test("worn page, power lost in tWR -> contents stay", () => {
    const bench = new Bench({ endurance: 0 });
    bench.write(0, [1]);
    bench.chip.powerLoss(bench.now, undefinedAs(0xa0), "whole-page");
    expect(bench.read(0, 2)).toEqual([0xff, 0xff]);
  });

  test("worn page, master dies before STOP -> no wear, contents stay", () => {
    const bench = new Bench({ endurance: 0 });
    bench.chip.memory[0] = 9;
    bench.write(0, [1]);
    bench.masterDies((bench.now - 1) as Instant);
    expect([bench.read(0, 1), bench.chip.pageWrites(0)]).toEqual([[9], 0]);
  });

  test.each([-1, 0.5])("wear by %p cycles -> refused", (cycles) => {
    expect(() => new Bench().chip.wear(0, cycles)).toThrow("0 or more");
    expect(() => new Bench().chip.wear(PAGE_COUNT, 1)).toThrow("expected 0 to 511");
  });
});

// FACTS.md, "Faults seen in the field": stuck bits.
describe("stuck bits", () => {
  test("bits stuck at 0 and at 1 -> read so whatever is written, neighbours are right, the cells hold", () => {
    const bench = new Bench();
    bench.chip.stickBits(5, 0b1000_0001, 0);
    bench.chip.stickBits(5, 0b0000_0110, 1);
    for (const [byte, seen] of [
      [0xff, 0b0111_1110],
      [0x00, 0b0000_0110],
      [0b1010_1001, 0b0010_1110],
    ] as const) {
      bench.write(4, [byte, byte, byte]);
      expect(bench.wait().read(4, 3)).toEqual([byte, seen, byte]);
      expect(bench.chip.memory[5]).toBe(byte);
    }
  });

  test("same bit stuck at the other value later -> the later one", () => {
    const bench = new Bench();
    bench.chip.stickBits(0, 0xff, 0);
    bench.chip.stickBits(0, 0x0f, 1);
    expect(bench.read(0, 1)).toEqual([0x0f]);
  });

  test("freed -> shows what was written meanwhile", () => {
    const bench = new Bench();
    bench.chip.stickBits(0, 0xff, 0);
    bench.write(0, [0x5a]);
    expect(bench.wait().read(0, 1)).toEqual([0]);
    bench.chip.freeBits();
    expect(bench.read(0, 1)).toEqual([0x5a]);
  });

  test.each([
    [-1, 1],
    [32_768, 1],
    [0, 0],
    [0, 256],
    [0, 0.5],
  ])("at %p, mask %p -> refused", (word, mask) => {
    expect(() => new Bench().chip.stickBits(word, mask, 0)).toThrow(RangeError);
  });
});
