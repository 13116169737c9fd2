/**
 * What a node's firmware does above the I²C bus to read and write an AT24C256.
 *
 * The functions are generators: each yields how long to wait, is resumed with the present instant, and returns with its
 * outcome the instant at which it is done. The first instant is an argument, because a generator cannot be given a
 * value when it is started.
 *
 * A chip that gives no ACK may be in a write cycle that another master began, so it is polled for as long as the
 * slowest make takes before it is called absent. "ok" for a write means that the bytes were ACKed and the cycle ended:
 * under WP, or on a worn page, nothing has changed, which only reading back shows. Two chips strapped to one address
 * look like one: both take a write, a read is the AND of both, and the first of them to end its write cycle answers the
 * poll, so that the next write may reach that one alone.
 *
 * When SDA is stuck, the driver sends clocks once for each block or page, as a node's firmware does by its GPIO;
 * whether that helped is part of the outcome. Nothing is tried against a stuck SCL: no clock gets through.
 */
import { after, between, type Instant, type Micros, micros, millis } from "../engine/time.ts";
import { PAGE_BYTES, WRITE_CYCLE_MAX } from "./at24c256.ts";
import { EEPROM_BYTES } from "./eeprom-image.ts";
import type { BusRecovery, I2cBus, Transfer } from "./i2c-bus.ts";
import { BYTE_CLOCKS, CONDITION_CLOCKS } from "./i2c-request.ts";
import type { TransferError } from "./i2c-wire.ts";

/**
 * Why a read or a write failed:
 * - `absent`: no ACK, although a write cycle of any make would be over.
 * - `busy-timeout`: the chip took a page and then never gave an ACK again.
 * - `bus-busy`, `arbitration-lost`, `arbitration-undefined`: another master had the bus at every attempt; this is the
 *   error of the last one.
 * - `sda-stuck`, `scl-stuck`: the line is held low, and clocks did not free it.
 */
export type EepromFailure =
  | "absent"
  | "busy-timeout"
  | "bus-busy"
  | "arbitration-lost"
  | "arbitration-undefined"
  | "sda-stuck"
  | "scl-stuck";

/** The part of an outcome that successes and failures share. */
interface Course {
  readonly at: Instant;
  /** What the clocks achieved after SDA was found stuck; absent: it was not. */
  readonly recovery?: BusRecovery;
}
type Failed = { readonly ok: false; readonly error: EepromFailure } & Course;
type Done = { readonly ok: true } & Course;
/** Whether all bytes were ACKed and the write cycle ended, or why not; and when that was over. */
export type WriteOutcome = Done | Failed;
/** The bytes, or why there are none; and when that was over. */
export type ReadOutcome = ({ readonly ok: true; readonly bytes: Uint8Array } & Course) | Failed;

/** Yields spans to wait, and is resumed with the present instant. A task of the engine runs it by `yield*`. */
export type Waiting<Result> = Generator<Micros, Result, Instant>;

/** How long the driver waits, and how often it tries. */
export interface EepromTiming {
  /** Time from STOP to the first ACK poll. @default 5 ms, the chip's longest tWR */
  readonly firstPoll: Micros;
  /** Time between two polls. @default 1 ms */
  readonly pollEvery: Micros;
  /** Time without ACK after which the chip is given up. @default 11 ms: tWR is 10 ms on the slowest makes */
  readonly pollLimit: Micros;
  /**
   * Time between two attempts on a bus that another master has. @default 250 µs, about half a record's time on the bus
   */
  readonly busRetry: Micros;
  /**
   * Attempts on a bus that another master has. @default 12,000, which is 3 s: with eight nodes that wake together the
   * bus is another node's for 1.5 s, and a driver that gave up sooner would take a chip that is well for absent
   */
  readonly busAttempts: number;
}

/** The defaults of `EepromTiming`: waits the AT24C256's longest tWR, then polls each millisecond. */
export const EEPROM_TIMING: EepromTiming = {
  firstPoll: WRITE_CYCLE_MAX,
  pollEvery: millis(1),
  pollLimit: millis(11),
  busRetry: micros(250),
  busAttempts: 12_000,
};

/**
 * The timing of node `node` of a cluster: each waits 15 µs longer than the one before between attempts. Else two nodes
 * that met in a START and both gave way would meet again at every attempt; real nodes are never equally fast.
 */
