/**
 * The record of one node. That node alone writes it, to two alternating pages of every chip. One record is one page
 * write, so that a torn write leaves the other page whole.
 *
 *     page 2k + (gen mod 2), big-endian
 *     0x00  48 32        magic
 *     0x02  01           version
 *     0x03  node
 *     0x04  cluster      CRC-32 of the cluster's name
 *     0x08  boot         cold starts of the node, from its flash
 *     0x0C  gen          records written since; (boot, gen) only ever rises, and is the heartbeat
 *     0x10  term         highest term that the node knows of; its own where it claims
 *     0x14  flags        bit 0: claims the role, under `term`; bit 1: is held down (`holdDownWakes` in `memory.ts`);
 *                        bit 2: was the last to claim, also after stepping down; bit 3: could not reach the
 *                        cloud when it last tried
 *     0x15  dead         bit k: node k is held to be dead
 *     0x16  reportedDead bit k: the cloud holds node k to be dead; where this differs from `dead`, a report is due
 *     0x17  admit        bit k: a person at this node wants node k admitted
 *     0x18  CRC-32       of the 24 bytes before
 *     0x1C               the extension (`extension.ts`), 32 bytes
 *
 * Every later version keeps these 28 bytes as they are, and adds behind them: its records are read as these.
 */
import { isAhead } from "../serial.ts";
import { crc32 } from "./crc32.ts";
import { EXTENSION_BYTES, type Extension, parseExtension, putExtension, sealExtension } from "./extension.ts";

const MAGIC = 0x4832;
/** The format that this code writes. */
export const RECORD_VERSION = 1;
const CRC_AT = 24;
/** Length of a record without its extension, CRC-32 included: 28 of a page's 64 bytes. */
export const RECORD_BYTES = CRC_AT + 4;
const PAGE_BYTES = 64;
const FLAG_CLAIMS = 1;
const FLAG_FAILING = 2;
const FLAG_LAST = 4;
const FLAG_OFFLINE = 8;

/**
 * What a node says on the chips: its heartbeat (boot, gen), its claim, and its lists of other nodes as bit masks. The
 * file's header has each field's place and meaning.
 */
export interface NodeRecord {
  readonly node: number;
  readonly boot: number;
  readonly gen: number;
  readonly term: number;
  readonly claims: boolean;
  readonly failing: boolean;
  /** It was the last to claim: its `dead` and `reportedDead` are the ones that hold. */
  readonly lastClaimant: boolean;
  /** It could not reach the cloud when it last tried. Told to the cloud by whoever can; nothing is decided by it. */
  readonly offline?: true;
  readonly dead: number;
  readonly reportedDead: number;
  readonly admit: number;
  /** Absent: torn, or of firmware that writes none. */
  readonly extension?: Extension | undefined;
}

/** Word address of a node's record with that gen. */
export const recordAddress = (node: number, gen: number): number => PAGE_BYTES * (2 * node + (gen & 1));

/** Number of bytes that a wake reads of a chip, from address 0 on: up to the end of the last node's second record. */
export const areaBytes = (nodes: number): number =>
  2 * PAGE_BYTES * (nodes - 1) + PAGE_BYTES + RECORD_BYTES + EXTENSION_BYTES;

/** The cluster's tag in each record: CRC-32 of its name, one byte for each character (names are ASCII). */
export const clusterTag = (cluster: string): number =>
  crc32(Uint8Array.from(cluster, (letter) => letter.charCodeAt(0)));

