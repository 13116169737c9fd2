import { type Instant, after as later, micros, START } from "../../../simulator/engine/time.ts";
import { At24c256 } from "../../../simulator/hardware/at24c256.ts";
import { I2cBus } from "../../../simulator/hardware/i2c-bus.ts";
import type { I2cTarget } from "../../../simulator/hardware/i2c-wire.ts";

/** Records what it sees, takes `accepts` bytes, and answers with one byte over and over. */
class Probe implements I2cTarget {
  readonly seen: string[] = [];
  readonly #address: number;
  readonly #answer: number;
  #accepts: number;

  constructor(address: number, answer = 0xff, accepts = Number.POSITIVE_INFINITY) {
    this.#address = address;
    this.#answer = answer;
    this.#accepts = accepts;
  }
  addressed(at: Instant, address7: number, read: boolean): boolean {
    this.seen.push(`${at} ${address7} ${read ? "R" : "W"}`);
    return address7 === this.#address;
  }
  receive(byte: number): boolean {
    this.seen.push(String(byte));
    return this.#accepts-- > 0;
  }
  transmit(): number {
    return this.#answer;
  }
  stop(at: Instant): void {
    this.seen.push(`stop ${at}`);
  }
  takeBack(): void {
    this.seen.push("taken back");
  }
  cutShort(at: Instant): void {
    this.seen.push(`cut ${at}`);
  }
}

const busWith = (...targets: I2cTarget[]): I2cBus => {
  const bus = new I2cBus({ clockHz: 400_000 });
  for (const target of targets) bus.attach(target);
  return bus;
};
const at = (us: number): Instant => us as Instant;

// FACTS.md, "AT24C256", row "bus time at 400 kHz".
describe("bus time at 400 kHz", () => {
  test.each([
    [20, 522],
    [64, 1_512],
  ])("write of %i bytes -> %i µs", (length, took) => {
    const bus = busWith(new At24c256({ address: 0x50 }));
    expect(bus.write(START, 0x50, new Uint8Array(2 + length))).toEqual({ ok: true, took });
  });

  test.each([
    [20, 547],
    [64, 1_537],
  ])("random read of %i bytes -> %i µs", (length, took) => {
    const bus = busWith(new At24c256({ address: 0x50 }));
    expect(bus.writeRead(START, 0x50, new Uint8Array(2), new Uint8Array(length))).toEqual({ ok: true, took });
  });

  test("ACK poll -> about 28 µs, eleven clocks", () => {
    const bus = busWith(new At24c256({ address: 0x50 }));
    expect(bus.write(START, 0x50, new Uint8Array(0))).toEqual({ ok: true, took: 27 });
  });

  test("a quarter of the clock -> four times the time", () => {
    const bus = new I2cBus({ clockHz: 100_000 });
    bus.attach(new At24c256({ address: 0x50 }));
    expect(bus.write(START, 0x50, new Uint8Array(22))).toEqual({ ok: true, took: 2_090 });
  });

  test.each([0, -1, Number.NaN])("clock of %p Hz -> refused", (clockHz) => {
    expect(() => new I2cBus({ clockHz })).toThrow("expected more than 0");
  });
});

