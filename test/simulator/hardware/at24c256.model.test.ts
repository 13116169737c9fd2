/**
 * The EEPROM against a trivially simple reference: an array, a pointer, and "busy until". Where the datasheet leaves
 * bytes undefined, the reference takes over what the chip came to hold, so that only those bytes may differ from it.
 */
import fc from "fast-check";
import { rngStream } from "../../../simulator/engine/rng.ts";
import { type Instant, after as later, type Micros, micros, START } from "../../../simulator/engine/time.ts";
import { At24c256, type TornWrite } from "../../../simulator/hardware/at24c256.ts";
import { I2cBus, type Transfer } from "../../../simulator/hardware/i2c-bus.ts";

const ADDRESS = 0x51;
const BYTES = 32_768;
const PAGE = 64;
const TWR = 5_000;

class Reference {
  readonly memory: number[] = Array<number>(BYTES).fill(0xff);
  pointer = 0;
  busyUntil = 0;

  /** What a page write does, and the word addresses that it touches. */
  pageWrite(word: number, bytes: readonly number[]): Set<number> {
    const touched = new Set<number>();
    const base = Math.floor(word / PAGE) * PAGE;
    bytes.forEach((byte, n) => {
      const address = base + ((word - base + n) % PAGE);
      this.memory[address] = byte;
      touched.add(address);
    });
    this.pointer = this.wrapped(word, bytes.length);
    return touched;
  }
  /** Where the pointer stands after `count` bytes from `word` on, inside its page. */
  wrapped(word: number, count: number): number {
    const base = Math.floor(word / PAGE) * PAGE;
    return base + ((word - base + count) % PAGE);
  }
  read(length: number): number[] {
    return Array.from({ length }, () => {
      const byte = this.memory[this.pointer]!;
      this.pointer = (this.pointer + 1) % BYTES;
      return byte;
    });
  }
}

class Rig {
  readonly chip = new At24c256({ address: ADDRESS });
  readonly bus = new I2cBus({ clockHz: 400_000 });
  readonly reference = new Reference();
  readonly undefinedBytes = rngStream(42, "undefined bytes");
  now: Instant = START;
  touchedEver = new Set<number>();
  /** What the commands met, so that the property cannot hold for want of trying. */
  readonly met = { refused: 0, neverStopped: 0, torn: 0, outlasted: 0, heldSda: 0 };

  constructor() {
    this.bus.attach(this.chip);
  }
  get busy(): boolean {
    return this.now < this.reference.busyUntil;
  }
  pass(span: Micros): void {
    this.now = later(this.now, span);
  }
  agree(): void {
    for (const address of this.touchedEver) {
      expect([address, this.chip.memory[address]]).toEqual([address, this.reference.memory[address]]);
    }
  }
}

interface Command {
  run(rig: Rig): void;
  toString(): string;
}

const wordBytes = (word: number): number[] => [word >> 8, word & 0xff];

function write(
  rig: Rig,
  word: number,
  bytes: readonly number[],
): { touched: Set<number>; took: Micros; transfer: Transfer } | undefined {
  const result = rig.bus.write(rig.now, ADDRESS, Uint8Array.from([...wordBytes(word), ...bytes]));
  expect(result.ok).toBe(!rig.busy);
  if (!result.ok) {
    rig.met.refused += 1;
    rig.pass(result.took);
    return undefined;
  }
  const touched = rig.reference.pageWrite(word, bytes);
  for (const address of touched) rig.touchedEver.add(address);
  return { touched, took: result.took, transfer: result };
}

// Few pages, so that commands meet one another; the last one, so that wraps are met.
const word = fc.oneof(
  fc.integer({ min: 0, max: 3 * PAGE - 1 }),
  fc.integer({ min: BYTES - PAGE, max: BYTES - 1 }),
);
const bytes = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 80 });

const pageWrite = fc.tuple(word, bytes).map(
  ([at, data]): Command => ({
    toString: () => `write ${data.length} bytes at ${at}`,
    run: (rig) => {
      const done = write(rig, at, data);
      if (done === undefined) return;
      rig.pass(done.took);
      rig.reference.busyUntil = rig.now + TWR;
    },
  }),
);

