/**
 * An I²C bus at the level of bytes: START, device address, data, ACK or NACK, repeated START, STOP (I²C-bus
 * specification UM10204, section 3.1). Each transfer runs to its end when it is asked for; the bus stays occupied until
 * the instant at which its STOP is over.
 *
 * Modelled: bus time, ACK as a wired AND (two chips strapped to one address both take a write, and a read returns the
 * AND of their bytes), a transfer cut short by the death of its master.
 * Not modelled: arbitration (a transfer that begins while another one is going on is refused as "bus-busy"; of two that
 * begin in the same instant the first to be asked for wins), clock stretching, stuck or unpowered lines, missing
 * pull-ups, 10-bit addresses, bit errors, and a chip that leaves in the middle of a read (the bytes have arrived by then).
 */
import { after, type Instant, type Micros, START } from "../engine/time.ts";

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
  /** The transfer under way ended at `at` without the STOP that was announced. */
  cutShort(at: Instant): void;
}

/**
 * How a transfer ended. `took` is the time the bus was occupied by it. `byte` is the position of what was not
 * acknowledged, counting from the device address as 0; a second device address, after a repeated START, counts too.
 */
export type Transfer =
  | { readonly ok: true; readonly took: Micros }
  | {
      readonly ok: false;
      readonly error: "nack-address" | "nack-data" | "bus-busy";
      readonly byte: number;
      readonly took: Micros;
    };

/**
 * Clock periods: eight bits and ACK to a byte, one for START, repeated START and STOP each. At 400 kHz, with fractions
 * of a microsecond dropped, these are the four figures of FACTS.md, "AT24C256", row "bus time at 400 kHz": 20-byte
 * write 1 + 9×23 + 1 = 209 clocks = 522 µs, 64-byte write 605 = 1,512 µs, 20-byte read 1 + 9×3 + 1 + 9×21 + 1 = 219 =
 * 547 µs, 64-byte read 615 = 1,537 µs.
 */
const BYTE_CLOCKS = 9;
const CONDITION_CLOCKS = 1;
const ADDRESS7_MAX = 0x7f;

const BUS_BUSY: Transfer = { ok: false, error: "bus-busy", byte: 0, took: 0 as Micros };

export class I2cBus {
  readonly #clockHz: number;
  readonly #targets: I2cTarget[] = [];
  /** The first `#selectedCount` of these ACKed the last device address. Never cut: regrowing it costs a transfer 10 %. */
  readonly #selected: I2cTarget[] = [];
  #selectedCount = 0;
  #freeAt: Instant = START;

  /**
   * @param options clockHz: 100,000 or 400,000 for the chips modelled here.
   * @throws RangeError when the clock is not a positive number.
   */
  constructor(options: { readonly clockHz: number }) {
    if (!(options.clockHz > 0))
      throw new RangeError(`I²C clock of ${options.clockHz} Hz: expected more than 0`);
    this.#clockHz = options.clockHz;
  }

