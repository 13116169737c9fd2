import { type Instant, after as later, millis, START } from "../../../simulator/engine/time.ts";
import { EepromDriver } from "../../../simulator/hardware/eeprom-driver.ts";
import { record, rig, run } from "./eeprom-rig.ts";

describe("readBlock", () => {
  test("chip answers -> bytes, done when the transfer is", () => {
    const { chip, driver } = rig();
    chip.memory.set(record, 0x1234);
    expect(run(driver.readBlock(START, 0x50, 0x1234, 20))).toEqual({ ok: true, bytes: record, at: 547 });
  });

  test("two reads -> independent buffers", () => {
    const { chip, driver } = rig();
    const first = run(driver.readBlock(START, 0x50, 0, 1));
    chip.memory[0] = 1;
    run(driver.readBlock(first.at, 0x50, 0, 1), first.at);
    expect(first).toMatchObject({ bytes: Uint8Array.of(0xff) });
  });

  test("no chip there -> absent, after the slowest write cycle could have ended", () => {
    const { driver } = rig();
    const outcome = run(driver.readBlock(START, 0x51, 0, 20));
    expect(outcome).toMatchObject({ ok: false, error: "absent" });
    expect(outcome.at).toBeGreaterThan(10_000);
    expect(outcome.at).toBeLessThan(13_000);
  });

  test("another master has just written to it -> polled until tWR is over, then read", () => {
    const { bus, chip, driver } = rig({ writeCycle: millis(10) });
    const { took } = bus.write(START, 0x50, Uint8Array.of(0, 0, 7));
    const from = later(START, took);
    const outcome = run(driver.readBlock(from, 0x50, 0, 1), from);
    expect(outcome).toMatchObject({ ok: true, bytes: Uint8Array.of(7) });
    expect(chip.writing(outcome.at)).toBe(false);
    expect(outcome.at).toBeGreaterThan(took + 10_000);
  });

  test.each([
    [-1, 1],
    [65_536, 1],
    [0.5, 1],
    [0, 0],
    [0, 32_769],
  ])("word address %p, length %p -> refused", (word, length) => {
    const { driver } = rig();
    expect(() => run(driver.readBlock(START, 0x50, word, length))).toThrow(RangeError);
  });
});

describe("writePage", () => {
  test("chip takes it -> written, done after the first poll past tWR", () => {
    const { chip, driver } = rig();
    const outcome = run(driver.writePage(START, 0x50, 0x40, record));
    expect(outcome).toEqual({ ok: true, at: 522 + 5_000 + 27 });
    expect(chip.memory.subarray(0x40, 0x54)).toEqual(record);
    expect(chip.writing(outcome.at)).toBe(false);
  });

  test("slower make -> polls until it is ready", () => {
    const { chip, driver } = rig({ writeCycle: millis(9) });
    const outcome = run(driver.writePage(START, 0x50, 0, record));
    expect(outcome.ok).toBe(true);
    expect(outcome.at).toBeGreaterThanOrEqual(522 + 9_000);
    expect(chip.pageWrites(0)).toBe(1);
  });

  test("first ACK refused, chip in another master's tWR -> written once it is over", () => {
    const { bus, chip, driver } = rig();
    const { took } = bus.write(START, 0x50, Uint8Array.of(0, 0, 9, 9));
    const from = later(START, took);
    expect(run(driver.writePage(from, 0x50, 0, record), from).ok).toBe(true);
    expect(chip.memory.subarray(0, 20)).toEqual(record);
    expect(chip.pageWrites(0)).toBe(2);
  });

  test("no chip there -> absent", () => {
    expect(run(rig().driver.writePage(START, 0x51, 0, record))).toMatchObject({ ok: false, error: "absent" });
  });

  test("chip goes away in its write cycle -> busy-timeout", () => {
    const { bus, chip, driver } = rig();
    const leave = (now: Instant): void => {
      if (now > START) bus.detach(chip);
    };
    expect(run(driver.writePage(START, 0x50, 0, record), START, leave)).toMatchObject({
      error: "busy-timeout",
    });
  });

  test("write cycle that never ends in time -> busy-timeout", () => {
    const { driver } = rig({ writeCycle: millis(1_000) });
    expect(run(driver.writePage(START, 0x50, 0, record))).toMatchObject({ ok: false, error: "busy-timeout" });
  });

  test("WP high -> ok, since only reading back can tell", () => {
    const { chip, driver } = rig();
    chip.writeProtect = true;
    expect(run(driver.writePage(START, 0x50, 0, record)).ok).toBe(true);
    expect(chip.memory[0]).toBe(0xff);
  });

  test.each([
    [0x3f, 2],
    [0, 65],
    [0, 0],
    [0x7fff, 2],
    [0x8000, 1],
  ])("at %i, %i bytes -> refused before anything reaches the bus", (word, length) => {
    const { bus, driver } = rig();
    expect(() => run(driver.writePage(START, 0x50, word, new Uint8Array(length)))).toThrow(RangeError);
    expect(bus.occupied(START)).toBe(false);
  });
});

