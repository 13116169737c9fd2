/** The bus with more than one master, dying masters, and lines that do not rise. */
import fc from "fast-check";
import { type Instant, after as later, micros, millis, START } from "../../../simulator/engine/time.ts";
import { At24c256 } from "../../../simulator/hardware/at24c256.ts";
import { I2cBus, type Transfer } from "../../../simulator/hardware/i2c-bus.ts";

const at = (us: number): Instant => us as Instant;
const none = new Uint8Array(0);

function rig() {
  const bus = new I2cBus({ clockHz: 400_000 });
  const chips = [new At24c256({ address: 0x50 }), new At24c256({ address: 0x51 })] as const;
  for (const chip of chips) bus.attach(chip);
  return { bus, chips };
}

// FACTS.md, "I²C"; UM10204, section 3.1.8.
describe("two masters within one START", () => {
  test.each([0, 1, 2])(
    "second one %i µs later with the lower address -> wins; the first one's is amended",
    (us) => {
      const { bus, chips } = rig();
      const loser = bus.write(START, 0x51, Uint8Array.of(0, 0, 1));
      const winner = bus.write(at(us), 0x50, Uint8Array.of(0, 0, 2));
      // 38 clocks from the common START.
      expect(winner).toEqual({ ok: true, took: 95 - us });
      expect(loser).toEqual({ ok: false, error: "arbitration-lost", byte: 0, took: 20 });
      expect([chips[0].memory[0], chips[1].memory[0]]).toEqual([2, 0xff]);
      expect([chips[0].pageWrites(0), chips[1].pageWrites(0)]).toEqual([1, 0]);
      expect(chips[1].writing(at(100))).toBe(false);
      expect([bus.occupied(at(94)), bus.occupied(at(95))]).toEqual([true, false]);
    },
  );

  test("second one past the START -> bus-busy, the first one's stands", () => {
    const { bus } = rig();
    const first = bus.write(START, 0x51, Uint8Array.of(0, 0, 1));
    expect(bus.write(at(3), 0x50, Uint8Array.of(0, 0, 2))).toEqual({
      ok: false,
      error: "bus-busy",
      byte: 0,
      took: 0,
    });
    expect(first.ok).toBe(true);
  });

  test("read lost to a write at the same chip -> pointer and cells as if it had never been", () => {
    const { bus, chips } = rig();
    const read = bus.read(START, 0x50, new Uint8Array(8));
    expect(bus.write(START, 0x50, Uint8Array.of(0, 16))).toMatchObject({ ok: true });
    expect(read).toMatchObject({ error: "arbitration-lost", byte: 0 });
    chips[0].memory[16] = 5;
    const into = new Uint8Array(1);
    bus.read(at(1_000), 0x50, into);
    expect(into[0]).toBe(5);
  });

  test("same read by both -> both get the bytes", () => {
    const { bus, chips } = rig();
    chips[0].memory.set([1, 2, 3]);
    const [x, y] = [new Uint8Array(3), new Uint8Array(3)];
    const first = bus.writeRead(START, 0x50, Uint8Array.of(0, 0), x);
    const second = bus.writeRead(at(2), 0x50, Uint8Array.of(0, 0), y);
    expect([first.ok, second.ok, [...x], [...y]]).toEqual([true, true, [1, 2, 3], [1, 2, 3]]);
    expect(first.took).toBe(second.took + 2);
  });
});

describe("two masters whose arbitration is undefined", () => {
  test("undefined case -> both are told, nothing is written, the bus is free afterwards", () => {
    const { bus, chips } = rig();
    const read = bus.writeRead(START, 0x50, Uint8Array.of(0, 0), new Uint8Array(4));
    const write = bus.write(START, 0x50, Uint8Array.of(0, 0, 9));
    // START, three bytes, and the condition: 29 clocks.
    const undecided = { ok: false, error: "arbitration-undefined", byte: 3, took: 72 };
    expect([read, write]).toEqual([undecided, undecided]);
    expect([chips[0].memory[0], chips[0].pageWrites(0)]).toEqual([0xff, 0]);
    expect([bus.occupied(at(71)), bus.occupied(at(72))]).toEqual([true, false]);
    expect(bus.write(at(72), 0x50, none).ok).toBe(true);
  });

  test("undefined case behind a NACK -> does not come to it: both see the NACK", () => {
    const { bus } = rig();
    const poll = bus.write(START, 0x57, none);
    const write = bus.write(START, 0x57, Uint8Array.of(0, 0, 9));
    const nack = { ok: false, error: "nack-address", byte: 0, took: 27 };
    expect([poll, write]).toEqual([nack, nack]);
  });
});

