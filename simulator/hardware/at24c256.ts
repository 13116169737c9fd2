/**
 * AT24C256 serial EEPROM, 32,768 bytes in 512 pages (Microchip DS20006042; FACTS.md, "AT24C256"), and its smaller and larger
 * relatives (`eeprom-parts.ts`), which somebody may fit in its place.
 *
 * Modelled: page write with its wrap, word address and address pointer, sequential read with its wrap, write cycle
 * (tWR) without ACK, WP, a write without STOP, loss of power in tWR, wear of pages, stuck bits.
 *
 * A worn page (more write cycles than `endurance`) keeps its contents: further writes are ACKed and take their tWR, but
 * the cells no longer change, which only reading back shows. Real cells wear out one by one, well after the guaranteed
 * number, and at first lose their charge in months instead of decades. The abrupt end of a whole page is the worst case
 * for software, and easy to reproduce.
 *
 * Not modelled: WP that changes during a transfer (it is taken as it stands when the transfer is asked for), cells that
 * lose their charge with time, supply ramps, the software reset sequence, a word address of one byte only (it leaves
 * the pointer as it was).
 */
import { after, type Instant, type Micros, millis, START } from "../engine/time.ts";
import { BLANK_BYTE, EEPROM_BYTES, parseEepromImage } from "./eeprom-image.ts";
import { EEPROM_PARTS, type EepromPartName } from "./eeprom-parts.ts";
import type { I2cTarget } from "./i2c-wire.ts";
import { StuckBits } from "./stuck-bits.ts";

/** Length of a page of an AT24C256 in bytes: "Page Write" increments the low six address bits only. */
export const PAGE_BYTES = 64;
/** Pages of an AT24C256: 512. */
export const PAGE_COUNT = EEPROM_BYTES / PAGE_BYTES;
/** tWR, the longest self-timed write cycle ("AC Characteristics"). Other makes take up to 10 ms. */
export const WRITE_CYCLE_MAX: Micros = millis(5);
/** Guaranteed write cycles of a page ("Reliability Characteristics"). Old parts: 100,000. */
export const PAGE_ENDURANCE = 1_000_000;

/** Device address of seven bits: 1010, then the pins A2 A1 A0. */
export type At24Address = 0x50 | 0x51 | 0x52 | 0x53 | 0x54 | 0x55 | 0x56 | 0x57;

/** What a loss of power during tWR leaves undefined: the addressed bytes, or, on some makes, their whole page. */
export type TornWrite = "addressed-bytes" | "whole-page";

/** The source of undefined contents: the part of `Rng` that it takes. */
export interface UndefinedBytes {
  /** A whole number from 0 to `n` − 1. */
  below(n: number): number;
}

/** How one chip differs from the datasheet's typical one. */
export interface At24Options {
  readonly address: At24Address;
  /** @default AT24C256 */
  readonly part?: EepromPartName;
  /** Contents at the start of an AT24C256, 32,768 bytes; copied. @default all FFh, as delivered */
  readonly image?: Uint8Array;
  /** tWR of this chip. @default 5 ms */
  readonly writeCycle?: Micros;
  /** Write cycles after which a page is worn. @default 1,000,000 */
  readonly endurance?: number;
}

/** One AT24C256 as a target on the bus: cells, page buffer, write cycle, wear and write protection. */
export class At24c256 implements I2cTarget {
  /** Device address, as the pins A2 A1 A0 are strapped. */
  address: At24Address;
  readonly part: EepromPartName;
  /** The cells: 32,768 bytes in an AT24C256. Bytes in a write cycle have their new value already; stuck bits affect reads alone. */
  readonly memory: Uint8Array;
  /** tWR of this chip; a change affects the next write cycle. */
  writeCycle: Micros;
  /** The WP pin, sampled at STOP: while high, bytes are ACKed and nothing is written. */
  writeProtect = false;

  readonly #endurance: number;
  readonly #pageBytes: number;
  readonly #pageWrites: Uint32Array;
  #stuckBits: StuckBits | undefined;

