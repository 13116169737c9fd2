/** Two masters share the bus, and a reset ends a transfer in its middle. */
import { type Instant, after as later, type Micros, micros, START } from "../../../simulator/engine/time.ts";
import { At24c256 } from "../../../simulator/hardware/at24c256.ts";
import { EepromDriver, eepromTimingOf, type Waiting } from "../../../simulator/hardware/eeprom-driver.ts";
import { record, rig, run } from "./eeprom-rig.ts";

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

/** Past the START of a transfer that began at 0: no arbitration any more. */
const LATER = 3 as Instant;

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
