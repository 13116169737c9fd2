/**
 * What a master wants on the bus, laid out clock by clock, so that two masters can be compared and the death of one be
 * placed: START, then slots of nine clocks (eight bits and ACK) or of one (repeated START, STOP).
 */

/**
 * One transfer: `out` alone is a write, `into` alone a read, both a write and then, after a repeated START, a read. At
 * least one is given, and `into` has room for a byte.
 */
export interface Request {
  readonly address7: number;
  readonly out: Uint8Array | undefined;
  readonly into: Uint8Array | undefined;
}

/**
 * What the master itself puts on SDA in a slot: nine bits, the first sent being the highest (a released line is 1, as is
 * the ACK bit while the chip answers), or a repeated START (Sr), or STOP (P).
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

/** Which slot holds the repeated START. */
const restartSlot = ({ out, into }: Request): number =>
  out === undefined || into === undefined ? Number.POSITIVE_INFINITY : 1 + out.length;

/** The first slot in which a byte is read, past the device address that asks for it. */
const readSlot = ({ out, into }: Request): number =>
  into === undefined ? Number.POSITIVE_INFINITY : out === undefined ? 1 : out.length + 3;

/** Slot `slot` of a request, 0 being the device address. After the last one, STOP. */
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

/** Bytes sent or read before slot `slot`, the device addresses included. */
export const bytesBefore = (request: Request, slot: number): number =>
  slot > restartSlot(request) ? slot - 1 : slot;

/** Clock periods from START on, that one included, until slot `slot` begins. */
export function clocksBefore(request: Request, slot: number): number {
  const bytes = bytesBefore(request, slot);
  return CONDITION_CLOCKS * (1 + slot - bytes) + BYTE_CLOCKS * bytes;
}

/** What is on the wire in one clock period. */
export interface Place {
  /** Bytes that are complete, the device addresses included. */
  readonly bytes: number;
  /** 0 to 7, or 8 for ACK; 0 in a condition. */
  readonly bit: number;
  /** Who sends the byte: the master, or a chip; or there is none, but a START, repeated START or STOP. */
  readonly sender: "master" | "chip" | "condition";
  /** Which of the bytes read this is, while a chip sends. */
  readonly readIndex: number;
}

/** The place of clock period `clock`, 0 being START; past the end it is STOP. */
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
