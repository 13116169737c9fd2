/** The driver on a bus that is damaged or rewired. */
import { type Instant, after as later, type Micros, millis, START } from "../../../simulator/engine/time.ts";
import { At24c256 } from "../../../simulator/hardware/at24c256.ts";
import type { Waiting } from "../../../simulator/hardware/eeprom-driver.ts";
import { I2cBus } from "../../../simulator/hardware/i2c-bus.ts";
import { record, rig, run } from "./eeprom-rig.ts";

// FACTS.md, "I²C": stuck lines.
describe("stuck lines", () => {
  test("another node reset while a chip sends zeroes -> clocks free SDA, the read succeeds and says so", () => {
    const { bus, chip, driver } = rig();
    chip.memory.fill(0);
    const dead = bus.writeRead(START, 0x50, Uint8Array.of(0, 0), new Uint8Array(20));
    // 300 µs are 120 clocks: START, three bytes, repeated START, address and 8 bytes are 110; so bit 1 of a byte read.
    bus.abandon(300 as Instant, dead);
    const from = 400 as Instant;
    const outcome = run(driver.readBlock(from, 0x50, 0, 1), from);
    expect(outcome).toMatchObject({ ok: true, bytes: Uint8Array.of(0), recovery: { ok: true } });
    // The time-out of the first try, then a few clocks.
    expect(outcome.at).toBeGreaterThan(50_000);
    expect(outcome.at).toBeLessThan(51_500);
  });

  test("next operation after that -> nothing to report", () => {
    const { bus, chip, driver } = rig();
    chip.memory.fill(0);
    bus.abandon(300 as Instant, bus.writeRead(START, 0x50, Uint8Array.of(0, 0), new Uint8Array(20)));
    const first = run(driver.writePage(400 as Instant, 0x50, 0, record), 400 as Instant);
    expect(first).toMatchObject({ ok: true, recovery: { ok: true } });
    const second = run(driver.readBlock(first.at, 0x50, 0, 20), first.at);
    expect(second).toEqual({ ok: true, bytes: record, at: first.at + 547 });
  });

  test("SDA held by something else -> one attempt with nine clocks, then sda-stuck", () => {
    const { bus, driver } = rig();
    bus.lines.pullLow(START, "sda", "solder");
    expect(run(driver.readBlock(START, 0x50, 0, 20))).toEqual({
      ok: false,
      error: "sda-stuck",
      at: 50_022,
      recovery: { ok: false, error: "sda-stuck", clocks: 9, took: 22 },
    });
  });

  test("SCL held -> scl-stuck after the time-out, no clocks tried", () => {
    const { bus, driver } = rig();
    bus.lines.pullLow(START, "scl", "node-1");
    expect(run(driver.writePage(START, 0x50, 0, record))).toEqual({
      ok: false,
      error: "scl-stuck",
      at: 50_000,
    });
  });

  test("line goes stuck in the middle of a read -> the outcome that was on its way is not believed", () => {
    const { bus, driver } = rig();
    bus.lines.setPullUps(START, "internal");
    const outcome = run(driver.readBlock(START, 0x50, 0, 20), START, (now) => {
      if (now === START) bus.lines.unpower(100 as Instant, "node-1", "stuck");
    });
    expect(outcome).toEqual({ ok: false, error: "scl-stuck", at: 50_100 });
  });
});

describe("lines that are stuck for a while", () => {
  test("SDA freed while the write cycle ran -> ok, with what it took", () => {
    const { bus, chip, driver } = rig();
    const outcome = run(driver.writePage(START, 0x50, 0, record), START, (now) => {
      if (now === 522) bus.lines.pullLow(600 as Instant, "sda", "finger");
      if (now === 5_522) bus.lines.letGo(50_000 as Instant, "sda", "finger");
    });
    expect(outcome).toMatchObject({ ok: true, recovery: { ok: true, clocks: 0 } });
    expect(chip.memory.subarray(0, 20)).toEqual(record);
  });

  test("node without power feeds on the lines -> absent, until power comes back", () => {
    const { bus, driver } = rig();
    bus.lines.setPullUps(START, "internal");
    bus.lines.unpower(START, "node-1", "no-ack");
    const outcome = run(driver.readBlock(START, 0x50, 0, 20));
    expect(outcome).toMatchObject({ ok: false, error: "absent" });
    bus.lines.power(outcome.at, "node-1");
    expect(run(driver.readBlock(outcome.at, 0x50, 0, 20), outcome.at).ok).toBe(true);
  });
});

