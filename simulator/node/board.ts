/**
 * What a node's firmware reaches over its wires: the chips on the shared bus, and the busy line. One task an effect, so
 * that every bus transaction takes its time on the virtual clock and another node may come in between.
 */
import type { Task } from "../engine/engine.ts";
import { type Instant, millis } from "../engine/time.ts";
import type { Trace } from "../engine/trace.ts";
import { type At24Address, PAGE_BYTES } from "../hardware/at24c256.ts";
import type { BusyLine } from "../hardware/busy-line.ts";
import type { EepromDriver, WriteOutcome } from "../hardware/eeprom-driver.ts";
import { EEPROM_BYTES } from "../hardware/eeprom-image.ts";
import type { BusRecovery } from "../hardware/i2c-bus.ts";
import type { Chip, Cycle, Effect, Reply } from "../protocol/effects.ts";

/** AT24C256 datasheet, "Device Addressing": 1010 A2 A1 A0; chip k is strapped to k. */
export const EEPROM_ADDRESS = 0x50;
/** Chips 0 to 7. */
export const addressOf = (chip: Chip): At24Address => (EEPROM_ADDRESS + chip) as At24Address;

/** The firmware polls the busy line this often; after two seconds, less often. */
const BUSY_POLL = millis(10);
const BUSY_POLLS = 200;
const BUSY_POLL_LATER = millis(250);
/** As a courtesy it waits so many polls: what a wake does on the chips takes less, in a cluster of up to four nodes. */
const COURTESY_POLLS = 10;

/** The peripherals that a wake's effects reach on one node's board, and the trace that they leave. */
export interface Board {
  readonly self: number;
  readonly eeprom: EepromDriver;
  readonly busyLine: BusyLine;
  readonly trace: Trace;
  readonly now: () => Instant;
  /** Word address from which the firmware keeps its record. Where it straddles a page, the write is not split. @default 0 */
  recordAddress?: number;
  /** Called while the node waits for the busy line for long. */
  waiting?: () => void;
}

const deviceName = (node: number): string => `node-${node}`;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const where = (chip: Chip, address: number): string =>
  `0x${addressOf(chip).toString(16)}@${address.toString(16).padStart(4, "0")}`;

/** Waits as long as it takes: the article's firmware has no limit, and a line that sticks high stops the cluster. */
function* awaitBusy(board: Board, courtesy: boolean): Task<Reply> {
  const { self, busyLine, trace, now } = board;
  for (let poll = 0; busyLine.isHigh(self); poll++) {
    if (courtesy && poll === COURTESY_POLLS) break;
    if (poll === BUSY_POLLS) trace.add(now(), deviceName(self), "busy-waiting");
    if (poll >= BUSY_POLLS) board.waiting?.();
    yield poll < BUSY_POLLS ? BUSY_POLL : BUSY_POLL_LATER;
  }
  return raiseBusy(board);
}

function raiseBusy({ self, busyLine, trace, now }: Board): Reply {
  busyLine.raise(self);
  trace.add(now(), deviceName(self), "busy-raised");
  return undefined;
}

/** Runs on from the last word address to 0, as the chip's pointer does. */
const wordOf = ({ recordAddress = 0 }: Board, address: number): number =>
  (recordAddress + address) % EEPROM_BYTES;

/** Notes in the trace that SDA was stuck, and what came of clocking it free. */
const recovered = (recovery: BusRecovery | undefined): string =>
  recovery === undefined ? "" : ` bus-recovery ${recovery.ok ? `${recovery.clocks} clocks` : recovery.error}`;

function* read(board: Board, effect: Effect & { do: "read" }): Task<Reply> {
  const { self, eeprom, trace, now } = board;
  const word = wordOf(board, effect.address);
  const got = yield* eeprom.readBlock(now(), addressOf(effect.chip), word, effect.length);
  if (trace.kept) {
    const outcome = got.ok ? hex(got.bytes) : got.error;
    const detail = `${where(effect.chip, word)} ${outcome}${recovered(got.recovery)}`;
    trace.add(got.at, deviceName(self), "read", detail);
  }
  return got.ok ? got.bytes : undefined;
}

function* write(board: Board, effect: Effect & { do: "write" }): Task<Reply> {
  const { self, eeprom, trace, now } = board;
  const word = wordOf(board, effect.address);
  const straddles = (word % PAGE_BYTES) + effect.bytes.length > PAGE_BYTES;
  const chip = addressOf(effect.chip);
  const written = yield* straddles && board.recordAddress !== undefined
    ? eeprom.writeUnsplit(now(), chip, word, effect.bytes)
    : eeprom.writePage(now(), chip, word, effect.bytes);
  let done: WriteOutcome = written;
  let same = true;
  if (written.ok && effect.verify) {
    const back = yield* eeprom.readBlock(written.at, chip, word, effect.bytes.length);
    same = back.ok && equal(back.bytes, effect.bytes);
    done = back;
  }
  if (trace.kept) {
    const outcome = done.ok ? hex(effect.bytes) : done.error;
    const detail = `${where(effect.chip, word)} ${outcome}${same ? "" : " not-kept"}${recovered(done.recovery)}`;
    trace.add(done.at, deviceName(self), "write", detail);
  }
  return done.ok && same;
}

function equal(x: Uint8Array, y: Uint8Array): boolean {
  for (let i = 0; i < y.length; i++) if (x[i] !== y[i]) return false;
  return true;
}

/** The effects that need no network: busy line and EEPROMs. */
export type BoardEffect = Effect & { readonly do: "raise-busy" | "lower-busy" | "read" | "write" };

/** Whether an effect concerns the board alone, and not the network. */
export const isBoardEffect = (effect: Effect): effect is BoardEffect =>
  effect.do === "raise-busy" || effect.do === "lower-busy" || effect.do === "read" || effect.do === "write";

/** Carries out an effect on the board: a task where it takes time, else the reply itself. */
export function boardEffect(board: Board, effect: BoardEffect): Task<Reply> | Reply {
  switch (effect.do) {
    case "raise-busy":
      return board.busyLine.isHigh(board.self)
        ? awaitBusy(board, effect.courtesy === true)
        : raiseBusy(board);
    case "lower-busy":
      board.busyLine.lower(board.self);
      return undefined;
    case "read":
      return read(board, effect);
    case "write":
      return write(board, effect);
  }
}

const isTask = (reply: Task<Reply> | Reply): reply is Task<Reply> =>
  typeof reply === "object" && !(reply instanceof Uint8Array);

/** Waits for an effect's reply, where it takes time. */
export function* runEffect(effect: Task<Reply> | Reply): Task<Reply> {
  return isTask(effect) ? yield* effect : effect;
}

/** Runs a wake cycle: each effect is carried out, its reply handed back. */
export function* runCycle<Result>(
  cycle: Cycle<Result>,
  run: (effect: Effect) => Task<Reply> | Reply,
): Task<Result> {
  let step = cycle.next();
  while (!step.done) {
    const reply = run(step.value);
    step = cycle.next(isTask(reply) ? yield* reply : reply);
  }
  return step.value;
}