  /** Internal data word address counter. */
  #pointer = 0;
  /** Bytes of the word address received since START. */
  #wordBytes = 0;
  #wordHigh = 0;
  /** From the first START that names this chip to the end of the transfer. */
  #engaged = false;
  /** What the transfer found and did, for `takeBack`. */
  #pointerBefore = 0;
  #begunCycle = false;

  /** Data received since START, at its place within the page. */
  readonly #latch: Uint8Array;
  #latched = 0;
  #firstOffset = 0;

  /** The last write cycle: [STOP, STOP + tWR), and what its page held before. */
  #cycleFrom: Instant = START;
  #cycleUntil: Instant = START;
  #cycleBase = 0;
  #cycleFirstOffset = 0;
  #cycleBytes = 0;
  readonly #before: Uint8Array;

  /** @throws EepromImageError when the image is not 32,768 bytes long. */
  constructor(options: At24Options) {
    this.address = options.address;
    this.part = options.part ?? "AT24C256";
    const { bytes, pageBytes } = EEPROM_PARTS[this.part];
    this.#pageBytes = pageBytes;
    this.#pageWrites = new Uint32Array(bytes / pageBytes);
    this.#latch = new Uint8Array(pageBytes);
    this.#before = new Uint8Array(pageBytes);
    this.writeCycle = options.writeCycle ?? WRITE_CYCLE_MAX;
    this.#endurance = options.endurance ?? PAGE_ENDURANCE;
    this.memory =
      options.image === undefined
        ? new Uint8Array(bytes).fill(BLANK_BYTE)
        : parseEepromImage(options.image, `image of the chip at 0x${options.address.toString(16)}`);
  }

  /** Number of pages. */
  get pages(): number {
    return this.#pageWrites.length;
  }

  /** Length of a page, bytes. */
  get pageBytes(): number {
    return this.#pageBytes;
  }

  /**
   * Number of write cycles that a page has begun.
   * @throws RangeError when there is no such page.
   */
  pageWrites(page: number): number {
    const writes = this.#pageWrites[page];
    if (writes === undefined) throw new RangeError(`page ${page}: expected 0 to ${this.pages - 1}`);
    return writes;
  }

  /**
   * Ages a page by write cycles from before the run, as in a used chip.
   * @throws RangeError when there is no such page, or `cycles` is not a whole number from 0 on.
   */
  wear(page: number, cycles: number): void {
    if (!Number.isInteger(cycles) || cycles < 0)
      throw new RangeError(`${cycles} write cycles of wear: expected a whole number, 0 or more`);
    this.#pageWrites[page] = this.pageWrites(page) + cycles;
  }

  /**
   * Sticks bits: those of `mask` at word address `word` read `value` from now on, whatever is written there.
   * @throws RangeError when the word address is not on the chip, or the mask is not 1 to 255.
   */
  stickBits(word: number, mask: number, value: 0 | 1): void {
    if (!Number.isInteger(word) || word < 0 || word >= this.memory.length)
      throw new RangeError(`stuck bits at word address ${word}: expected 0 to ${this.memory.length - 1}`);
    this.#stuckBits ??= new StuckBits();
    this.#stuckBits.stick(word, mask, value);
  }

  /** Frees all stuck bits: they read what was last written. */
  freeBits(): void {
    this.#stuckBits = undefined;
  }

  /** Whether a write cycle is under way at `at`. */
  writing(at: Instant): boolean {
    return at >= this.#cycleFrom && at < this.#cycleUntil;
  }

