/**
 * The chips' side of an I²C bus: which chips take part in a transfer, and what they see of it. It handles one transfer
 * at a time. `i2c-bus.ts` decides who may send when; its header says what is modelled.
 */
import { after, type Instant, type Micros } from "../engine/time.ts";
import { BYTE_CLOCKS, CONDITION_CLOCKS, type Request } from "./i2c-request.ts";

/**
 * A chip on the bus. Every chip sees each START and device address; only those that ACKed take part in what follows.
 */
export interface I2cTarget {
  /**
   * A START, or repeated START, at `at`, then a device address. An unfinished write is forgotten.
   * @returns true: ACK
   */
  addressed(at: Instant, address7: number, read: boolean): boolean;
  /** The master writes a byte, 0 to 255. @returns true: ACK */
  receive(byte: number): boolean;
  /** The master reads a byte, 0 to 255. */
  transmit(): number;
  /** STOP at `at`. The call comes at the START of the transfer, so that `at` is in the future. */
  stop(at: Instant): void;
  /** Undoes the transfer under way: the chip is as it was before its START. The calls of its true course follow. */
  takeBack(): void;
  /** The transfer under way ended at `at` without STOP, after the bytes seen so far. */
  cutShort(at: Instant): void;
}

/**
 * Why a transfer failed:
 * - `nack-address`, `nack-data`: no chip acknowledged that byte. MicroPython: ENODEV.
 * - `bus-busy`: another master began earlier and has not sent its STOP.
 * - `arbitration-lost`, `arbitration-undefined`: see i2c-arbitration.ts. MicroPython: ETIMEDOUT.
 * - `sda-stuck`, `scl-stuck`: the line is low although no master is sending; a time-out shows it. MicroPython:
 *   ETIMEDOUT.
 */
export type TransferError =
  | "nack-address"
  | "nack-data"
  | "bus-busy"
  | "arbitration-lost"
  | "arbitration-undefined"
  | "sda-stuck"
  | "scl-stuck";

/** A transfer's outcome while the bus may still amend it: one mutable shape for every outcome. `Transfer` says more. */
export interface Outcome {
  ok: boolean;
  error: TransferError | undefined;
  byte: number | undefined;
  took: Micros;
}

const NOBODY: readonly I2cTarget[] = [];

/** Runs one transfer at a time on the chips of a bus, byte by byte, and computes its bus time. */
export class I2cWire {
  readonly #clockHz: number;
  readonly #targets: I2cTarget[] = [];
  /** The chips that understand what is on the wire: all, or none. */
  #listening: readonly I2cTarget[] = this.#targets;
  /**
   * The first `#selectedCount` of these ACKed the last device address. Never cut: regrowing it costs a transfer 10 %.
   */
  readonly #selected: I2cTarget[] = [];
  #selectedCount = 0;

  /** @throws RangeError when the clock is not a positive number. */
  constructor(clockHz: number) {
    if (!(clockHz > 0)) throw new RangeError(`I²C clock of ${clockHz} Hz: expected more than 0`);
    this.#clockHz = clockHz;
  }

  /** Puts a chip on the bus. @throws Error when it is on it already. */
  attach(target: I2cTarget): void {
    if (this.#targets.includes(target))
      throw new Error("this chip is on the I²C bus already: detach it first");
    this.#targets.push(target);
  }

  /** Takes a chip off the bus; nothing happens when it is not on it. */
  detach(target: I2cTarget): void {
    const index = this.#targets.indexOf(target);
    if (index >= 0) this.#targets.splice(index, 1);
  }

  /** Sets whether chips understand what is on the wire from the next START on. */
  set readable(readable: boolean) {
    this.#listening = readable ? this.#targets : NOBODY;
  }

  /** How long `clocks` clock periods take; fractions of a microsecond are dropped. */
  time(clocks: number): Micros {
    return Math.floor((clocks * 1_000_000) / this.#clockHz) as Micros;
  }

  /** The clock period in which a span that began with START ends, START being 0. */
  clockAt(span: Micros): number {
    return Math.floor((span * this.#clockHz) / 1_000_000);
  }

  /**
   * Runs the transfer from its START at `at` to STOP, which comes after its end or the first byte that is not
   * acknowledged.
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

  /**
   * Runs the first `bytes` bytes of a transfer once more, without STOP.
   * @returns whether the last of them was ACKed.
   */
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

  /** Undoes the transfer under way on all chips that take part. */
  takeBack(): void {
    for (const chip of this.#takingPart()) chip.takeBack();
    this.#selectedCount = 0;
  }

  /**
   * Ends the transfer under way at `at` without STOP. It can still be taken back, when another master proves to have
   * been part of it. @returns the chips that took part.
   */
  cutShort(at: Instant): I2cTarget[] {
    const chips = this.#takingPart();
    for (const chip of chips) chip.cutShort(at);
    return chips;
  }

  /** The chips that take part, without those that have left the bus since. */
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

  /**
   * Sends the first `length` bytes.
   * @returns how many were ACKed; one chip's ACK hides another's NACK, as 0 wins on the line
   */
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