// FACTS.md, "Faults seen in the field": both chips strapped to one address.
describe("both chips strapped to one address", () => {
  function twins(slow: Micros) {
    const { bus, chip, driver } = rig();
    const twin = new At24c256({ address: 0x50, writeCycle: slow });
    bus.attach(twin);
    return { bus, chip, twin, driver };
  }

  test("write -> both take it, read -> as from one chip, the other address -> absent", () => {
    const { chip, twin, driver } = twins(millis(5));
    const written = run(driver.writePage(START, 0x50, 0, record));
    expect(written.ok).toBe(true);
    for (const each of [chip, twin]) expect(each.memory.subarray(0, 20)).toEqual(record);
    const read = run(driver.readBlock(written.at, 0x50, 0, 20), written.at);
    expect(read).toMatchObject({ ok: true, bytes: record });
    expect(run(driver.readBlock(read.at, 0x51, 0, 20), read.at)).toMatchObject({ error: "absent" });
  });

  test("contents that differ -> the AND of both, which neither of them holds", () => {
    const { chip, twin, driver } = twins(millis(5));
    chip.memory.set([0x0f, 0xff], 0);
    twin.memory.set([0x3c, 0xa5], 0);
    expect(run(driver.readBlock(START, 0x50, 0, 2))).toMatchObject({ bytes: Uint8Array.of(0x0c, 0xa5) });
  });

  test("one of a slower make -> the quick one answers the poll, the next write misses the slow one", () => {
    const { chip, twin, driver } = twins(millis(10));
    const first = run(driver.writePage(START, 0x50, 0, new Uint8Array(4).fill(1)));
    expect(first).toMatchObject({ ok: true, at: expect.any(Number) });
    expect(first.at).toBeLessThan(6_000);
    const second = run(driver.writePage(first.at, 0x50, 0, new Uint8Array(4).fill(2)), first.at);
    expect(second.ok).toBe(true);
    expect([chip.memory[0], twin.memory[0]]).toEqual([2, 1]);
    const read = run(driver.readBlock(second.at, 0x50, 0, 1), second.at);
    expect(read).toMatchObject({ bytes: Uint8Array.of(0) });
  });
});

describe("rewired to another bus", () => {
  /** The driver on the first bus, with its chip; another chip of the same address on the second. */
  const twoBuses = () => {
    const found = rig();
    const second = new I2cBus({ clockHz: 400_000 });
    const other = new At24c256({ address: 0x50 });
    return { ...found, second, other };
  };
  /** Runs a task and rewires the driver at an instant between two of its waits. */
  const rewiredAt = <Result>(
    { bus, second, driver }: ReturnType<typeof twoBuses>,
    when: number,
    task: Waiting<Result>,
  ): Result => {
    let now: Instant = START;
    let rewired = false;
    for (let step = task.next(now); ; step = task.next(now)) {
      if (step.done) return step.value;
      now = later(now, step.value);
      if (!rewired && now > when) driver.rewire(when as Instant, second);
      rewired ||= now > when;
      expect(bus.occupied(now)).toBe(false);
    }
  };

  test("between two transfers -> the next one goes there", () => {
    const { chip, driver, second, other } = twoBuses();
    second.attach(other);
    driver.rewire(START, second);
    run(driver.writePage(START, 0x50, 0, record));
    expect([chip.memory[0], other.memory[0]]).toEqual([0xff, 1]);
  });

  test("to the bus that it is on -> a transfer under way goes on", () => {
    const { bus, chip, driver } = twoBuses();
    driver.writePage(START, 0x50, 0, record).next();
    driver.rewire(300 as Instant, bus);
    expect(chip.memory[0]).toBe(1);
  });

  test("amid a write, nobody there -> not written, and not taken for written: absent", () => {
    const cut = twoBuses();
    const outcome = rewiredAt(cut, 300, cut.driver.writePage(START, 0x50, 0, record));
    expect(outcome).toMatchObject({ ok: false, error: "absent" });
    expect(cut.chip.memory[0]).toBe(0xff);
  });

  test("amid a write, the chip goes along -> written there in the end", () => {
    const cut = twoBuses();
    cut.second.attach(cut.other);
    expect(rewiredAt(cut, 300, cut.driver.writePage(START, 0x50, 0, record)).ok).toBe(true);
    expect([cut.chip.memory[0], cut.other.memory[0]]).toEqual([0xff, 1]);
  });

  test("amid a read, nobody there -> absent, and no bytes", () => {
    const cut = twoBuses();
    const outcome = rewiredAt(cut, 300, cut.driver.readBlock(START, 0x50, 0, 20));
    expect(outcome).toMatchObject({ ok: false, error: "absent" });
  });

  test("in tWR, nobody there -> written, and never heard of again: busy-timeout", () => {
    const cut = twoBuses();
    const outcome = rewiredAt(cut, 2_000, cut.driver.writePage(START, 0x50, 0, record));
    expect(outcome).toMatchObject({ ok: false, error: "busy-timeout" });
    expect(cut.chip.memory[0]).toBe(1);
  });
});