describe("one of two masters dies", () => {
  test("one of two with the same traffic dies -> the other carries it to its STOP", () => {
    const { bus, chips } = rig();
    const bytes = Uint8Array.of(0, 0, 1);
    const [x, y] = [bus.write(START, 0x50, bytes), bus.write(START, 0x50, bytes)];
    bus.abandon(at(50), x);
    expect([y.ok, chips[0].memory[0], bus.occupied(at(50))]).toEqual([true, 1, true]);
    bus.abandon(at(60), y);
    expect([chips[0].memory[0], bus.occupied(at(60))]).toEqual([0xff, false]);
  });

  test("loser dies -> nothing changes for the winner", () => {
    const { bus, chips } = rig();
    const loser = bus.write(START, 0x51, Uint8Array.of(0, 0, 1));
    bus.write(START, 0x50, Uint8Array.of(0, 0, 2));
    bus.abandon(at(50), loser);
    expect([chips[0].memory[0], bus.occupied(at(50))]).toEqual([2, true]);
  });
});

describe("several masters at once", () => {
  type Ask = { readonly address7: number; readonly out: readonly number[]; readonly length: number };
  const ask: fc.Arbitrary<Ask> = fc.record({
    address7: fc.constantFrom(0x50, 0x51, 0x57),
    out: fc.array(fc.constantFrom(0, 1, 0x80), { maxLength: 4 }),
    length: fc.integer({ min: 0, max: 3 }),
  });

  // What the first two had come to was cut short, and could then no longer be taken back when the third came.
  test("two that come to the undefined case, then a third that beats both -> it finds the chip as it was", () => {
    const { bus, chips } = rig();
    chips[1].memory.set([21]);
    bus.write(START, 0x51, Uint8Array.of(128, 128, 0));
    bus.write(START, 0x51, Uint8Array.of(128, 128));
    const into = new Uint8Array(1);
    expect(bus.writeRead(START, 0x51, Uint8Array.of(0), into).ok).toBe(true);
    expect(into[0]).toBe(21);
  });

  test("any masters in one instant -> outcomes and chips do not depend on who asks first", () => {
    const outcomeOf = (asks: readonly Ask[]) => {
      const { bus, chips } = rig();
      for (const [n, chip] of chips.entries()) chip.memory.set([10 + n, 20 + n, 30 + n, 40 + n]);
      const told = asks.map(({ address7, out, length }) => {
        const into = new Uint8Array(length);
        const sent = Uint8Array.from(out);
        const transfer =
          length === 0 ? bus.write(START, address7, sent) : bus.writeRead(START, address7, sent, into);
        return { transfer, into };
      });
      const state = chips.map((chip) => [
        [...chip.memory.subarray(0, 64)],
        chip.pageWrites(0),
        chip.writing(at(600)),
      ]);
      // What a loser has in its buffer means nothing.
      return { told: told.map(({ transfer, into }) => ({ transfer, into: transfer.ok ? into : [] })), state };
    };
    fc.assert(
      fc.property(fc.array(ask, { minLength: 2, maxLength: 4 }), (asks) => {
        const [there, back] = [outcomeOf(asks), outcomeOf([...asks].reverse())];
        expect(there.state).toEqual(back.state);
        expect(there.told).toEqual([...back.told].reverse());
      }),
      { numRuns: 500 },
    );
  });
});