export const eepromTimingOf = (node: number): EepromTiming => ({
  ...EEPROM_TIMING,
  busRetry: micros(EEPROM_TIMING.busRetry + RETRY_STEP_US * node),
});
const RETRY_STEP_US = 15;

const WORD_ADDRESS_BYTES = 2;
const WORD_MAX = 0xffff;
const NO_BYTES = new Uint8Array(0);

/** Called at the START of each transfer of a block or page, not of polls. `transfer` is provisional; see `Transfer`. */
export type TransferWatch = (kind: "read" | "page-write", started: Instant, transfer: Transfer) => void;

/** One node's driver; every node on the bus has its own. */
export class EepromDriver {
  /**
   * Whether it waits for write cycles to end, as it must. Without that it takes the first missing ACK for an absent
   * chip.
   */
  patient = true;
  watch: TransferWatch | undefined;

  #bus: I2cBus;
  readonly #timing: EepromTiming;
  readonly #pass: (span: Micros) => boolean;
  /** This node's last transfer. */
  #transfer: Transfer | undefined;

  /** @param pass lets a span pass without a yield where it can: `Engine.pass` */
  constructor(
    bus: I2cBus,
    timing: EepromTiming = EEPROM_TIMING,
    pass: (span: Micros) => boolean = () => false,
  ) {
    this.#bus = bus;
    this.#timing = timing;
    this.#pass = pass;
  }