/** The record's 28 bytes, and its extension's 32 where it has one. @param cluster the cluster's tag */
export function formatRecord(record: NodeRecord, cluster: number): Uint8Array {
  const { extension } = record;
  const bytes = new Uint8Array(RECORD_BYTES + (extension === undefined ? 0 : EXTENSION_BYTES));
  const put32 = (at: number, value: number): void => {
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
  };
  bytes[0] = MAGIC >> 8;
  bytes[1] = MAGIC & 0xff;
  bytes[2] = RECORD_VERSION;
  bytes[3] = record.node;
  put32(4, cluster);
  put32(8, record.boot);
  put32(12, record.gen);
  put32(16, record.term);
  bytes[20] =
    (record.claims ? FLAG_CLAIMS : 0) |
    (record.failing ? FLAG_FAILING : 0) |
    (record.lastClaimant ? FLAG_LAST : 0) |
    (record.offline === true ? FLAG_OFFLINE : 0);
  bytes[21] = record.dead;
  bytes[22] = record.reportedDead;
  bytes[23] = record.admit;
  put32(CRC_AT, crc32(bytes, 0, CRC_AT));
  if (extension !== undefined) putExtension(extension, bytes, RECORD_BYTES);
  return bytes;
}

/** A record as a version writes it whose format is otherwise this one: both checksums are made anew. @param bytes of `formatRecord` */
export function withVersion(bytes: Uint8Array, version: number): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  copy[2] = version;
  view.setUint32(CRC_AT, crc32(copy, 0, CRC_AT));
  if (copy.length > RECORD_BYTES) sealExtension(copy, RECORD_BYTES);
  return copy;
}

/**
 * - `blank`: all FFh, as delivered.
 * - `damaged`: torn, noise, or something that is no record of ours; or a record that stands where it does not belong.
 * - `foreign`: of another cluster.
 */
export type NoRecord = "blank" | "damaged" | "foreign";

/**
 * The record of `node` at word address `at` of what was read of a chip, or why there is none. Only a record is ever
 * state.
 * @param cluster the cluster's tag
 */
export function parseRecord(
  bytes: Uint8Array,
  at: number,
  node: number,
  cluster: number,
): NodeRecord | NoRecord {
  const get32 = (offset: number): number =>
    ((bytes[at + offset]! << 24) |
      (bytes[at + offset + 1]! << 16) |
      (bytes[at + offset + 2]! << 8) |
      bytes[at + offset + 3]!) >>>
    0;
  if (((bytes[at]! << 8) | bytes[at + 1]!) !== MAGIC) return isBlank(bytes, at) ? "blank" : "damaged";
  if (bytes[at + 2]! < RECORD_VERSION || get32(CRC_AT) !== crc32(bytes, at, CRC_AT)) return "damaged";
  if (get32(4) !== cluster) return "foreign";
  if (bytes[at + 3] !== node) return "damaged";
  const flags = bytes[at + 20]!;
  return {
    node,
    boot: get32(8),
    gen: get32(12),
    term: get32(16),
    claims: (flags & FLAG_CLAIMS) !== 0,
    failing: (flags & FLAG_FAILING) !== 0,
    lastClaimant: (flags & FLAG_LAST) !== 0,
    ...((flags & FLAG_OFFLINE) === 0 ? {} : { offline: true }),
    dead: bytes[at + 21]!,
    reportedDead: bytes[at + 22]!,
    admit: bytes[at + 23]!,
  };
}

function isBlank(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + RECORD_BYTES; i++) if (bytes[i] !== 0xff) return false;
  return true;
}

/** What orders the records of one node. */
export type Mark = Pick<NodeRecord, "boot" | "gen">;

/** Whether x was written after y; both are the same node's. */
export const isLater = (x: Mark, y: Mark): boolean =>
  isAhead(x.boot, y.boot) || (x.boot === y.boot && isAhead(x.gen, y.gen));

/** The latest record of `node` on one chip, with its extension; undefined where none is valid. */
export function latestOn(chip: Uint8Array, node: number, cluster: number): NodeRecord | undefined {
  const [even, odd] = [recordAddress(node, 0), recordAddress(node, 1)];
  const x = parseRecord(chip, even, node, cluster);
  const y = parseRecord(chip, odd, node, cluster);
  if (typeof x !== "string" && (typeof y === "string" || isLater(x, y))) return withExtension(x, chip, even);
  return typeof y === "string" ? undefined : withExtension(y, chip, odd);
}

function withExtension(record: NodeRecord, chip: Uint8Array, at: number): NodeRecord {
  const extension = parseExtension(chip, at + RECORD_BYTES);
  return extension === undefined ? record : { ...record, extension };
}