const crash = fc
  .record({
    at: word,
    data: bytes,
    us: fc.integer({ min: 0, max: TWR + 3_000 }),
    mode: fc.constantFrom<TornWrite>("addressed-bytes", "whole-page"),
  })
  .map(
    ({ at, data, us, mode }): Command => ({
      toString: () => `write ${data.length} bytes at ${at}, power lost ${us} µs after START, ${mode}`,
      run: (rig) => {
        const before = [...rig.reference.memory];
        const done = write(rig, at, data);
        if (done === undefined) return;
        const into = micros(us);
        const lostAt = later(rig.now, into);
        rig.chip.powerLoss(lostAt, rig.undefinedBytes, mode);
        rig.bus.detach(rig.chip);
        rig.bus.abandon(lostAt, done.transfer);
        rig.bus.attach(rig.chip);
        if (into < done.took) {
          rig.met.neverStopped += 1;
          before.forEach((byte, address) => {
            rig.reference.memory[address] = byte;
          });
        } else if (into < done.took + TWR) {
          rig.met.torn += 1;
          const base = Math.floor(at / PAGE) * PAGE;
          const page = Array.from({ length: PAGE }, (_, n) => base + n);
          for (const address of mode === "whole-page" ? page : done.touched) {
            rig.touchedEver.add(address);
            rig.reference.memory[address] = rig.chip.memory[address]!;
          }
        } else {
          rig.met.outlasted += 1;
        }
        rig.now = lostAt;
        rig.reference.busyUntil = 0;
        // The pointer is undefined as well: set it anew on both sides.
        rig.pass(rig.bus.write(rig.now, ADDRESS, Uint8Array.of(0, 0)).took);
        rig.reference.pointer = 0;
      },
    }),
  );

const masterDies = fc.tuple(word, bytes, fc.nat()).map(
  ([at, data, us]): Command => ({
    toString: () =>
      `write ${data.length} bytes at ${at}, master dies ${us} µs after START (modulo its length)`,
    run: (rig) => {
      const before = [...rig.reference.memory];
      const pointerBefore = rig.reference.pointer;
      const done = write(rig, at, data);
      if (done === undefined) return;
      const into = us % done.took;
      rig.pass(micros(into));
      rig.bus.abandon(rig.now, done.transfer);
      before.forEach((byte, address) => {
        rig.reference.memory[address] = byte;
      });
      // A byte has arrived with its eighth bit: START, then nine clocks a byte. Device address and word address first.
      const arrived = Math.floor(Math.floor(into * 0.4) / 9) - 3;
      rig.reference.pointer = arrived < 0 ? pointerBefore : rig.reference.wrapped(at, arrived);
      const freed = rig.bus.recover(rig.now);
      expect(freed.ok).toBe(true);
      if (freed.clocks > 0) rig.met.heldSda += 1;
      rig.pass(freed.took);
    },
  }),
);

const read = fc.tuple(fc.option(word), fc.integer({ min: 1, max: 100 })).map(
  ([at, length]): Command => ({
    toString: () => `read ${length} bytes ${at === null ? "from the pointer on" : `at ${at}`}`,
    run: (rig) => {
      const into = new Uint8Array(length);
      const result =
        at === null
          ? rig.bus.read(rig.now, ADDRESS, into)
          : rig.bus.writeRead(rig.now, ADDRESS, Uint8Array.from(wordBytes(at)), into);
      expect(result.ok).toBe(!rig.busy);
      if (result.ok) {
        if (at !== null) rig.reference.pointer = at;
        expect([...into]).toEqual(rig.reference.read(length));
      }
      rig.pass(result.took);
    },
  }),
);

const wait = fc
  .integer({ min: 0, max: 2 * TWR })
  .map((us): Command => ({ toString: () => `wait ${us} µs`, run: (rig) => rig.pass(us as Micros) }));

test("any sequence of writes, reads, waits, dying masters and power losses -> as the reference says", () => {
  const met = new Set<string>();
  fc.assert(
    fc.property(
      fc.array(fc.oneof(pageWrite, read, wait, crash, masterDies), { maxLength: 25 }),
      (commands) => {
        const rig = new Rig();
        for (const command of commands) {
          command.run(rig);
          rig.agree();
        }
        for (const [name, count] of Object.entries(rig.met)) if (count > 0) met.add(name);
        const untouched = rig.chip.memory.findIndex((byte, at) => byte !== 0xff && !rig.touchedEver.has(at));
        expect(untouched).toBe(-1);
      },
    ),
    { numRuns: 150 },
  );
  // Or the property would have proved nothing about them.
  expect([...met].sort()).toEqual(["heldSda", "neverStopped", "outlasted", "refused", "torn"]);
});

test("power lost at every microsecond of a short write -> old before STOP, undefined in tWR, new after", () => {
  const outcomes = new Map<string, number>();
  for (let us = 0; us <= 5_200; us++) {
    const chip = new At24c256({ address: ADDRESS });
    const bus = new I2cBus({ clockHz: 400_000 });
    bus.attach(chip);
    const { took } = bus.write(START, ADDRESS, Uint8Array.of(0, 0, 0x11));
    chip.powerLoss(us as Instant, { below: (n) => (n === 256 ? 0xaa : 0) }, "addressed-bytes");
    const expected = us < took ? 0xff : us < took + TWR ? 0xaa : 0x11;
    expect([us, chip.memory[0]]).toEqual([us, expected]);
    const name = expected.toString(16);
    outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
  }
  // START, device address, word address and one byte: 38 clocks, 95 µs.
  expect(Object.fromEntries(outcomes)).toEqual({ ff: 95, aa: 5_000, "11": 106 });
});