  /**
   * Connects the node's wires to `bus` from `at` on. A transfer under way on the bus before ends without STOP, and is
   * tried again as after a missing ACK. (In reality a read would go on, and read FFh.)
   */
  rewire(at: Instant, bus: I2cBus): void {
    if (bus === this.#bus) return;
    this.reset(at);
    this.#bus = bus;
  }

  /**
   * Reads `length` bytes from word address `word` on (random, then sequential read; after the last byte comes byte 0). Beyond
   * its end a chip takes the address without its upper bits.
   * @throws RangeError when the word address has more than 16 bits, or the length is not 1 to 32,768.
   */
  *readBlock(at: Instant, address7: number, word: number, length: number): Waiting<ReadOutcome> {
    if (!Number.isInteger(word) || word < 0 || word > WORD_MAX)
      throw new RangeError(`EEPROM word address ${word}: expected 0 to ${WORD_MAX}`);
    if (!Number.isInteger(length) || length < 1 || length > EEPROM_BYTES) {
      throw new RangeError(`EEPROM read of ${length} bytes: expected 1 to ${EEPROM_BYTES}`);
    }
    const out = Uint8Array.of(word >> 8, word & 0xff);
    const bytes = new Uint8Array(length);
    const read = yield* this.#untilAck(at, after(at, this.#patience), address7, out, bytes);
    if (!read.ok) return read;
    // Written out: a spread costs a tenth of a whole wake.
    return read.recovery === undefined
      ? { ok: true, bytes, at: read.at }
      : { ok: true, bytes, at: read.at, recovery: read.recovery };
  }

  /**
   * Writes 1 to 64 bytes within one page and waits until the write cycle is over.
   * @throws RangeError when they go beyond the end of their page: the chip would wrap them to its start.
   */
  writePage(at: Instant, address7: number, word: number, bytes: Uint8Array): Waiting<WriteOutcome> {
    assertInsidePage(word, bytes.length);
    return this.writeUnsplit(at, address7, word, bytes);
  }

  /**
   * As `writePage`, but without its check: the chip wraps bytes beyond the end of a page, as with MicroPython's
   * `writeto_mem`.
   */
  *writeUnsplit(at: Instant, address7: number, word: number, bytes: Uint8Array): Waiting<WriteOutcome> {
    const { firstPoll, pollLimit } = this.#timing;
    const out = new Uint8Array(WORD_ADDRESS_BYTES + bytes.length);
    out[0] = word >> 8;
    out[1] = word & 0xff;
    out.set(bytes, WORD_ADDRESS_BYTES);
    const sent = yield* this.#untilAck(at, after(at, this.#patience), address7, out, undefined);
    if (!sent.ok || !this.patient) return sent;
    const cycle = this.#pass(firstPoll) ? after(sent.at, firstPoll) : yield firstPoll;
    const ready = yield* this.#untilAck(cycle, after(sent.at, pollLimit), address7, NO_BYTES, undefined);
    const recovery = ready.recovery ?? sent.recovery;
    if (!ready.ok) return failed(ready.error === "absent" ? "busy-timeout" : ready.error, ready.at, recovery);
    return recovery === undefined ? ready : { ok: true, at: ready.at, recovery };
  }

  /** Whether a chip gives an ACK at that address now: `ok`; no write cycle is waited for. */
  answers(at: Instant, address7: number): Waiting<WriteOutcome> {
    return this.#untilAck(at, at, address7, NO_BYTES, undefined);
  }

  /** Time from the START of a block's read or a page's write to the middle of data byte `byte`, counted from 1. */
  middleOfByte(kind: "read" | "page-write", byte: number): Micros {
    const addressed = CONDITION_CLOCKS + (1 + WORD_ADDRESS_BYTES) * BYTE_CLOCKS;
    const turned = kind === "read" ? CONDITION_CLOCKS + BYTE_CLOCKS : 0;
    return this.#bus.clockTime(addressed + turned + (byte - 1) * BYTE_CLOCKS + BYTE_CLOCKS / 2);
  }

  /** Resets the node, or takes its power, at `at`: its transfer that is under way ends without STOP. */
  reset(at: Instant): void {
    if (this.#transfer !== undefined) this.#bus.abandon(at, this.#transfer);
    this.#transfer = undefined;
  }

  /** Time without ACK after which a chip is called absent. */
  get #patience(): Micros {
    return this.patient ? this.#timing.pollLimit : micros(0);
  }

  /** Repeats one transfer, a write or with `into` a write and a read, until it succeeds or the driver gives up. */
  *#untilAck(
    at: Instant,
    giveUp: Instant,
    address7: number,
    out: Uint8Array,
    into: Uint8Array | undefined,
  ): Waiting<WriteOutcome> {
    const { pollEvery, pollLimit, busRetry, busAttempts } = this.#timing;
    let now = at;
    let noAckAfter = giveUp;
    let recovery: BusRecovery | undefined;
    for (let contended = 0; ; ) {
      const started = now;
      const transfer =
        into === undefined
          ? this.#bus.write(now, address7, out)
          : this.#bus.writeRead(now, address7, out, into);
      this.#transfer = transfer;
      if (this.watch !== undefined && out.length > 0)
        this.watch(into === undefined ? "page-write" : "read", now, transfer);
      // Until then the outcome is provisional, and may come to take longer.
      while (now < after(started, transfer.took)) {
        const left = between(now, after(started, transfer.took));
        now = this.#pass(left) ? after(now, left) : yield left;
      }
      const cutOff = this.#transfer !== transfer;
      if (transfer.ok && !cutOff)
        return recovery === undefined ? { ok: true, at: now } : { ok: true, at: now, recovery };
      const error = transfer.ok ? "nack-data" : transfer.error;
      if (isNack(error)) {
        if (now >= noAckAfter) return failed("absent", now, recovery);
        now = yield pollEvery;
      } else if (isContention(error)) {
        contended += 1;
        if (contended >= busAttempts) return failed(error, now, recovery);
        // The other master may have begun a write cycle in this very chip.
        if (this.patient) noAckAfter = after(now, pollLimit);
        now = yield busRetry;
      } else {
        if (error === "scl-stuck" || recovery !== undefined) return failed(error, now, recovery);
        recovery = this.#bus.recover(now);
        now = yield recovery.took;
        if (!recovery.ok && isStuck(recovery.error)) return failed(recovery.error, now, recovery);
        noAckAfter = after(now, pollLimit);
      }
    }
  }
}

const failed = (error: EepromFailure, at: Instant, recovery: BusRecovery | undefined): Failed =>
  recovery === undefined ? { ok: false, error, at } : { ok: false, error, at, recovery };

const isNack = (error: TransferError): error is "nack-address" | "nack-data" =>
  error === "nack-address" || error === "nack-data";
const isStuck = (error: TransferError): error is "sda-stuck" | "scl-stuck" =>
  error === "sda-stuck" || error === "scl-stuck";
const isContention = (
  error: TransferError,
): error is "bus-busy" | "arbitration-lost" | "arbitration-undefined" =>
  error === "bus-busy" || error === "arbitration-lost" || error === "arbitration-undefined";

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
