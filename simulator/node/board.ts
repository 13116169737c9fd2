/**
 * What a node's firmware reaches over its wires: the chips on the shared bus, and the busy line. One task an effect, so
 * that every bus transaction takes its time on the virtual clock and another node may come in between.
 */
import { outside, type Task } from "../engine/engine.ts";
import { type Instant, millis } from "../engine/time.ts";
import type { Trace } from "../engine/trace.ts";
import type { At24Address } from "../hardware/at24c256.ts";
import type { BusyLine } from "../hardware/busy-line.ts";
import type { EepromDriver } from "../hardware/eeprom-driver.ts";
import type { BusRecovery } from "../hardware/i2c-bus.ts";
import type { Chip, Cycle, Effect, Reply } from "../protocol/effects.ts";

/** AT24C256 datasheet, "Device Addressing": 1010 A2 A1 A0; chip k is strapped to k. */
export const EEPROM_ADDRESS = 0x50;
/** Chips 0 to 7. */
export const addressOf = (chip: Chip): At24Address => (EEPROM_ADDRESS + chip) as At24Address;

/** The firmware polls the busy line this often. */
const BUSY_POLL = millis(10);

export interface Board {
  readonly self: number;
  readonly eeprom: EepromDriver;
  readonly busyLine: BusyLine;
  readonly trace: Trace;
  readonly now: () => Instant;
}

const deviceName = (node: number): string => `node-${node}`;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const where = (chip: Chip, address: number): string =>
  `0x${addressOf(chip).toString(16)}@${address.toString(16).padStart(4, "0")}`;

/** Waits as long as it takes: the article's firmware has no limit, and a line that sticks high stops the cluster. */
function* raiseBusy({ self, busyLine, trace, now }: Board): Task<Reply> {
  while (busyLine.held() !== undefined) yield BUSY_POLL;
  busyLine.raise(self);
  trace.add(now(), deviceName(self), "busy-raised");
  return undefined;
}

/** Notes in the trace that SDA was stuck, and what came of clocking it free. */
const recovered = (recovery: BusRecovery | undefined): string =>
  recovery === undefined ? "" : ` bus-recovery ${recovery.ok ? `${recovery.clocks} clocks` : recovery.error}`;

function* read({ self, eeprom, trace, now }: Board, effect: Effect & { do: "read" }): Task<Reply> {
  const got = yield* eeprom.readBlock(now(), addressOf(effect.chip), effect.address, effect.length);
  const outcome = got.ok ? hex(got.bytes) : got.error;
  const detail = `${where(effect.chip, effect.address)} ${outcome}${recovered(got.recovery)}`;
  trace.add(got.at, deviceName(self), "read", detail);
  return got.ok ? got.bytes : undefined;
}

function* write({ self, eeprom, trace, now }: Board, effect: Effect & { do: "write" }): Task<Reply> {
  const done = yield* eeprom.writePage(now(), addressOf(effect.chip), effect.address, effect.bytes);
  const outcome = done.ok ? hex(effect.bytes) : done.error;
  const detail = `${where(effect.chip, effect.address)} ${outcome}${recovered(done.recovery)}`;
  trace.add(done.at, deviceName(self), "write", detail);
  return done.ok;
}

/** The effects that concern only the board; undefined for those that need the network. */
export function boardEffect(board: Board, effect: Effect): Task<Reply> | undefined {
  switch (effect.do) {
    case "raise-busy":
      return raiseBusy(board);
    case "lower-busy":
      board.busyLine.lower(board.self);
      return outside<Reply>(undefined);
    case "read":
      return read(board, effect);
    case "write":
      return write(board, effect);
    default:
      return undefined;
  }
}

/** Runs a wake cycle: each effect is carried out, its reply handed back. */
export function* runCycle<Result>(cycle: Cycle<Result>, run: (effect: Effect) => Task<Reply>): Task<Result> {
  let step = cycle.next();
  while (!step.done) step = cycle.next(yield* run(step.value));
  return step.value;
}