  /**
   * Wires a chip to the bus.
   * @throws Error when it is on it already.
   */
  attach(target: I2cTarget): void {
    if (this.#targets.includes(target))
      throw new Error("this chip is on the I²C bus already: detach it first");
    this.#targets.push(target);
  }

  /** Takes a chip off the bus: dislodged or without power. Nothing happens when it is not on it. */
  detach(target: I2cTarget): void {
    const index = this.#targets.indexOf(target);
    if (index >= 0) this.#targets.splice(index, 1);
  }

  /** True while a transfer that began earlier is still going on. */
  occupied(at: Instant): boolean {
    return at < this.#freeAt;
  }

  /**
   * START, device address, `bytes`, STOP. Without bytes it is an ACK poll (AT24C256 datasheet, "Acknowledge Polling").
   * @throws RangeError when the address has more than seven bits.
   */
  write(at: Instant, address7: number, bytes: Uint8Array): Transfer {
    if (this.occupied(at)) return BUS_BUSY;
    if (!this.#address(at, address7, false)) return this.#nack(at, "nack-address", 0, 1);
    const acked = this.#send(bytes);
    if (acked < bytes.length) return this.#nack(at, "nack-data", 1 + acked, 1);
    return this.#done(at, 1 + acked, 1);
  }

  /**
   * START, device address, bytes into `into` (the last one answered with NACK, which ends the read), STOP.
   * @throws RangeError when `into` has no room for a byte, or the address more than seven bits.
   */
  read(at: Instant, address7: number, into: Uint8Array): Transfer {
    assertRoom(into);
    if (this.occupied(at)) return BUS_BUSY;
    if (!this.#address(at, address7, true)) return this.#nack(at, "nack-address", 0, 1);
    this.#fill(into);
    return this.#done(at, 1 + into.length, 1);
  }

  /**
   * START, device address, `out`, repeated START, device address, bytes into `into`, STOP.
   * @throws RangeError when `into` has no room for a byte, or the address more than seven bits.
   */
  writeRead(at: Instant, address7: number, out: Uint8Array, into: Uint8Array): Transfer {
    assertRoom(into);
    if (this.occupied(at)) return BUS_BUSY;
    if (!this.#address(at, address7, false)) return this.#nack(at, "nack-address", 0, 1);
    const acked = this.#send(out);
    if (acked < out.length) return this.#nack(at, "nack-data", 1 + acked, 1);
    const written = 1 + acked;
    const restart = after(at, this.#time(CONDITION_CLOCKS + BYTE_CLOCKS * written));
    if (!this.#address(restart, address7, true)) return this.#nack(at, "nack-address", written, 2);
    this.#fill(into);
    return this.#done(at, written + 1 + into.length, 2);
  }

  /**
   * The master of the transfer under way dies at `at`: its STOP never comes, and the bus is free for the next START.
   * Nothing happens when no transfer is going on.
   */
  abandon(at: Instant): void {
    if (!this.occupied(at)) return;
    this.#freeAt = at;
    for (let t = 0; t < this.#selectedCount; t++) this.#selected[t]!.cutShort(at);
    this.#selectedCount = 0;
  }

  #address(at: Instant, address7: number, read: boolean): boolean {
    if (!Number.isInteger(address7) || address7 < 0 || address7 > ADDRESS7_MAX) {
      throw new RangeError(`I²C address ${address7}: expected 0 to 127, without the read/write bit`);
    }
    let count = 0;
    for (const target of this.#targets) {
      if (target.addressed(at, address7, read)) this.#selected[count++] = target;
    }
    this.#selectedCount = count;
    return count > 0;
  }

  /** How many of the bytes were ACKed. A 0 wins on the line, so one chip's ACK hides another's NACK. */
  #send(bytes: Uint8Array): number {
    const selected = this.#selected;
    const count = this.#selectedCount;
    for (let i = 0; i < bytes.length; i++) {
      let ack = false;
      for (let t = 0; t < count; t++) ack = selected[t]!.receive(bytes[i]!) || ack;
      if (!ack) return i;
    }
    return bytes.length;
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

  #time(clocks: number): Micros {
    return Math.floor((clocks * 1_000_000) / this.#clockHz) as Micros;
  }

  #stop(at: Instant, bytes: number, starts: number): Micros {
    const took = this.#time(CONDITION_CLOCKS * (starts + 1) + BYTE_CLOCKS * bytes);
    this.#freeAt = after(at, took);
    for (let t = 0; t < this.#selectedCount; t++) this.#selected[t]!.stop(this.#freeAt);
    return took;
  }

  #done(at: Instant, bytes: number, starts: number): Transfer {
    return { ok: true, took: this.#stop(at, bytes, starts) };
  }

  // The byte that was not acknowledged took its nine clocks as well; the master then sends STOP.
  #nack(at: Instant, error: "nack-address" | "nack-data", byte: number, starts: number): Transfer {
    return { ok: false, error, byte, took: this.#stop(at, byte + 1, starts) };
  }
}

function assertRoom(into: Uint8Array): void {
  if (into.length === 0)
    throw new RangeError("an I²C read clocks in at least one byte: give it room for one");
}
