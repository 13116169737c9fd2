/**
 * What a node's firmware reaches over its wires: the chips on the shared bus, and the busy line. Each effect is a task
 * of its own, so that every bus transaction takes its virtual time and another node may come in between.
 */
import type { Task } from "../engine/engine.ts";
import { type Instant, type Micros, millis } from "../engine/time.ts";
import type { Trace } from "../engine/trace.ts";
import { type At24Address, PAGE_BYTES } from "../hardware/at24c256.ts";
import type { BusyLine } from "../hardware/busy-line.ts";
import type { EepromDriver } from "../hardware/eeprom-driver.ts";
import { EEPROM_BYTES } from "../hardware/eeprom-image.ts";
import type { BusRecovery } from "../hardware/i2c-bus.ts";
import type { Chip, Cycle, Effect, Reply } from "../protocol/effects.ts";

/** Device address of chip 0: 1010 A2 A1 A0, and chip k is strapped to k (AT24C256 datasheet, "Device Addressing"). */
export const EEPROM_ADDRESS = 0x50;
/** The device address of a chip, from 0 to 7. */
export const addressOf = (chip: Chip): At24Address => (EEPROM_ADDRESS + chip) as At24Address;

/** Time between two polls of the busy line in the first 2 s; after `BUSY_POLLS`, `BUSY_POLL_LATER`. */
const BUSY_POLL = millis(10);
const BUSY_POLLS = 200;
const BUSY_POLL_LATER = millis(250);
/** Polls of a courtesy wait, 100 ms: a wake's transfers take less in a cluster of up to four nodes. */
const COURTESY_POLLS = 10;

/** The peripherals that a wake's effects reach on one node's board, and the trace that they leave. */
export interface Board {
  readonly self: number;
  readonly eeprom: EepromDriver;
  readonly busyLine: BusyLine;
  readonly trace: Trace;
  readonly now: () => Instant;
  /**
   * Word address at which the firmware's area begins. A record that then straddles two pages is not split. @default 0
   */
  recordAddress?: number;
  /** Whether the transfer that is about to begin is spoiled on its way; absent: none is. */
  glitch?: ((kind: "read" | "write", chip: Chip) => boolean) | undefined;
  /** Called at each poll while the node waits for the busy line for more than 2 s. */
  waiting?: () => void;
}

const deviceName = (node: number): string => `node-${node}`;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const where = (chip: Chip, address: number): string =>
  `0x${addressOf(chip).toString(16)}@${address.toString(16).padStart(4, "0")}`;

/**
 * Waits for the busy line without limit, as the article's firmware does: a line that sticks high stops the cluster. As
 * a courtesy, 100 ms.
 */
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

/** The word address on the chip; after the last one comes 0, as with the chip's pointer. */
const wordOf = ({ recordAddress = 0 }: Board, address: number): number =>
  (recordAddress + address) % EEPROM_BYTES;

/** The part of a trace line that says whether clocks freed a stuck SDA. */
const recovered = (recovery: BusRecovery | undefined): string =>
  recovery === undefined ? "" : ` bus-recovery ${recovery.ok ? `${recovery.clocks} clocks` : recovery.error}`;

/** For so long a transfer that a glitch spoils holds up its node. */
const GLITCH = millis(1);
/**
 * Failures that another try may mend. A chip that is absent has been polled for longer than any write cycle takes, and one
 * that does not keep a write (WP, a worn page) will not keep the next.
 */
const MAY_PASS: ReadonlySet<string> = new Set(["glitch", "busy-timeout"]);

/** What one try of a transfer came to. */
interface Tried {
  readonly at: Instant;
  /** Undefined: it worked. */
  readonly failure: string | undefined;
  readonly recovery?: BusRecovery | undefined;
  readonly bytes?: Uint8Array;
}

/** Tries a transfer until it works, as often as its effect says at most, and notes what it came to. */
function* trying(
  board: Board,
  effect: Effect & { do: "read" | "write" },
  word: number,
  once: () => Generator<Micros, Tried, Instant>,
): Task<Tried> {
  const { trace, now } = board;
  for (let tries = 1; ; tries++) {
    const glitch = board.glitch?.(effect.do, effect.chip) === true;
    const tried: Tried = glitch ? { at: yield GLITCH, failure: "glitch" } : yield* once();
    const { failure } = tried;
    if (failure !== undefined && MAY_PASS.has(failure) && tries < (effect.tries ?? 1)) continue;
    if (!trace.kept) return tried;
    const bytes = effect.do === "write" ? effect.bytes : tried.bytes;
    const outcome = failure === undefined || failure === "not-kept" ? hex(bytes!) : failure;
    const rest = `${failure === "not-kept" ? " not-kept" : ""}${tries > 1 ? ` try ${tries}` : ""}`;
    const detail = `${where(effect.chip, word)} ${outcome}${rest}${recovered(tried.recovery)}`;
    trace.add(failure === "glitch" ? now() : tried.at, deviceName(board.self), effect.do, detail);
    return tried;
  }
}

function* read(board: Board, effect: Effect & { do: "read" }): Task<Reply> {
  const { eeprom, now } = board;
  const word = wordOf(board, effect.address);
  const tried = yield* trying(board, effect, word, function* () {
    const got = yield* eeprom.readBlock(now(), addressOf(effect.chip), word, effect.length);
    const { at, recovery } = got;
    return got.ok
      ? { at, recovery, failure: undefined, bytes: got.bytes }
      : { at, recovery, failure: got.error };
  });
  return tried.failure === undefined ? tried.bytes : undefined;
}

function* write(board: Board, effect: Effect & { do: "write" }): Task<Reply> {
  const { eeprom, now } = board;
  const word = wordOf(board, effect.address);
  const straddles = (word % PAGE_BYTES) + effect.bytes.length > PAGE_BYTES;
  const chip = addressOf(effect.chip);
  const tried = yield* trying(board, effect, word, function* () {
    const written = yield* straddles && board.recordAddress !== undefined
      ? eeprom.writeUnsplit(now(), chip, word, effect.bytes)
      : eeprom.writePage(now(), chip, word, effect.bytes);
    const { at, recovery } = written;
    if (!written.ok) return { at, recovery, failure: written.error };
    if (!effect.verify) return { at, recovery, failure: undefined };
    const back = yield* eeprom.readBlock(at, chip, word, effect.bytes.length);
    const failure = !back.ok ? back.error : equal(back.bytes, effect.bytes) ? undefined : "not-kept";
    return { at: back.at, recovery: back.recovery, failure };
  });
  return tried.failure === undefined;
}

function equal(x: Uint8Array, y: Uint8Array): boolean {
  for (let i = 0; i < y.length; i++) if (x[i] !== y[i]) return false;
  return true;
}

/** The effects of busy line and EEPROMs. */
export type BoardEffect = Effect & { readonly do: "raise-busy" | "lower-busy" | "read" | "write" };

/** Whether an effect concerns busy line or EEPROMs, and not the network. */
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

/** Waits for an effect's reply if that takes time. */
export function* runEffect(effect: Task<Reply> | Reply): Task<Reply> {
  return isTask(effect) ? yield* effect : effect;
}

/** Runs a wake cycle: carries out each effect, and resumes the cycle with its reply. */
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
