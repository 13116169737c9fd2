import { rngStream } from "../../../simulator/engine/rng.ts";
import { type Instant, after as later, micros, millis, START } from "../../../simulator/engine/time.ts";
import {
  At24c256,
  type At24Options,
  PAGE_BYTES,
  PAGE_COUNT,
  type UndefinedBytes,
} from "../../../simulator/hardware/at24c256.ts";
import { I2cBus, type Transfer } from "../../../simulator/hardware/i2c-bus.ts";

const ADDRESS = 0x50;

/** A chip alone on a bus, and a clock that steps past each transfer. */
class Bench {
  readonly chip: At24c256;
  readonly bus = new I2cBus({ clockHz: 400_000 });
  now: Instant = START;
  #last: Transfer | undefined;

  constructor(options: Omit<At24Options, "address"> = {}) {
    this.chip = new At24c256({ address: ADDRESS, ...options });
    this.bus.attach(this.chip);
  }

  /** Writes, steps to the end of STOP, and returns whether it was ACKed. */
  write(word: number, bytes: readonly number[]): boolean {
    return this.#step(this.bus.write(this.now, ADDRESS, Uint8Array.of(word >> 8, word & 0xff, ...bytes)));
  }
  read(word: number, length: number): number[] | undefined {
    const into = new Uint8Array(length);
    const ok = this.#step(this.bus.writeRead(this.now, ADDRESS, Uint8Array.of(word >> 8, word & 0xff), into));
    return ok ? [...into] : undefined;
  }
  /** "Current Address Read", going on sequentially. */
  readOn(length: number): number[] {
    const into = new Uint8Array(length);
    expect(this.#step(this.bus.read(this.now, ADDRESS, into))).toBe(true);
    return [...into];
  }
  poll(): boolean {
    return this.#step(this.bus.write(this.now, ADDRESS, new Uint8Array(0)));
  }
  wait(span = millis(5)): this {
    this.now = later(this.now, span);
    return this;
  }
  /** The master of the last transfer dies at `at`; another frees the bus, should the chip hold SDA. */
  masterDies(at: Instant): void {
    this.bus.abandon(at, this.#last!);
    this.now = later(at, this.bus.recover(at).took);
  }
  #step(transfer: Transfer): boolean {
    this.#last = transfer;
    this.now = later(this.now, transfer.took);
    return transfer.ok;
  }
}

const counting = (length: number, from = 0): number[] => Array.from({ length }, (_, i) => (from + i) & 0xff);
/** Draws 0xA0, 0xA1, … for bytes, and 0 for anything larger. */
const undefinedAs = (first: number): UndefinedBytes => {
  let next = first;
  return { below: (n) => (n === 256 ? next++ : 0) };
};

// FACTS.md, "AT24C256": size, page.
describe("size and page", () => {
  test("delivered -> 32,768 bytes, all FFh, no wear", () => {
    const { chip } = new Bench();
    expect(chip.memory).toHaveLength(32_768);
    expect(chip.memory.every((byte) => byte === 0xff)).toBe(true);
    expect(chip.pageWrites(0)).toBe(0);
  });

  test("image given -> its contents, copied", () => {
    const image = new Uint8Array(32_768).fill(3);
    const bench = new Bench({ image });
    image[0] = 9;
    expect(bench.read(0, 2)).toEqual([3, 3]);
    expect(() => new Bench({ image: image.subarray(1) })).toThrow("32767 bytes");
  });

  test("64 bytes at a page's start -> read back", () => {
    const bench = new Bench();
    expect(bench.write(0x40, counting(64))).toBe(true);
    expect(bench.wait().read(0x40, 64)).toEqual(counting(64));
  });

  test("write over the end of a page -> wraps to the start of the same page, next page untouched", () => {
    const bench = new Bench();
    bench.write(0x7e, [1, 2, 3, 4]);
    bench.wait();
    expect(bench.read(0x7e, 3)).toEqual([1, 2, 0xff]);
    expect(bench.read(0x40, 3)).toEqual([3, 4, 0xff]);
  });

  test("70 bytes into one page -> the last 64 stay, the first 6 are overwritten", () => {
    const bench = new Bench();
    bench.write(0x10, counting(70));
    bench.wait();
    // Byte n lands at offset (16 + n) mod 64.
    const page = bench.read(0, 64)!;
    expect(page.slice(16, 22)).toEqual(counting(6, 64));
    expect(page.slice(22)).toEqual(counting(42, 6));
    expect(page.slice(0, 16)).toEqual(counting(16, 48));
  });

  test("last page -> wraps inside itself, not to word address 0", () => {
    const bench = new Bench();
    bench.write(0x7fff, [1, 2]);
    bench.wait();
    expect(bench.read(0x7fff, 1)).toEqual([1]);
    expect(bench.read(0x7fc0, 1)).toEqual([2]);
    expect(bench.read(0, 1)).toEqual([0xff]);
  });
});

// FACTS.md, "AT24C256": word address.
describe("word address and pointer", () => {
  test("top bit of the word address set -> ignored", () => {
    const bench = new Bench();
    bench.write(0x8005, [42]);
    expect(bench.wait().read(5, 1)).toEqual([42]);
  });

  test("read past the last byte -> goes on at 0", () => {
    const bench = new Bench();
    bench.chip.memory.set([1, 2], 0x7ffe);
    bench.chip.memory.set([3, 4], 0);
    expect(bench.read(0x7ffe, 4)).toEqual([1, 2, 3, 4]);
  });

  test("read crosses pages -> goes straight on", () => {
    const bench = new Bench();
    bench.chip.memory.set(counting(8), 0x3c);
    expect(bench.read(0x3c, 8)).toEqual(counting(8));
  });

  test("current address read -> one past the last byte read, also after a wait", () => {
    const bench = new Bench();
    bench.chip.memory.set(counting(8), 0x100);
    bench.read(0x100, 3);
    expect(bench.wait(millis(10_000)).readOn(2)).toEqual([3, 4]);
    expect(bench.readOn(1)).toEqual([5]);
  });

  test("current address read after a write to a page's last byte -> the page's first, as the write wrapped", () => {
    const bench = new Bench();
    bench.chip.memory[0x40] = 77;
    bench.write(0x7f, [1]);
    expect(bench.wait().readOn(1)).toEqual([77]);
  });

  test("word address alone -> sets the pointer, no write cycle", () => {
    const bench = new Bench();
    bench.chip.memory[9] = 5;
    bench.write(9, []);
    expect(bench.chip.writing(bench.now)).toBe(false);
    expect(bench.readOn(1)).toEqual([5]);
  });

  test("half a word address -> pointer stays as it was", () => {
    const bench = new Bench();
    bench.chip.memory.set(counting(8), 0);
    bench.read(0, 2);
    bench.bus.write(bench.now, ADDRESS, Uint8Array.of(0x12));
    expect(bench.wait().readOn(1)).toEqual([2]);
  });

  test.each([0x50, 0x53, 0x57] as const)("strapped to 0x%x -> answers there and nowhere else", (address) => {
    const chip = new At24c256({ address });
    const answers = [0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57].filter((a) =>
      chip.addressed(START, a, false),
    );
    expect(answers).toEqual([address]);
  });
});

// FACTS.md, "AT24C256": write cycle tWR.
describe("write cycle", () => {
  test("addressed during tWR -> NACK for writes and reads; at its end -> ACK", () => {
    const bench = new Bench();
    bench.write(0, [1]);
    const stop = bench.now;
    expect(bench.poll()).toBe(false);
    expect(bench.read(0, 1)).toBeUndefined();
    expect(bench.chip.addressed(later(stop, micros(4_999)), ADDRESS, false)).toBe(false);
    expect(bench.chip.addressed(later(stop, micros(5_000)), ADDRESS, false)).toBe(true);
  });

  test("polled without pause -> about 5 ms of polls, then ACK", () => {
    const bench = new Bench();
    bench.write(0, [1]);
    let polls = 1;
    while (!bench.poll()) polls += 1;
    expect(polls).toBe(Math.ceil(5_000 / 27) + 1);
  });

  test("chip with a tWR of 10 ms -> busy for so long", () => {
    const bench = new Bench({ writeCycle: millis(10) });
    bench.write(0, [1]);
    expect(bench.chip.writing(later(bench.now, micros(9_999)))).toBe(true);
    expect(bench.chip.writing(later(bench.now, millis(10)))).toBe(false);
  });

  test("addressed during tWR -> the write under way is not disturbed", () => {
    const bench = new Bench();
    bench.write(0, [1, 2, 3]);
    bench.write(0, [9, 9, 9]);
    expect(bench.wait().read(0, 3)).toEqual([1, 2, 3]);
  });

  test("each write cycle -> counts as wear of its page", () => {
    const bench = new Bench();
    for (const word of [0, 10, 64, 0x7fff]) bench.wait().write(word, [1]);
    expect([0, 1, 2, PAGE_COUNT - 1].map((page) => bench.chip.pageWrites(page))).toEqual([2, 1, 0, 1]);
    expect(() => bench.chip.pageWrites(PAGE_COUNT)).toThrow("expected 0 to 511");
  });
});

// FACTS.md, "AT24C256": WP, and no STOP.
describe("nothing is written", () => {
  test("WP high at STOP -> bytes ACKed, nothing written, no cycle, no wear", () => {
    const bench = new Bench();
    bench.chip.writeProtect = true;
    expect(bench.write(0, [1, 2])).toBe(true);
    expect(bench.poll()).toBe(true);
    expect(bench.read(0, 2)).toEqual([0xff, 0xff]);
    expect(bench.chip.pageWrites(0)).toBe(0);
  });

  test("WP low again -> written", () => {
    const bench = new Bench();
    bench.chip.writeProtect = true;
    bench.write(0, [1]);
    bench.chip.writeProtect = false;
    bench.write(0, [2]);
    expect(bench.wait().read(0, 1)).toEqual([2]);
  });

  test("repeated START in place of STOP -> data forgotten", () => {
    const bench = new Bench();
    bench.bus.writeRead(START, ADDRESS, Uint8Array.of(0, 0, 1, 2), new Uint8Array(1));
    bench.wait();
    expect(bench.read(0, 2)).toEqual([0xff, 0xff]);
    expect(bench.chip.pageWrites(0)).toBe(0);
  });

  test("master dies at any microsecond before STOP -> old contents, no wear, no write cycle", () => {
    for (let us = 0; us < 522; us++) {
      const bench = new Bench();
      bench.chip.memory.fill(7, 0, PAGE_BYTES);
      expect(bench.write(60, counting(20))).toBe(true);
      bench.masterDies(us as Instant);
      expect(bench.chip.pageWrites(0)).toBe(0);
      expect(bench.read(0, 64)).toEqual(Array(64).fill(7));
    }
  });

  test("master dies before STOP of 70 bytes, so that six came twice -> old contents", () => {
    const bench = new Bench();
    bench.chip.memory.fill(7, 0, PAGE_BYTES);
    bench.write(0, counting(70));
    bench.masterDies((bench.now - 1) as Instant);
    expect(bench.read(0, 64)).toEqual(Array(64).fill(7));
  });

  test("master dies after STOP -> written all the same", () => {
    const bench = new Bench();
    bench.write(0, [1]);
    bench.masterDies(bench.now);
    expect(bench.poll()).toBe(false);
    expect(bench.wait().read(0, 1)).toEqual([1]);
  });
});

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

describe("changed while it is on the bus", () => {
  test("strapped to another address -> answers there alone, with what it holds", () => {
    const bench = new Bench();
    bench.write(0, [7]);
    bench.wait().chip.address = 0x51;
    expect(bench.poll()).toBe(false);
    const into = new Uint8Array(1);
    expect(bench.bus.writeRead(bench.now, 0x51, Uint8Array.of(0, 0), into).ok).toBe(true);
    expect(into[0]).toBe(7);
  });

  test("tWR of 50 ms -> from the next write cycle on", () => {
    const bench = new Bench();
    bench.write(0, [7]);
    bench.chip.writeCycle = millis(50);
    expect(bench.wait().poll()).toBe(true);
    bench.write(0, [8]);
    expect(bench.wait(millis(49)).poll()).toBe(false);
    expect(bench.wait(millis(1)).poll()).toBe(true);
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
