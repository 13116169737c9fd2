import { type Instant, after as later, type Micros, millis, START } from "../../../simulator/engine/time.ts";
import { At24c256 } from "../../../simulator/hardware/at24c256.ts";
import { EepromDriver, type Waiting } from "../../../simulator/hardware/eeprom-driver.ts";
import { I2cBus } from "../../../simulator/hardware/i2c-bus.ts";

/** Runs a generator alone, adding up its waits; `during` is called at each of them with the instant it begins. */
function run<Result>(task: Waiting<Result>, from: Instant = START, during?: (now: Instant) => void): Result {
  let now = from;
  for (let step = task.next(now); ; step = task.next(now)) {
    if (step.done) return step.value;
    during?.(now);
    now = later(now, step.value);
  }
}

function rig(options: { readonly writeCycle?: Micros } = {}) {
  const bus = new I2cBus({ clockHz: 400_000 });
  const chip = new At24c256({ address: 0x50, ...options });
  bus.attach(chip);
  return { bus, chip, driver: new EepromDriver(bus) };
}
const record = Uint8Array.from({ length: 20 }, (_, i) => i + 1);

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
    [32_768, 1],
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

describe("two masters on one bus", () => {
  test("bus occupied for a while -> waits for it, then succeeds", () => {
    const { bus, driver } = rig();
    const { took } = bus.write(START, 0x50, new Uint8Array(0));
    const outcome = run(driver.readBlock(START, 0x50, 0, 20));
    expect(outcome).toMatchObject({ ok: true });
    expect(outcome.at).toBeGreaterThanOrEqual(took + 547);
  });

  test("bus occupied at every attempt -> bus-busy, after about 10 ms", () => {
    const { bus, driver } = rig();
    const hog = new Uint8Array(2 + 1_000);
    bus.write(START, 0x50, hog);
    const outcome = run(driver.readBlock(START, 0x50, 0, 20));
    expect(outcome).toEqual({ ok: false, error: "bus-busy", at: 39 * 250 });
  });

  test("bus taken while the write cycle runs and never given back -> bus-busy, not busy-timeout", () => {
    const { bus, driver } = rig();
    bus.attach(new At24c256({ address: 0x51 }));
    const hog = (now: Instant): void => {
      if (now >= 522) bus.writeRead(now, 0x51, new Uint8Array(2), new Uint8Array(30_000));
    };
    const outcome = run(driver.writePage(START, 0x50, 0, record), START, hog);
    expect(outcome).toMatchObject({ ok: false, error: "bus-busy" });
  });
});

describe("reset of the node", () => {
  test("during its own write transfer -> no STOP, nothing written, bus free", () => {
    const { bus, chip, driver } = rig();
    driver.writePage(START, 0x50, 0, record).next();
    driver.reset(300 as Instant);
    expect(chip.memory[0]).toBe(0xff);
    expect(bus.occupied(300 as Instant)).toBe(false);
  });

  test("in tWR -> the chip finishes by itself", () => {
    const { chip, driver } = rig();
    driver.writePage(START, 0x50, 0, record).next();
    driver.reset(600 as Instant);
    expect(chip.memory.subarray(0, 20)).toEqual(record);
    expect(chip.writing(600 as Instant)).toBe(true);
  });

  test("while another node's transfer is going on -> that one is left alone", () => {
    const { bus, chip, driver } = rig();
    run(driver.readBlock(START, 0x50, 0, 1));
    const other = new EepromDriver(bus);
    other.writePage(1_000 as Instant, 0x50, 0, record).next();
    driver.reset(1_100 as Instant);
    expect(bus.occupied(1_100 as Instant)).toBe(true);
    expect(chip.memory.subarray(0, 20)).toEqual(record);
  });
});
