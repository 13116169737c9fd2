/**
 * A transfer as its master asks for it, clock by clock: START, then slots of nine clocks (eight bits and ACK) or of one
 * (repeated START, STOP). It serves to compare two masters, and to find where the death of one falls.
 */

/**
 * One transfer: with `out` alone a write, with `into` alone a read, with both a write and then, after a repeated START,
 * a read. At least one is given, and `into` has room for at least a byte.
 */
export interface Request {
  readonly address7: number;
  readonly out: Uint8Array | undefined;
  readonly into: Uint8Array | undefined;
}

/**
 * What the master itself puts on SDA in a slot: nine bits, the highest first; or a repeated START (Sr); or STOP (P). A
 * released line is 1, so that the ACK bit is 1 while the chip answers.
 */
export type Slot = number | "Sr" | "P";

/** Clock periods of a slot with a byte: eight bits and ACK. */
export const BYTE_CLOCKS = 9;
/** Clock periods of START, repeated START and STOP. */
export const CONDITION_CLOCKS = 1;
/** The ACK bit, after bits 0 to 7. */
export const ACK_BIT = 8;

const written = (byte: number): number => (byte << 1) | 1;
/** Eight bits released to the chip, then the master's answer: ACK (0) asks for more, NACK (1) ends the read. */
const READ_ON = 0x1fe;
const READ_LAST = 0x1ff;

/** The slot of the repeated START; Infinity: there is none. */
const restartSlot = ({ out, into }: Request): number =>
  out === undefined || into === undefined ? Number.POSITIVE_INFINITY : 1 + out.length;

/** The first slot in which a byte is read, after the device address; Infinity: none is. */
const readSlot = ({ out, into }: Request): number =>
  into === undefined ? Number.POSITIVE_INFINITY : out === undefined ? 1 : out.length + 3;

/** What the master sends in slot `slot`; 0 is the device address, and all after the last one are STOP. */
export function slotOf(request: Request, slot: number): Slot {
  const { address7, out, into } = request;
  const reads = readSlot(request);
  if (slot === restartSlot(request)) return "Sr";
  if (slot === reads - 1) return written((address7 << 1) | 1);
  if (slot >= reads) {
    const read = slot - reads;
    return read > into!.length - 1 ? "P" : read === into!.length - 1 ? READ_LAST : READ_ON;
  }
  if (slot === 0) return written(address7 << 1);
  return slot <= out!.length ? written(out![slot - 1]!) : "P";
}

/** Number of bytes sent or read before slot `slot`, device addresses included. */
export const bytesBefore = (request: Request, slot: number): number =>
  slot > restartSlot(request) ? slot - 1 : slot;

/** Clock periods before slot `slot`, that of START included. */
export function clocksBefore(request: Request, slot: number): number {
  const bytes = bytesBefore(request, slot);
  return CONDITION_CLOCKS * (1 + slot - bytes) + BYTE_CLOCKS * bytes;
}

/** What one clock period belongs to. */
export interface Place {
  /** Number of bytes that are complete, device addresses included. */
  readonly bytes: number;
  /** Bit of the byte, 0 to 7, or 8 for ACK; 0 in a condition. */
  readonly bit: number;
  /** Who sends the byte; `condition`: there is no byte, but a START, repeated START or STOP. */
  readonly sender: "master" | "chip" | "condition";
  /** While a chip sends: which of the bytes read this is, from 0 on; else 0. */
  readonly readIndex: number;
}

/** What clock period `clock` belongs to; 0 is START, and all after the end are STOP. */
export function placeAt(request: Request, clock: number): Place {
  if (clock < CONDITION_CLOCKS) return { bytes: 0, bit: 0, sender: "condition", readIndex: 0 };
  let slot = 0;
  while (slotOf(request, slot) !== "P" && clocksBefore(request, slot + 1) <= clock) slot += 1;
  const bytes = bytesBefore(request, slot);
  if (typeof slotOf(request, slot) === "string") return { bytes, bit: 0, sender: "condition", readIndex: 0 };
  const bit = clock - clocksBefore(request, slot);
  const readIndex = slot - readSlot(request);
  return readIndex < 0
    ? { bytes, bit, sender: "master", readIndex: 0 }
    : { bytes, bit, sender: "chip", readIndex };
}
