/**
 * What a node's firmware does above the I²C bus to read and write an AT24C256.
 *
 * The functions are generators: each yields how long to wait, is resumed with the present instant, and hands back in its
 * outcome the instant at which it is done. The first instant is an argument, because a generator cannot be given one
 * when it is started.
 *
 * A chip that gives no ACK may be in a write cycle that another master began, so it is polled for as long as the slowest
 * make takes before it is called absent. "ok" for a write means that the bytes were ACKed and the cycle ended: under WP
 * nothing has changed, which only reading back can tell.
 */
import { after, type Instant, type Micros, micros, millis } from "../engine/time.ts";
import { PAGE_BYTES, WRITE_CYCLE_MAX } from "./at24c256.ts";
import { EEPROM_BYTES } from "./eeprom-image.ts";
import type { I2cBus, Transfer } from "./i2c-bus.ts";

/**
 * - `absent`: no ACK, although a write cycle of any make would be over.
 * - `busy-timeout`: the chip took a page and then never gave an ACK again.
 * - `bus-busy`: another master held the bus at every attempt.
 */
export type EepromFailure = "absent" | "busy-timeout" | "bus-busy";

type Failed = { readonly ok: false; readonly error: EepromFailure; readonly at: Instant };
type Done = { readonly ok: true; readonly at: Instant };
export type WriteOutcome = Done | Failed;
export type ReadOutcome = { readonly ok: true; readonly bytes: Uint8Array; readonly at: Instant } | Failed;

/** Yields spans to wait, is resumed with the present instant. Fits into a task of the engine by `yield*`. */
export type Waiting<Result> = Generator<Micros, Result, Instant>;

export interface EepromTiming {
  /** From STOP to the first ACK poll. @default 5 ms, the chip's longest tWR */
  readonly firstPoll: Micros;
  /** Between two polls. @default 1 ms */
  readonly pollEvery: Micros;
  /** After so long without ACK the chip is given up. @default 11 ms: tWR is 10 ms on the slowest makes */
  readonly pollLimit: Micros;
  /** Between two attempts on an occupied bus. @default 250 µs, about half a record's time on the bus */
  readonly busRetry: Micros;
  /** Attempts on an occupied bus. @default 40, which is 10 ms */
  readonly busAttempts: number;
}

export const EEPROM_TIMING: EepromTiming = {
  firstPoll: WRITE_CYCLE_MAX,
  pollEvery: millis(1),
  pollLimit: millis(11),
  busRetry: micros(250),
  busAttempts: 40,
};

const WORD_ADDRESS_BYTES = 2;
const NO_BYTES = new Uint8Array(0);

/** One node's driver; every node on the bus has its own. */
export class EepromDriver {
  readonly #bus: I2cBus;
  readonly #timing: EepromTiming;
  /** End of this node's last transfer. */
  #transferEnds: Instant | undefined;

  constructor(bus: I2cBus, timing: EepromTiming = EEPROM_TIMING) {
    this.#bus = bus;
    this.#timing = timing;
  }

  /**
   * Reads `length` bytes from word address `word` on (random, then sequential read; runs on past the last byte to 0).
   * @throws RangeError when the word address is not on the chip, or the length not 1 to 32,768.
   */
  *readBlock(at: Instant, address7: number, word: number, length: number): Waiting<ReadOutcome> {
    assertWord(word);
    if (!Number.isInteger(length) || length < 1 || length > EEPROM_BYTES) {
      throw new RangeError(`EEPROM read of ${length} bytes: expected 1 to ${EEPROM_BYTES}`);
    }
    const out = Uint8Array.of(word >> 8, word & 0xff);
    const bytes = new Uint8Array(length);
    const giveUp = after(at, this.#timing.pollLimit);
    const read = yield* this.#untilAck(at, giveUp, (now) => this.#bus.writeRead(now, address7, out, bytes));
    return read.ok ? { ok: true, bytes, at: read.at } : read;
  }

  /**
   * Writes 1 to 64 bytes within one page and waits until the write cycle is over.
   * @throws RangeError when they would run over the end of their page: the chip would wrap them to its start.
   */
  *writePage(at: Instant, address7: number, word: number, bytes: Uint8Array): Waiting<WriteOutcome> {
    assertInsidePage(word, bytes.length);
    const { firstPoll, pollLimit } = this.#timing;
    const out = new Uint8Array(WORD_ADDRESS_BYTES + bytes.length);
    out[0] = word >> 8;
    out[1] = word & 0xff;
    out.set(bytes, WORD_ADDRESS_BYTES);
    const sent = yield* this.#untilAck(at, after(at, pollLimit), (now) =>
      this.#bus.write(now, address7, out),
    );
    if (!sent.ok) return sent;
    const cycle = yield firstPoll;
    const poll = (now: Instant): Transfer => this.#bus.write(now, address7, NO_BYTES);
    const ready = yield* this.#untilAck(cycle, after(sent.at, pollLimit), poll);
    return ready.ok || ready.error === "bus-busy" ? ready : { ...ready, error: "busy-timeout" };
  }

  /** The node is reset or loses power at `at`: a transfer of its own that is under way ends without STOP. */
  reset(at: Instant): void {
    if (this.#transferEnds !== undefined && at < this.#transferEnds) this.#bus.abandon(at);
    this.#transferEnds = undefined;
  }

  *#untilAck(at: Instant, giveUp: Instant, attempt: (now: Instant) => Transfer): Waiting<WriteOutcome> {
    const { pollEvery, busRetry, busAttempts } = this.#timing;
    let now = at;
    for (let occupied = 0; ; ) {
      const transfer = attempt(now);
      if (!transfer.ok && transfer.error === "bus-busy") {
        occupied += 1;
        if (occupied >= busAttempts) return { ok: false, error: "bus-busy", at: now };
        now = yield busRetry;
        continue;
      }
      this.#transferEnds = after(now, transfer.took);
      now = yield transfer.took;
      if (transfer.ok) return { ok: true, at: now };
      if (now >= giveUp) return { ok: false, error: "absent", at: now };
      now = yield pollEvery;
    }
  }
}

function assertWord(word: number): void {
  if (!Number.isInteger(word) || word < 0 || word >= EEPROM_BYTES) {
    throw new RangeError(`EEPROM word address ${word}: expected 0 to ${EEPROM_BYTES - 1}`);
  }
}

function assertInsidePage(word: number, length: number): void {
  assertWord(word);
  const room = PAGE_BYTES - (word % PAGE_BYTES);
  if (length < 1 || length > room) {
    throw new RangeError(
      `EEPROM page write of ${length} bytes at ${word}: expected 1 to ${room}, what is left of the page; split it`,
    );
  }
}
