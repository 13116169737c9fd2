/**
 * The record's extension: what a node says beyond its record, in the same page write, behind it. It has a CRC of its own. One
 * that is torn, or absent as with older firmware, is unknown, and never makes the record invalid. 0 is unknown in every field.
 *
 *     after the record's 28 bytes, big-endian
 *     0x1C  sleep_s   the period that this node sleeps now, seconds
 *     0x1E  time      its wall clock, epoch s
 *     0x22  battery   in steps of 25 mV
 *     0x23  health    bit 0: its sensor fails; 1: its clock is a peer's; 2: its log overwrote what was not sent; 3: it found a
 *                     record under its number that it did not write; 4: another board has its number, and it rests; 5: its RTC
 *                     memory did not survive its sleep; 6 and 7: the firmware's minor version
 *     0x24  settings  the revision that it applies
 *     0x26  head      index of its log's next entry
 *     0x28  sent      8 numbers of 2 bytes, by node: index up to which that node's log has been delivered
 *     0x38  CRC-32    of the 32 bytes before: the record's own CRC is among them, so that an extension goes with its record
 */
import { crc32 } from "./crc32.ts";

/** Length of the extension, its CRC-32 included. */
export const EXTENSION_BYTES = 32;
const CRC_AT = 28;
/** Of the record before it. */
const RECORD_CRC_BYTES = 4;
const SENT_AT = 12;
const SENT = 8;

/** Bits of `health` that this firmware sets. */
export const HEALTH = { contested: 1 << 3, resting: 1 << 4, forgets: 1 << 5 } as const;

/** What the extension holds. The file's header has each field's place, unit and meaning. */
export interface Extension {
  readonly sleepS: number;
  readonly timeS: number;
  readonly battery: number;
  readonly health: number;
  readonly settings: number;
  readonly head: number;
  readonly sent: readonly number[];
}

/** One in which everything is unknown. */
export const UNKNOWN: Extension = {
  sleepS: 0,
  timeS: 0,
  battery: 0,
  health: 0,
  settings: 0,
  head: 0,
  sent: new Array<number>(SENT).fill(0),
};

/** Writes the extension's 32 bytes at `at` of `bytes`, behind a record that is there already. */
export function putExtension(extension: Extension, bytes: Uint8Array, at: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, EXTENSION_BYTES);
  view.setUint16(0, extension.sleepS);
  view.setUint32(2, extension.timeS);
  view.setUint8(6, extension.battery);
  view.setUint8(7, extension.health);
  view.setUint16(8, extension.settings);
  view.setUint16(10, extension.head);
  for (let node = 0; node < SENT; node++) view.setUint16(SENT_AT + 2 * node, extension.sent[node] ?? 0);
  sealExtension(bytes, at);
}

/** Writes the checksum of the extension at `at` of `bytes`, which covers the record's own. */
export function sealExtension(bytes: Uint8Array, at: number): void {
  new DataView(bytes.buffer, bytes.byteOffset + at, EXTENSION_BYTES).setUint32(CRC_AT, crcOf(bytes, at));
}

const crcOf = (bytes: Uint8Array, at: number): number =>
  crc32(bytes, at - RECORD_CRC_BYTES, RECORD_CRC_BYTES + CRC_AT);

/** The extension at `at` of `bytes`, behind its record; undefined where there is none that is whole. */
export function parseExtension(bytes: Uint8Array, at: number): Extension | undefined {
  const isBlank = bytes[at] === 0xff && bytes[at + 1] === 0xff;
  if (isBlank || bytes.length < at + EXTENSION_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, EXTENSION_BYTES);
  if (view.getUint32(CRC_AT) !== crcOf(bytes, at)) return undefined;
  return {
    sleepS: view.getUint16(0),
    timeS: view.getUint32(2),
    battery: view.getUint8(6),
    health: view.getUint8(7),
    settings: view.getUint16(8),
    head: view.getUint16(10),
    sent: Array.from({ length: SENT }, (_, node) => view.getUint16(SENT_AT + 2 * node)),
  };
}