  addressed(at: Instant, address7: number, _read: boolean): boolean {
    // "All inputs are disabled during this write cycle": not even a START is seen.
    if (at < this.#cycleUntil) return false;
    this.#wordBytes = 0;
    this.#latched = 0;
    if (address7 !== this.address) return false;
    if (!this.#engaged) {
      this.#engaged = true;
      this.#pointerBefore = this.#pointer;
      this.#begunCycle = false;
    }
    return true;
  }

  receive(byte: number): boolean {
    if (this.#wordBytes === 0) {
      this.#wordHigh = byte;
      this.#wordBytes = 1;
    } else if (this.#wordBytes === 1) {
      this.#pointer = ((this.#wordHigh << 8) | byte) & (this.memory.length - 1);
      this.#wordBytes = 2;
    } else {
      this.#load(byte);
    }
    return true;
  }

  transmit(): number {
    const cells = this.memory[this.#pointer]!;
    const byte = this.#stuckBits === undefined ? cells : this.#stuckBits.seen(this.#pointer, cells);
    // "The address roll over during read is from the last byte of the last page to the first byte of the first page."
    this.#pointer = (this.#pointer + 1) & (this.memory.length - 1);
    return byte;
  }

  stop(at: Instant): void {
    const latched = this.#latched;
    this.#latched = 0;
    this.#engaged = false;
    if (latched === 0 || this.writeProtect) return;
    this.#cycleFrom = at;
    this.#cycleUntil = after(at, this.writeCycle);
    this.#cycleBase = this.#pointer & -this.#pageBytes;
    this.#cycleFirstOffset = this.#firstOffset;
    this.#cycleBytes = Math.min(latched, this.#pageBytes);
    this.#begunCycle = true;
    this.#pageWrites[this.#cycleBase / this.#pageBytes]! += 1;
    this.#program();
  }

  takeBack(): void {
    if (this.#begunCycle) this.#undo();
    this.#begunCycle = false;
    this.#latched = 0;
    this.#engaged = false;
    this.#pointer = this.#pointerBefore;
  }

  cutShort(_at: Instant): void {
    this.#latched = 0;
    this.#engaged = false;
  }

  /**
   * Takes the power at `at`; it is back when the chip is next addressed, so that the caller detaches the chip until
   * then. Before STOP nothing is written. In tWR the bytes that `mode` names become undefined, and the address pointer
   * in any case: both are drawn from `undefinedBytes`.
   */
  powerLoss(at: Instant, undefinedBytes: UndefinedBytes, mode: TornWrite): void {
    this.cutShort(at);
    if (at < this.#cycleFrom) this.#undo();
    else if (at < this.#cycleUntil) this.#tear(undefinedBytes, mode);
    this.#pointer = undefinedBytes.below(this.memory.length);
    // The bus may still amend the transfer that was under way, which no longer concerns this chip.
    this.#pointerBefore = this.#pointer;
    this.#begunCycle = false;
    this.#cycleFrom = at;
    this.#cycleUntil = at;
  }

  /** Takes a data byte; past the page's last the first ones are overwritten, as "Page Write" says. */
  #load(byte: number): void {
    const offset = this.#pointer & (this.#pageBytes - 1);
    if (this.#latched === 0) this.#firstOffset = offset;
    this.#latch[offset] = byte;
    this.#latched += 1;
    this.#pointer = (this.#pointer & -this.#pageBytes) | ((offset + 1) & (this.#pageBytes - 1));
  }

  #program(): void {
    const base = this.#cycleBase;
    const worn = this.#worn;
    for (let i = 0; i < this.#cycleBytes; i++) {
      const offset = (this.#cycleFirstOffset + i) & (this.#pageBytes - 1);
      this.#before[offset] = this.memory[base + offset]!;
      if (!worn) this.memory[base + offset] = this.#latch[offset]!;
    }
  }

  get #worn(): boolean {
    return this.#pageWrites[this.#cycleBase / this.#pageBytes]! > this.#endurance;
  }

  /** The STOP that was announced never came: no write cycle took place. */
  #undo(): void {
    for (let i = 0; i < this.#cycleBytes; i++) {
      const offset = (this.#cycleFirstOffset + i) & (this.#pageBytes - 1);
      this.memory[this.#cycleBase + offset] = this.#before[offset]!;
    }
    this.#pageWrites[this.#cycleBase / this.#pageBytes]! -= 1;
    // The cycle before it was over by then, or the chip would not have answered.
    this.#cycleFrom = START;
    this.#cycleUntil = START;
  }

  #tear(undefinedBytes: UndefinedBytes, mode: TornWrite): void {
    if (this.#worn) return; // cells that cannot change cannot be torn
    const [first, count] =
      mode === "whole-page" ? [0, this.#pageBytes] : [this.#cycleFirstOffset, this.#cycleBytes];
    for (let i = 0; i < count; i++) {
      this.memory[this.#cycleBase + ((first + i) & (this.#pageBytes - 1))] = undefinedBytes.below(256);
    }
  }
}
