/**
 * AT24C256 serial EEPROM, 32,768 bytes in 512 pages (Microchip DS20006042; FACTS.md, "AT24C256").
 *
 * Modelled: page write with its wrap, word address and address pointer, sequential read with its wrap, write cycle
 * (tWR) without ACK, WP, a write without STOP, loss of power in tWR, write cycles per page.
 * Not modelled: WP that changes during a transfer (it is taken as it stands when the transfer is asked for), stuck bits
 * and worn cells, supply ramps, the software reset sequence, a word address of one byte only (it leaves the pointer as
 * it was). A transfer that is cut short leaves the pointer as if it had run to its end.
 */
import { after, type Instant, type Micros, millis, START } from "../engine/time.ts";
import { BLANK_BYTE, EEPROM_BYTES, parseEepromImage } from "./eeprom-image.ts";
import type { I2cTarget } from "./i2c-bus.ts";

/** Bytes of a page: "Page Write" increments the low six address bits only. */
export const PAGE_BYTES = 64;
export const PAGE_COUNT = EEPROM_BYTES / PAGE_BYTES;
/** tWR, the longest self-timed write cycle ("AC Characteristics"). Other makes take up to 10 ms. */
export const WRITE_CYCLE_MAX: Micros = millis(5);

/** Device address: 1010, then the pins A2 A1 A0. */
export type At24Address = 0x50 | 0x51 | 0x52 | 0x53 | 0x54 | 0x55 | 0x56 | 0x57;

/** What a loss of power during tWR leaves undefined: the addressed bytes, or, on some makes, their whole page. */
export type TornWrite = "addressed-bytes" | "whole-page";

/** The part of a random stream that undefined contents come from. */
export interface UndefinedBytes {
  below(n: number): number;
}

const OFFSET_MASK = PAGE_BYTES - 1;
const ADDRESS_MASK = EEPROM_BYTES - 1; // "the most significant bit is a don't-care"

export interface At24Options {
  readonly address: At24Address;
  /** Contents at the start, 32,768 bytes; copied. @default all FFh, as delivered */
  readonly image?: Uint8Array;
  /** tWR of this chip. @default 5 ms */
  readonly writeCycle?: Micros;
}

export class At24c256 implements I2cTarget {
  readonly address: At24Address;
  /** The cells. Bytes under a write cycle show their new value. */
  readonly memory: Uint8Array;
  /** The WP pin, sampled at STOP: while high, bytes are ACKed and nothing is written. */
  writeProtect = false;

  readonly #writeCycle: Micros;
  readonly #pageWrites = new Uint32Array(PAGE_COUNT);

  /** Internal data word address counter. */
  #pointer = 0;
  /** Bytes of the word address received since START. */
  #wordBytes = 0;
  #wordHigh = 0;

  /** Data received since START, at its place within the page. */
  readonly #latch = new Uint8Array(PAGE_BYTES);
  #latched = 0;
  #firstOffset = 0;

  /** The last write cycle: [STOP, STOP + tWR), and what its page held before. */
  #cycleFrom: Instant = START;
  #cycleUntil: Instant = START;
  #cycleBase = 0;
  #cycleFirstOffset = 0;
  #cycleBytes = 0;
  readonly #before = new Uint8Array(PAGE_BYTES);

  /** @throws EepromImageError when the image is not 32,768 bytes long. */
  constructor(options: At24Options) {
    this.address = options.address;
    this.#writeCycle = options.writeCycle ?? WRITE_CYCLE_MAX;
    this.memory =
      options.image === undefined
        ? new Uint8Array(EEPROM_BYTES).fill(BLANK_BYTE)
        : parseEepromImage(options.image, `image of the chip at 0x${options.address.toString(16)}`);
  }

  /** Write cycles that a page has begun: wear, 1,000,000 by the datasheet. */
  pageWrites(page: number): number {
    const writes = this.#pageWrites[page];
    if (writes === undefined) throw new RangeError(`page ${page}: expected 0 to ${PAGE_COUNT - 1}`);
    return writes;
  }

  /** True during tWR. */
  writing(at: Instant): boolean {
    return at >= this.#cycleFrom && at < this.#cycleUntil;
  }

