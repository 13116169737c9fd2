/**
 * The chips' side of an I²C bus: which of them take part in a transfer, and what they see of it. Knows of one transfer at a
 * time; who may send, and when, is decided in i2c-bus.ts, whose header says what is modelled.
 */
import { after, type Instant, type Micros } from "../engine/time.ts";
import { BYTE_CLOCKS, CONDITION_CLOCKS, type Request } from "./i2c-request.ts";

/** A chip on the bus. All chips see every START and device address; only those that ACKed take part in what follows. */
export interface I2cTarget {
  /** A START, or repeated START, at `at`, then a device address. True: ACK. An unfinished write is forgotten. */
  addressed(at: Instant, address7: number, read: boolean): boolean;
  /** The master writes a byte (0–255). True: ACK. */
  receive(byte: number): boolean;
  /** The master reads a byte (0–255). */
  transmit(): number;
  /** STOP, which lies in the future of the call by the length of the transfer. */
  stop(at: Instant): void;
  /** Of the transfer under way nothing has happened: the chip is as it was before its START. Its true course follows. */
  takeBack(): void;
  /** The transfer under way ended at `at` without STOP, after the bytes seen so far. */
  cutShort(at: Instant): void;
}

/**
 * - `nack-address`, `nack-data`: nobody acknowledged that byte. MicroPython: ENODEV.
 * - `bus-busy`: another master began earlier and has not sent its STOP.
 * - `arbitration-lost`, `arbitration-undefined`: see i2c-arbitration.ts. MicroPython: ETIMEDOUT.
 * - `sda-stuck`, `scl-stuck`: the line is low although nobody is sending; found out by time-out. MicroPython: ETIMEDOUT.
 */
export type TransferError =
  | "nack-address"
  | "nack-data"
  | "bus-busy"
  | "arbitration-lost"
  | "arbitration-undefined"
  | "sda-stuck"
  | "scl-stuck";

/** A transfer's outcome as the bus sees it: one shape for every outcome, changed in place. */
export interface Outcome {
  ok: boolean;
  error: TransferError | undefined;
  byte: number | undefined;
  took: Micros;
}

const NOBODY: readonly I2cTarget[] = [];

/** One transfer, bit by bit, as the chips on the bus see it, and the bus time that it takes. */
export class I2cWire {
  readonly #clockHz: number;
  readonly #targets: I2cTarget[] = [];
  /** The chips that understand what is on the wire: all of them, or nobody. */
  #listening: readonly I2cTarget[] = this.#targets;
  /** The first `#selectedCount` of these ACKed the last device address. Never cut: regrowing it costs a transfer 10 %. */
  readonly #selected: I2cTarget[] = [];
  #selectedCount = 0;

  /** @throws RangeError when the clock is not a positive number. */
  constructor(clockHz: number) {
    if (!(clockHz > 0)) throw new RangeError(`I²C clock of ${clockHz} Hz: expected more than 0`);
    this.#clockHz = clockHz;
  }

