import {
  type Instant,
  after as later,
  type Micros,
  micros,
  millis,
  START,
} from "../../../simulator/engine/time.ts";
import { At24c256 } from "../../../simulator/hardware/at24c256.ts";
import { EepromDriver, eepromTimingOf, type Waiting } from "../../../simulator/hardware/eeprom-driver.ts";
import { I2cBus } from "../../../simulator/hardware/i2c-bus.ts";

/** Runs several generators side by side; those due at one instant go in the order given. */
function runAll<Result>(tasks: readonly Waiting<Result>[], from: Instant = START): Result[] {
  const due = tasks.map(() => from);
  const results = new Map<number, Result>();
  while (results.size < tasks.length) {
    const open = tasks.flatMap((_, n) => (results.has(n) ? [] : [n]));
    const next = open.reduce((x, y) => (due[y]! < due[x]! ? y : x));
    const step = tasks[next]!.next(due[next]!);
    if (step.done) results.set(next, step.value);
    else due[next] = later(due[next]!, step.value);
  }
  return tasks.map((_, n) => results.get(n)!);
}

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
/** Past the START of a transfer that began at 0: no arbitration any more. */
const LATER = 3 as Instant;
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
    const outcome = run(driver.readBlock(LATER, 0x50, 0, 20), LATER);
    expect(outcome).toMatchObject({ ok: true });
    expect(outcome.at).toBeGreaterThanOrEqual(took + 547);
  });

  test("bus occupied at every attempt -> bus-busy, after about 3 s", () => {
    const { bus, driver } = rig();
    const hog = new Uint8Array(200_000);
    bus.write(START, 0x50, hog);
    const outcome = run(driver.readBlock(LATER, 0x50, 0, 20), LATER);
    expect(outcome).toEqual({ ok: false, error: "bus-busy", at: LATER + 11_999 * 250 });
  });

  test("bus taken while the write cycle runs and never given back -> bus-busy, not busy-timeout", () => {
    const { bus, driver } = rig();
    bus.attach(new At24c256({ address: 0x51 }));
    const hog = (now: Instant): void => {
      if (now >= 522) bus.writeRead(now, 0x51, new Uint8Array(2), new Uint8Array(200_000));
    };
    const outcome = run(driver.writePage(START, 0x50, 0, record), START, hog);
    expect(outcome).toMatchObject({ ok: false, error: "bus-busy" });
  });
});