  addressed(at: Instant, address7: number, _read: boolean): boolean {
    // "All inputs are disabled during this write cycle": not even a START is seen.
    if (at < this.#cycleUntil) return false;
    this.#wordBytes = 0;
    this.#latched = 0;
    return address7 === this.address;
  }

  receive(byte: number): boolean {
    if (this.#wordBytes === 0) {
      this.#wordHigh = byte;
      this.#wordBytes = 1;
    } else if (this.#wordBytes === 1) {
      this.#pointer = ((this.#wordHigh << 8) | byte) & ADDRESS_MASK;
      this.#wordBytes = 2;
    } else {
      this.#load(byte);
    }
    return true;
  }

  transmit(): number {
    const byte = this.memory[this.#pointer]!;
    // "The address roll over during read is from the last byte of the last page to the first byte of the first page."
    this.#pointer = (this.#pointer + 1) & ADDRESS_MASK;
    return byte;
  }

  stop(at: Instant): void {
    const latched = this.#latched;
    this.#latched = 0;
    if (latched === 0 || this.writeProtect) return;
    this.#cycleFrom = at;
    this.#cycleUntil = after(at, this.#writeCycle);
    this.#cycleBase = this.#pointer & ~OFFSET_MASK;
    this.#cycleFirstOffset = this.#firstOffset;
    this.#cycleBytes = Math.min(latched, PAGE_BYTES);
    this.#pageWrites[this.#cycleBase / PAGE_BYTES]! += 1;
    this.#program();
  }

  cutShort(at: Instant): void {
    this.#latched = 0;
    if (at < this.#cycleFrom) this.#undo(at);
  }

  /**
   * Power goes at `at`, and is back when the chip is next addressed (detach it from the bus for as long as it is away).
   * Before STOP nothing is written. In tWR the bytes concerned are undefined, as is the address pointer afterwards:
   * both are drawn from `undefinedBytes`.
   */
  powerLoss(at: Instant, undefinedBytes: UndefinedBytes, mode: TornWrite): void {
    this.#latched = 0;
    if (at < this.#cycleFrom) this.#undo(at);
    else if (at < this.#cycleUntil) this.#tear(at, undefinedBytes, mode);
    this.#pointer = undefinedBytes.below(EEPROM_BYTES);
  }

  /** Takes a data byte; past the 64th the first ones are overwritten, as "Page Write" says. */
  #load(byte: number): void {
    const offset = this.#pointer & OFFSET_MASK;
    if (this.#latched === 0) this.#firstOffset = offset;
    this.#latch[offset] = byte;
    this.#latched += 1;
    this.#pointer = (this.#pointer & ~OFFSET_MASK) | ((offset + 1) & OFFSET_MASK);
  }

  #program(): void {
    const base = this.#cycleBase;
    for (let i = 0; i < this.#cycleBytes; i++) {
      const offset = (this.#cycleFirstOffset + i) & OFFSET_MASK;
      this.#before[offset] = this.memory[base + offset]!;
      this.memory[base + offset] = this.#latch[offset]!;
    }
  }

  /** The STOP that was announced never came: no write cycle took place. */
  #undo(at: Instant): void {
    for (let i = 0; i < this.#cycleBytes; i++) {
      const offset = (this.#cycleFirstOffset + i) & OFFSET_MASK;
      this.memory[this.#cycleBase + offset] = this.#before[offset]!;
    }
    this.#pageWrites[this.#cycleBase / PAGE_BYTES]! -= 1;
    this.#endCycle(at);
  }

  #tear(at: Instant, undefinedBytes: UndefinedBytes, mode: TornWrite): void {
    const [first, count] =
      mode === "whole-page" ? [0, PAGE_BYTES] : [this.#cycleFirstOffset, this.#cycleBytes];
    for (let i = 0; i < count; i++) {
      this.memory[this.#cycleBase + ((first + i) & OFFSET_MASK)] = undefinedBytes.below(256);
    }
    this.#endCycle(at);
  }

  #endCycle(at: Instant): void {
    this.#cycleFrom = at;
    this.#cycleUntil = at;
  }
}