// FACTS.md, "I²C": a slave reset in mid-read can hold SDA low. UM10204, section 3.1.16 "Bus clear".
describe("master dies in mid-transfer", () => {
  test("at every microsecond of a read -> SDA is stuck just while a chip sends a 0; nine clocks at most free it", () => {
    const bytes = [0x00, 0xff, 0xa5];
    // Bits by clock: START, address and word address (ACK is the chip's 0), repeated START, address, three bytes.
    const acked = "111111110";
    const bits = bytes.map((byte) => `${byte.toString(2).padStart(8, "0")}1`).join("");
    const line = `1${acked.repeat(3)}1${acked}${bits}1`;
    const met = new Set<number>();
    for (let us = 0; us < 170; us++) {
      const { bus, chips } = rig();
      chips[0].memory.set(bytes);
      const read = bus.writeRead(START, 0x50, Uint8Array.of(0, 0), new Uint8Array(3));
      bus.abandon(at(us), read);
      const clock = Math.floor(us * 0.4);
      const stuck = line[clock] === "0";
      const next = bus.write(at(us), 0x51, none);
      expect([us, next]).toEqual([
        us,
        stuck ? { ok: false, error: "sda-stuck", byte: 0, took: 50_000 } : { ok: true, took: 27 },
      ]);
      if (!stuck) continue;
      const freed = bus.recover(at(us));
      const clocks = line.indexOf("1", clock) - clock;
      expect(freed).toEqual({ ok: true, clocks, took: Math.floor((clocks + 2) * 2.5) });
      expect(bus.write(later(at(us), micros(freed.took - 1)), 0x50, none)).toMatchObject({
        error: "bus-busy",
      });
      expect(bus.write(later(at(us), freed.took), 0x50, none).ok).toBe(true);
      met.add(clocks);
    }
    // From the ACK before a zero byte on it takes all nine.
    expect([...met].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("chip that holds SDA loses power -> lets go", () => {
    const { bus, chips } = rig();
    chips[0].memory.fill(0);
    bus.abandon(at(130), bus.writeRead(START, 0x50, Uint8Array.of(0, 0), new Uint8Array(9)));
    expect(bus.write(at(200), 0x51, none)).toMatchObject({ error: "sda-stuck" });
    bus.detach(chips[0]);
    expect(bus.write(at(200), 0x51, none).ok).toBe(true);
  });

  test("in mid-read -> pointer behind the bytes that were complete", () => {
    const { bus, chips } = rig();
    chips[0].memory.set([0xf0, 0xf1, 0xf2, 0xf3]);
    // START, three bytes, repeated START, address, one byte: 47 clocks, 117 µs; then into the second byte.
    bus.abandon(at(120), bus.writeRead(START, 0x50, Uint8Array.of(0, 0), new Uint8Array(4)));
    const into = new Uint8Array(1);
    expect(bus.read(at(200), 0x50, into).ok).toBe(true);
    expect(into[0]).toBe(0xf1);
  });

  test("SDA high, or bus in use -> START and STOP alone, or left alone", () => {
    const { bus } = rig();
    expect(bus.recover(START)).toEqual({ ok: true, clocks: 0, took: 5 });
    const { took } = bus.write(at(5), 0x50, Uint8Array.of(0));
    expect(bus.recover(at(6))).toEqual({ ok: false, error: "bus-busy", clocks: 0, took: 0 });
    expect(bus.recover(later(at(5), took)).ok).toBe(true);
  });
});

describe("lines held low", () => {
  test.each([
    ["sda", "sda-stuck"],
    ["scl", "scl-stuck"],
  ] as const)("%s held -> %s after the time-out, clocks do not help, and letting go does", (line, error) => {
    const { bus, chips } = rig();
    bus.lines.pullLow(START, line, "short");
    expect(bus.write(START, 0x50, Uint8Array.of(0, 0, 1))).toEqual({
      ok: false,
      error,
      byte: 0,
      took: 50_000,
    });
    expect(bus.recover(START)).toEqual({ ok: false, error, clocks: 9, took: 22 });
    expect(chips[0].memory[0]).toBe(0xff);
    bus.lines.letGo(at(100), line, "short");
    expect(bus.write(at(100), 0x50, none).ok).toBe(true);
  });

  test("time-out of one's own -> that one", () => {
    const bus = new I2cBus({ clockHz: 400_000, timeout: millis(2) });
    bus.lines.pullLow(START, "scl", "short");
    expect(bus.read(START, 0x50, new Uint8Array(1)).took).toBe(2_000);
  });

  test("in the middle of a write -> amended, nothing written; both of two with the same traffic are told", () => {
    const { bus, chips } = rig();
    const bytes = Uint8Array.of(0, 0, 1, 2, 3);
    const transfers: Transfer[] = [bus.write(START, 0x50, bytes), bus.write(at(2), 0x50, bytes)];
    bus.lines.pullLow(at(90), "scl", "node-1");
    // 36 clocks: START, three bytes, and into the fourth.
    expect(transfers).toEqual([
      { ok: false, error: "scl-stuck", byte: 3, took: 50_090 },
      { ok: false, error: "scl-stuck", byte: 3, took: 50_088 },
    ]);
    expect([chips[0].memory[0], chips[0].pageWrites(0), bus.occupied(at(90))]).toEqual([0xff, 0, false]);
  });

  test("after a transfer -> its outcome stands", () => {
    const { bus, chips } = rig();
    const done = bus.write(START, 0x50, Uint8Array.of(0, 0, 1));
    bus.lines.pullLow(later(START, done.took), "sda", "short");
    expect([done.ok, chips[0].memory[0]]).toEqual([true, 1]);
  });

  test("SDA held in mid-read while the chip sends a 0 -> the chip holds it on, until it gets clocks", () => {
    const { bus, chips } = rig();
    chips[0].memory.fill(0);
    bus.writeRead(START, 0x50, Uint8Array.of(0, 0), new Uint8Array(9));
    bus.lines.pullLow(at(130), "sda", "finger");
    bus.lines.letGo(at(140), "sda", "finger");
    expect(bus.write(at(200), 0x50, none)).toMatchObject({ error: "sda-stuck" });
    expect(bus.recover(at(200)).ok).toBe(true);
  });

  test("lines not lifted, nobody understands -> nack-address from every chip, no wear", () => {
    const { bus, chips } = rig();
    bus.lines.setPullUps(START, "missing", "no-ack");
    expect(bus.write(START, 0x50, Uint8Array.of(0, 0, 1))).toEqual({
      ok: false,
      error: "nack-address",
      byte: 0,
      took: 27,
    });
    expect(chips[0].pageWrites(0)).toBe(0);
    bus.lines.setPullUps(at(50), "external");
    expect(bus.write(at(50), 0x50, none).ok).toBe(true);
  });
});
