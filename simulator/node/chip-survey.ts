/**
 * What a node that publishes finds out about the EEPROMs on its bus: whether each is of a type that records fit, and whether
 * one answers where the cluster has none. The protocol does not depend on it. A chip is looked at by reading alone: beyond its end
 * it repeats itself, and that tells its size, which tells its page (`eeprom-parts.ts`).
 *
 * Not found: two chips with one address. They take the same writes, so that nothing tells them from one; the chip that is
 * missing at its own address is told of as one that keeps no writes.
 */
import type { SetupProblem } from "../../lib/contract/messages.ts";
import type { Task } from "../engine/engine.ts";
import { PAGE_BYTES } from "../hardware/at24c256.ts";
import { BLANK_BYTE } from "../hardware/eeprom-image.ts";
import { EEPROM_PART_NAMES, EEPROM_PARTS } from "../hardware/eeprom-parts.ts";
import type { Chip } from "../protocol/effects.ts";
import { recordAddress } from "../protocol/hardened/record.ts";
import type { NodeContext } from "../protocol/protocol.ts";
import { addressOf, type Board } from "./board.ts";

/** Something that a person got wrong with a board, or with an EEPROM, of that number. */
export interface BoardProblem {
  readonly problem: SetupProblem;
  readonly node: number;
}

/** What the last survey found, kept in RTC memory. */
export interface Survey {
  readonly problems: readonly BoardProblem[];
  /** Readings since then. */
  readonly readings: number;
  /** The chips that kept no write then. */
  readonly unwritable: readonly Chip[];
}

/** Readings from one survey to the next where nothing has changed: a day of sleeps of 15 minutes. */
const EVERY_READINGS = 96;
/** An AT24C256 has three address pins. */
const ADDRESSES = 8;
/** Bytes that are compared: most of a record. */
const COMPARED_BYTES = 24;

const isSame = (x: readonly Chip[], y: readonly Chip[]): boolean => x.join() === y.join();

/** Whether the chips have to be looked at anew. @param before undefined: they have not been since the cold start */
export const isDue = (before: Survey | undefined, unwritable: readonly Chip[]): boolean =>
  before === undefined ||
  before.problems.length > 0 ||
  before.readings >= EVERY_READINGS ||
  !isSame(before.unwritable, unwritable);

/** Looks at each chip, and at each address where none should be. */
export function* survey(
  board: Board,
  { nodes, chips }: NodeContext,
  before: Survey | undefined,
  unwritable: readonly Chip[],
): Task<Survey> {
  const problems: BoardProblem[] = [];
  for (let chip = 0; chip < chips; chip++) {
    const fits = yield* recordsFit(board, chip, nodes);
    const known = before?.problems.find(({ problem, node }) => problem === "chip-type" && node === chip);
    if (fits === false) problems.push({ problem: "chip-type", node: chip });
    else if (fits === undefined && known !== undefined) problems.push(known);
  }
  for (let address = chips; address < ADDRESSES; address++) {
    const { ok } = yield* board.eeprom.answers(board.now(), addressOf(address));
    if (ok) problems.push({ problem: "chip-address", node: address });
  }
  for (const { problem, node } of problems)
    board.trace.add(board.now(), `node-${board.self}`, problem, `0x${addressOf(node).toString(16)}`);
  return { problems, readings: 0, unwritable };
}

/** Whether the chip has the pages that records are laid out for; undefined: that cannot be told now. */
function* recordsFit(board: Board, chip: Chip, nodes: number): Task<boolean | undefined> {
  const written = yield* firstWritten(board, chip, nodes);
  if (written === undefined) return undefined;
  const { word, bytes: first } = written;
  let fits = false;
  for (const name of EEPROM_PART_NAMES) {
    const { bytes, pageBytes } = EEPROM_PARTS[name];
    if (bytes > WORDS_MAX) break;
    const beyond = yield* bytesAt(board, chip, word + bytes);
    if (beyond === undefined) return undefined;
    if (!isEqual(first, beyond)) continue;
    fits = pageBytes === PAGE_BYTES;
    break;
  }
  // Another node may have written meanwhile.
  const last = yield* bytesAt(board, chip, word);
  return last !== undefined && isEqual(first, last) ? fits : undefined;
}

/** The first place of a record that is not blank; undefined: there is none, or the chip does not answer. */
function* firstWritten(
  board: Board,
  chip: Chip,
  nodes: number,
): Task<{ readonly word: number; readonly bytes: Uint8Array } | undefined> {
  for (let word = 0; word < recordAddress(nodes, 0); word += PAGE_BYTES) {
    const bytes = yield* bytesAt(board, chip, word);
    if (bytes === undefined) return undefined;
    if (bytes.some((byte) => byte !== BLANK_BYTE)) return { word, bytes };
  }
  return undefined;
}

/** A word address has 16 bits: a chip of more than so many bytes does not repeat itself. */
const WORDS_MAX = 0x8000;

function* bytesAt({ eeprom, now }: Board, chip: Chip, word: number): Task<Uint8Array | undefined> {
  const read = yield* eeprom.readBlock(now(), addressOf(chip), word, COMPARED_BYTES);
  return read.ok ? read.bytes : undefined;
}

const isEqual = (x: Uint8Array, y: Uint8Array): boolean => x.every((byte, index) => byte === y[index]);

/** The numbers of the nodes and chips that have a problem, as a mask. */
export const problemMask = (problems: readonly BoardProblem[]): number =>
  problems.reduce((mask, { node }) => mask | (1 << node), 0);