describe("who takes part", () => {
  test("write to one of two chips -> both see the address, only that one the bytes and STOP", () => {
    const [mine, other] = [new Probe(0x50), new Probe(0x51)];
    const done = busWith(mine, other).write(at(100), 0x50, Uint8Array.of(1, 2));
    expect(mine.seen).toEqual(["100 80 W", "1", "2", `stop ${100 + done.took}`]);
    expect(other.seen).toEqual(["100 80 W"]);
  });

  test("write, then read -> repeated START after the bytes written, one STOP", () => {
    const probe = new Probe(0x50, 7);
    const into = new Uint8Array(3);
    const done = busWith(probe).writeRead(START, 0x50, Uint8Array.of(9), into);
    expect([...into]).toEqual([7, 7, 7]);
    // START and two bytes: 19 clocks of 2.5 µs.
    expect(probe.seen).toEqual(["0 80 W", "9", "47 80 R", `stop ${done.took}`]);
  });

  test("nobody at the address -> nack-address after the address byte", () => {
    const bus = busWith(new Probe(0x51));
    expect(bus.write(START, 0x50, Uint8Array.of(1))).toEqual({
      ok: false,
      error: "nack-address",
      byte: 0,
      took: 27,
    });
  });

  test("chip goes between write and repeated START -> nack-address at that byte", () => {
    const probe = new Probe(0x50);
    const answers = [true, false];
    probe.addressed = () => answers.shift() ?? false;
    const result = busWith(probe).writeRead(START, 0x50, Uint8Array.of(1, 2), new Uint8Array(1));
    expect(result).toMatchObject({ ok: false, error: "nack-address", byte: 3 });
  });

  test("chip refuses the third byte -> nack-data at its position, STOP all the same", () => {
    const probe = new Probe(0x50, 0xff, 2);
    const result = busWith(probe).write(START, 0x50, Uint8Array.of(1, 2, 3, 4));
    // 1 + 9 × 4 + 1 = 38 clocks
    expect(result).toEqual({ ok: false, error: "nack-data", byte: 3, took: 95 });
    expect(probe.seen).toEqual(["0 80 W", "1", "2", "3", "stop 95"]);
  });

  // FACTS.md, "Faults seen in the field": both chips strapped to one address.
  test("two chips strapped to one address -> both take a write, a read is the AND of both", () => {
    const [x, y] = [new At24c256({ address: 0x50 }), new At24c256({ address: 0x50 })];
    const bus = busWith(x, y);
    x.memory[5] = 0b1100;
    y.memory[5] = 0b1010;
    const into = new Uint8Array(1);
    bus.writeRead(START, 0x50, Uint8Array.of(0, 5), into);
    expect(into[0]).toBe(0b1000);
    expect(bus.write(at(10_000), 0x50, Uint8Array.of(0, 5, 0x42)).ok).toBe(true);
    expect([x.memory[5], y.memory[5]]).toEqual([0x42, 0x42]);
  });

  test("chip detached, then attached again -> absent, then there", () => {
    const chip = new At24c256({ address: 0x50 });
    const bus = busWith(chip);
    bus.detach(chip);
    expect(bus.write(START, 0x50, new Uint8Array(0))).toMatchObject({ error: "nack-address" });
    bus.detach(chip);
    bus.attach(chip);
    expect(bus.write(at(100), 0x50, new Uint8Array(0)).ok).toBe(true);
    expect(() => bus.attach(chip)).toThrow("already");
  });
});

describe("arguments that are wrong", () => {
  test.each([-1, 128, 0.5])("address %p -> refused", (address) => {
    expect(() => busWith().write(START, address, new Uint8Array(0))).toThrow("expected 0 to 127");
  });

  test("read into no room -> refused", () => {
    expect(() => busWith().read(START, 0x50, new Uint8Array(0))).toThrow("at least one byte");
    expect(() => busWith().writeRead(START, 0x50, new Uint8Array(2), new Uint8Array(0))).toThrow(
      "at least one byte",
    );
  });
});

describe("two masters", () => {
  test("second transfer before the first is over -> bus-busy and no chip sees it; from its end on -> taken", () => {
    const probe = new Probe(0x50);
    const bus = busWith(probe);
    const first = bus.write(START, 0x50, Uint8Array.of(1));
    const seen = probe.seen.length;
    const refused = { ok: false, error: "bus-busy", byte: 0, took: 0 };
    const justBefore = at(first.took - 1);
    expect(bus.write(justBefore, 0x50, Uint8Array.of(2))).toEqual(refused);
    expect(bus.read(justBefore, 0x50, new Uint8Array(1))).toEqual(refused);
    expect(bus.writeRead(justBefore, 0x50, Uint8Array.of(2), new Uint8Array(1))).toEqual(refused);
    expect(probe.seen).toHaveLength(seen);
    expect(bus.occupied(justBefore)).toBe(true);
    expect(bus.write(later(START, first.took), 0x50, Uint8Array.of(2)).ok).toBe(true);
  });

  test("a transfer that got no ACK -> occupies the bus as well", () => {
    const bus = busWith();
    bus.write(START, 0x50, Uint8Array.of(1));
    expect(bus.write(later(START, micros(26)), 0x51, Uint8Array.of(1))).toMatchObject({ error: "bus-busy" });
    expect(bus.write(later(START, micros(27)), 0x51, Uint8Array.of(1))).toMatchObject({
      error: "nack-address",
    });
  });

  test("master dies during its transfer -> chip is told once, bus is free at once", () => {
    const probe = new Probe(0x50);
    const bus = busWith(probe);
    const transfer = bus.write(START, 0x50, Uint8Array.of(1));
    bus.abandon(at(30), transfer);
    bus.abandon(at(30), transfer);
    expect(probe.seen.slice(-3)).toEqual(["taken back", "0 80 W", "cut 30"]);
    expect(bus.occupied(at(30))).toBe(false);
  });

  test("master dies after its transfer -> nothing changes", () => {
    const probe = new Probe(0x50);
    const bus = busWith(probe);
    const transfer = bus.write(START, 0x50, Uint8Array.of(1));
    bus.abandon(later(START, transfer.took), transfer);
    expect(probe.seen.at(-1)).toBe(`stop ${transfer.took}`);
  });
});
