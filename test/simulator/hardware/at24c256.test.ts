import { type Instant, after as later, micros, millis, START } from "../../../simulator/engine/time.ts";
import { At24c256, PAGE_BYTES, PAGE_COUNT } from "../../../simulator/hardware/at24c256.ts";
import { ADDRESS, Bench, counting } from "./at24c256-bench.ts";

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