describe("watched", () => {
  test("a read, a write -> seen once each, at their START; the polls are not", () => {
    const { driver } = rig();
    const seen: unknown[] = [];
    driver.watch = (kind, started, { ok, took }) => seen.push([kind, started, ok, took]);
    const { at } = run(driver.writePage(START, 0x50, 0, record));
    run(driver.readBlock(at, 0x50, 0, 20), at);
    expect(seen).toEqual([
      ["page-write", 0, true, 522],
      ["read", at, true, 547],
    ]);
  });

  test("no chip there -> every attempt, and none of them is ok", () => {
    const { driver } = rig();
    const seen: boolean[] = [];
    driver.watch = (_, __, { ok }) => seen.push(ok);
    run(driver.readBlock(START, 0x51, 0, 20));
    expect(seen.length).toBeGreaterThan(10);
    expect(seen).not.toContain(true);
  });
});

describe("impatient", () => {
  const impatient = () => {
    const found = rig();
    found.driver.patient = false;
    return found;
  };

  test("a write -> done with its STOP, tWR still to come", () => {
    const { chip, driver } = impatient();
    const outcome = run(driver.writePage(START, 0x50, 0, record));
    expect(outcome).toEqual({ ok: true, at: 522 });
    expect(chip.writing(outcome.at)).toBe(true);
  });

  test("a read right after a write to the same chip -> absent, at once", () => {
    const { driver } = impatient();
    const { at } = run(driver.writePage(START, 0x50, 0, record));
    const read = run(driver.readBlock(at, 0x50, 0, 20), at);
    expect(read).toMatchObject({ ok: false, error: "absent" });
    expect(read.at - at).toBeLessThan(60);
  });

  test("patient again -> waits as ever", () => {
    const { driver } = impatient();
    const { at } = run(driver.writePage(START, 0x50, 0, record));
    driver.patient = true;
    expect(run(driver.readBlock(at, 0x50, 0, 20), at)).toMatchObject({ ok: true, bytes: record });
  });
});

test("a record over the end of a page, not split -> its last bytes are at the start of the same page", () => {
  const { chip, driver } = rig();
  expect(run(driver.writeUnsplit(START, 0x50, 0x40 + 56, record)).ok).toBe(true);
  expect(chip.memory.subarray(0x40 + 56, 0x80)).toEqual(record.subarray(0, 8));
  expect(chip.memory.subarray(0x40, 0x40 + 12)).toEqual(record.subarray(8));
  expect(chip.memory[0x80]).toBe(0xff);
});

test("time may pass without a yield -> the same outcome at the same instant, in one step", () => {
  const { bus, chip } = rig();
  const passing = new EepromDriver(bus, undefined, () => true);
  const written = passing.writePage(START, 0x50, 0, record).next();
  expect(written).toEqual({ done: true, value: { ok: true, at: 522 + 5_000 + 27 } });
  expect(chip.memory.subarray(0, 20)).toEqual(record);
  const read = passing.readBlock(10_000 as Instant, 0x50, 0, 20).next();
  expect(read).toEqual({ done: true, value: { ok: true, bytes: record, at: 10_547 } });
});