  /** @throws Error when the chip is on the bus already. */
  attach(target: I2cTarget): void {
    if (this.#targets.includes(target))
      throw new Error("this chip is on the I²C bus already: detach it first");
    this.#targets.push(target);
  }

  detach(target: I2cTarget): void {
    const index = this.#targets.indexOf(target);
    if (index >= 0) this.#targets.splice(index, 1);
  }

  /** Whether chips understand what is on the wire from the next START on. */
  set readable(readable: boolean) {
    this.#listening = readable ? this.#targets : NOBODY;
  }

  /** How long clock periods take; fractions of a microsecond are dropped. */
  time(clocks: number): Micros {
    return Math.floor((clocks * 1_000_000) / this.#clockHz) as Micros;
  }

  /** The clock period in which a span that began with START ends, START being 0. */
  clockAt(span: Micros): number {
    return Math.floor((span * this.#clockHz) / 1_000_000);
  }

  /**
   * The transfer from its START at `at` to STOP, or to the first byte that is not acknowledged and STOP.
   * @returns the instant of the STOP.
   */
  run(at: Instant, { address7, out, into }: Request, outcome: Outcome): Instant {
    let bytes = 0;
    if (out !== undefined) {
      if (!this.#address(at, address7, false)) return this.#end(at, outcome, "nack-address", 0, 1);
      const acked = this.#send(out, out.length);
      if (acked < out.length) return this.#end(at, outcome, "nack-data", 1 + acked, 1);
      bytes = 1 + acked;
      if (into === undefined) return this.#end(at, outcome, undefined, bytes, 1);
    }
    const starts = out === undefined ? 1 : 2;
    const restart = after(at, this.time(CONDITION_CLOCKS * (starts - 1) + BYTE_CLOCKS * bytes));
    if (!this.#address(restart, address7, true)) return this.#end(at, outcome, "nack-address", bytes, starts);
    this.#fill(into!);
    return this.#end(at, outcome, undefined, bytes + 1 + into!.length, starts);
  }

  /** STOP. With an error, `bytes` is the position of the byte that took its nine clocks and was not acknowledged. */
  #end(
    at: Instant,
    outcome: Outcome,
    error: "nack-address" | "nack-data" | undefined,
    bytes: number,
    starts: number,
  ): Instant {
    const clocked = error === undefined ? bytes : bytes + 1;
    const took = this.time(CONDITION_CLOCKS * (starts + 1) + BYTE_CLOCKS * clocked);
    const end = after(at, took);
    for (let t = 0; t < this.#selectedCount; t++) this.#selected[t]!.stop(end);
    outcome.ok = error === undefined;
    outcome.error = error;
    outcome.byte = error === undefined ? undefined : bytes;
    outcome.took = took;
    return end;
  }

  /** The first `bytes` bytes of a transfer, once more, and no STOP. @returns whether the last of them was ACKed. */
  replay(at: Instant, { address7, out, into }: Request, bytes: number): boolean {
    if (bytes === 0) return false;
    let left = bytes;
    if (out !== undefined) {
      const sent = Math.min(left - 1, out.length);
      if (!this.#address(at, address7, false)) return false;
      const acked = this.#send(out, sent);
      left -= 1 + sent;
      if (left === 0 || into === undefined) return acked === sent;
    }
    const acked = this.#address(at, address7, true);
    if (left > 1) this.#fill(new Uint8Array(left - 1));
    return acked;
  }

  /** Of the transfer under way nothing has happened. */
  takeBack(): void {
    for (const chip of this.#takingPart()) chip.takeBack();
    this.#selectedCount = 0;
  }

  /**
   * The transfer under way ended at `at` without STOP. It can still be taken back: another master may prove to have been
   * there all along. @returns the chips that took part.
   */
  cutShort(at: Instant): I2cTarget[] {
    const chips = this.#takingPart();
    for (const chip of chips) chip.cutShort(at);
    return chips;
  }

  /** A chip that has left the bus in between knows nothing of what happens there. */
  #takingPart(): I2cTarget[] {
    return this.#selected.slice(0, this.#selectedCount).filter((chip) => this.#targets.includes(chip));
  }

  #address(at: Instant, address7: number, read: boolean): boolean {
    let count = 0;
    for (const target of this.#listening) {
      if (target.addressed(at, address7, read)) this.#selected[count++] = target;
    }
    this.#selectedCount = count;
    return count > 0;
  }

  /** How many of the first `length` bytes were ACKed. A 0 wins on the line, so one chip's ACK hides another's NACK. */
  #send(bytes: Uint8Array, length: number): number {
    const selected = this.#selected;
    const count = this.#selectedCount;
    for (let i = 0; i < length; i++) {
      let ack = false;
      for (let t = 0; t < count; t++) ack = selected[t]!.receive(bytes[i]!) || ack;
      if (!ack) return i;
    }
    return length;
  }

  #fill(into: Uint8Array): void {
    const selected = this.#selected;
    const count = this.#selectedCount;
    for (let i = 0; i < into.length; i++) {
      let line = 0xff;
      for (let t = 0; t < count; t++) line &= selected[t]!.transmit();
      into[i] = line;
    }
  }
}

/** Writes an error into an outcome. */
export function fail(outcome: Outcome, error: TransferError, byte: number, took: Micros): void {
  outcome.ok = false;
  outcome.error = error;
  outcome.byte = byte;
  outcome.took = took;
}