test("another master has the bus for long, and then writes to the chip in question -> its write cycle is waited for too", () => {
  const { bus, driver } = rig();
  bus.attach(new At24c256({ address: 0x51 }));
  const other = new EepromDriver(bus);
  const both = function* (): Waiting<unknown> {
    // Longer than a chip may go without ACK.
    const { at } = yield* other.readBlock(START, 0x51, 0, 500);
    return yield* other.writePage(at, 0x50, 0, record);
  };
  const late = function* (): Waiting<unknown> {
    return yield* driver.readBlock(yield micros(3), 0x50, 0, record.length);
  };
  const [, outcome] = runAll<unknown>([both(), late()]);
  expect(outcome).toMatchObject({ ok: true, bytes: record });
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

// FACTS.md, "I²C": arbitration.
describe("two nodes in the same instant", () => {
  function pair() {
    const { bus, chip } = rig();
    const other = new At24c256({ address: 0x51 });
    bus.attach(other);
    const drivers = [0, 1].map((node) => new EepromDriver(bus, eepromTimingOf(node)));
    return { bus, chips: [chip, other] as const, drivers: drivers as [EepromDriver, EepromDriver] };
  }

  test.each([0, 1, 2])("reading different chips, %i µs apart -> both succeed, 0x50 first", (us) => {
    const { chips, drivers } = pair();
    chips[0].memory.fill(10, 0, 20);
    chips[1].memory.fill(11, 0, 20);
    for (const order of [0x50, 0x51]) {
      const [x, y] = [order, 0x50 + 0x51 - order];
      const from = 1_000_000 as Instant;
      const second = function* (): ReturnType<EepromDriver["readBlock"]> {
        const now = yield us as Micros;
        return yield* drivers[1].readBlock(now, y, 0, 20);
      };
      const outcomes = runAll([drivers[0].readBlock(from, x, 0, 20), second()], from);
      expect(outcomes).toMatchObject([
        { ok: true, bytes: new Uint8Array(20).fill(x - 70) },
        { ok: true, bytes: new Uint8Array(20).fill(y - 70) },
      ]);
      const [of50, of51] = order === 0x50 ? outcomes : [outcomes[1], outcomes[0]];
      expect(of50!.at).toBeLessThan(of51!.at);
    }
  });

  test("writing different records to one page -> both succeed one after the other, the lower bytes first", () => {
    const { chips, drivers } = pair();
    const [high, low] = [new Uint8Array(20).fill(0x42), new Uint8Array(20).fill(0x41)];
    const [x, y] = runAll([
      drivers[0].writePage(START, 0x50, 0, high),
      drivers[1].writePage(START, 0x50, 0, low),
    ]);
    expect([x!.ok, y!.ok]).toEqual([true, true]);
    expect(x!.at).toBeGreaterThan(y!.at);
    expect(chips[0].memory.subarray(0, 20)).toEqual(high);
    expect(chips[0].pageWrites(0)).toBe(2);
  });

  test("writing the same record to one page -> neither notices, one write cycle", () => {
    const { chips, drivers } = pair();
    const outcomes = runAll(drivers.map((driver) => driver.writePage(START, 0x50, 0, record)));
    expect(outcomes).toEqual([
      { ok: true, at: 5_549 },
      { ok: true, at: 5_549 },
    ]);
    expect(chips[0].pageWrites(0)).toBe(1);
  });

  test("one reading where the other writes, undefined by the specification -> both come back and succeed", () => {
    const { chips, drivers } = pair();
    const [read, write] = runAll([
      drivers[0].readBlock(START, 0x50, 0, 20),
      drivers[1].writePage(START, 0x50, 0, record),
    ] as Waiting<{ ok: boolean }>[]);
    expect([read!.ok, write!.ok]).toEqual([true, true]);
    expect(chips[0].memory.subarray(0, 20)).toEqual(record);
  });
});

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

describe("in the middle of a byte", () => {
  test.each([
    ["page-write", 1, 81],
    ["page-write", 3, 126],
    ["page-write", 64, 1_498],
    ["read", 1, 106],
    ["read", 20, 533],
  ] as const)("%s, byte %p at 400 kHz -> %p µs after START", (kind, byte, span) => {
    expect(rig().driver.middleOfByte(kind, byte)).toBe(span);
  });

  test("node reset there in a read -> the chip has sent the bytes before it, and no more", () => {
    for (let byte = 1; byte <= 20; byte++) {
      const { bus, chip, driver } = rig();
      chip.memory.set(record);
      driver.readBlock(START, 0x50, 0, 20).next();
      const at = later(START, driver.middleOfByte("read", byte));
      driver.reset(at);
      const freed = later(at, bus.recover(at).took);
      const next = new Uint8Array(1);
      bus.read(freed, 0x50, next);
      // The address pointer stands behind what was sent in full.
      expect([byte, next[0]]).toEqual([byte, record[byte - 1]]);
    }
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

test("time may pass without a yield -> the same outcome at the same instant, in one step", () => {
  const { bus, chip } = rig();
  const passing = new EepromDriver(bus, undefined, () => true);
  const written = passing.writePage(START, 0x50, 0, record).next();
  expect(written).toEqual({ done: true, value: { ok: true, at: 522 + 5_000 + 27 } });
  expect(chip.memory.subarray(0, 20)).toEqual(record);
  const read = passing.readBlock(10_000 as Instant, 0x50, 0, 20).next();
  expect(read).toEqual({ done: true, value: { ok: true, bytes: record, at: 10_547 } });
});
