/**
 * One node: an ESP32 on a pack of batteries that sleeps, boots, and runs its firmware.
 *
 * Modelled: deep sleep timed by the RTC's own clock, resets and their causes, RTC memory that outlives deep sleep only, a
 * wall clock that outlives all but power-on, the counters in flash, a watchdog, brown-out, a firmware that hangs at its prompt,
 * freezes, or never wakes. Not modelled: light sleep, the flash's wear, a brown-out that leaves a chip half alive.
 */
import type { Process, Task } from "../engine/engine.ts";
import type { Rng } from "../engine/rng.ts";
import {
  after,
  between,
  type Instant,
  type Micros,
  micros,
  millis,
  minutes,
  seconds,
} from "../engine/time.ts";
import type { NimhPack } from "../hardware/nimh-pack.ts";
import type { ResetCause } from "../protocol/protocol.ts";
import { SETTLE_S } from "../protocol/timing.ts";
import { Firmware, type Host } from "./firmware.ts";
import { Flash } from "./flash.ts";
import { LOADS, PHASE, type Phase } from "./loads.ts";
import type { NodeEvent, NodeEventBody } from "./node-event.ts";
import { OperationWatch } from "./operations.ts";
import { Supply } from "./supply.ts";

/** What a node is put together from: its wiring, its pack, its random stream, and who listens. */
export interface NodeParts
  extends Omit<Host, "operations" | "flash" | "load" | "transmits" | "batteryMv" | "tell" | "trace"> {
  readonly pack: NimhPack;
  /** This node's own stream. */
  readonly rng: Rng;
  /** The longest that it may be awake before the hardware watchdog resets it; undefined: there is none. */
  readonly watchdog: Micros | undefined;
  /** Temperature of the board, °C. */
  readonly celsius: (at: Instant) => number;
  readonly listen: (event: NodeEvent) => void;
  /** The pack cannot even carry the boot: the node is without power from now on. */
  readonly onFlat: () => void;
}

/**
 * `off` without power, `asleep`, `awake`, `hung` at its prompt, `frozen` amid its work, `comatose`: asleep for good.
 */
export type NodeState = "off" | "asleep" | "awake" | "hung" | "frozen" | "comatose";

/** FACTS, "ESP32 and battery": boot to main.py. */
const BOOT = millis(650);
const SETTLE = seconds(SETTLE_S);
/** How often the pack is looked at while a node is awake for long. */
const PACK_CHECK = minutes(10);

/**
 * A node as a person sees it: switched on and off, reset, asleep or awake, and what the hardware does around its
 * firmware.
 */
export class VirtualNode {
  readonly operations: OperationWatch;
  readonly clock: Host["clock"];
  readonly flash = new Flash();
  readonly #parts: NodeParts;
  readonly #firmware: Firmware;
  #supply: Supply;
  #state: NodeState = "off";
  #process: Process | undefined;
  #cancelWatchdog: (() => void) | undefined;
  #wakesAt: Instant | undefined;
  /** Why its RTC memory does not survive a sleep. */
  readonly #forgets = new Set<object>();
  /** What is to happen at its next sleep or wake. */
  #hangs = false;
  #staysAsleep = false;
  #oversleeps = micros(0);
  #meets: VirtualNode | undefined;
  /** Why it does not wake; and that it would have by now. */
  readonly #sleepsOn = new Set<object>();
  #late = false;

  constructor(parts: NodeParts) {
    this.#parts = parts;
    this.clock = parts.clock;
    this.operations = new OperationWatch(parts.board.eeprom);
    this.#supply = new Supply(parts.pack, parts.engine.now);
    this.#firmware = new Firmware({
      ...parts,
      operations: this.operations,
      flash: this.flash,
      load: (ampere, phase) => this.#load(ampere, phase),
      transmits: () => this.#transmits(),
      batteryMv: () => this.#supply.millivolts(),
      tell: (event) => this.#tell(event),
      trace: (event, detail) => this.#trace(event, detail),
    });
    parts.board.waiting = () => this.#checkPack();
  }

  get name(): string {
    return `node-${this.#parts.context.self}`;
  }

  get state(): NodeState {
    return this.#state;
  }

  get supply(): Supply {
    return this.#supply;
  }

  /** Applies power: a cold start. */
  powerOn(): void {
    this.#halt();
    this.#hangs = false;
    this.#staysAsleep = false;
    this.#oversleeps = micros(0);
    this.#meets = undefined;
    this.clock.powerOn(this.#parts.engine.now);
    this.#parts.sensor.powerLoss();
    this.#note("powered-on");
    this.#start("power-on");
  }

  /** Takes power away at once, whatever the node is doing. */
  powerOff(why: "powered-off" | "battery-flat" = "powered-off"): void {
    if (this.#state === "off") return;
    this.#halt();
    this.#state = "off";
    this.#load(0, PHASE.off);
    this.#note(why);
  }

  /** Another pack in place of the one that was there; what the node does at present goes on, on this one. */
  fit(pack: NimhPack): void {
    const { now } = this.#parts.engine;
    const before = this.#supply;
    this.#supply = new Supply(pack, now);
    this.#supply.load(now, before.ampere, before.phase);
  }

  /** Resets the chip, if it has power, whatever it is doing; it boots when it has been held in reset for `held`. */
  reset(cause: Exclude<ResetCause, "power-on" | "deep-sleep">, held = micros(0)): void {
    if (this.#state === "off") return;
    this.#halt();
    this.#tell({ kind: "reset", cause });
    this.#trace("reset", cause);
    this.#start(cause, held);
  }

  /** As a reset, and it wakes as from deep sleep, with its RTC memory as it was when it last fell asleep. */
  resetWithStaleMemory(held: Micros): void {
    if (this.#state === "off") return;
    this.#halt();
    this.#tell({ kind: "reset", cause: "deep-sleep" });
    this.#trace("reset", "deep-sleep");
    this.#run("deep-sleep", held);
  }

  /** Amid its wake it stops, its pins as they are, until the function that is returned is called; its watchdog runs on. */
  stall(): () => void {
    const stalled = this.#state === "awake" ? this.#process : undefined;
    return stalled?.hold() ?? (() => undefined);
  }

  /** It does not wake from its sleep before the function that is returned is called; then at once, if it is late. */
  sleepOn(): () => void {
    const reason = {};
    this.#sleepsOn.add(reason);
    return () => {
      this.#sleepsOn.delete(reason);
      if (this.#sleepsOn.size === 0 && this.#late) this.#wakeAt(this.#parts.engine.now);
    };
  }

  /** Its RTC memory is lost in every sleep, until the function that is returned is called. */
  loseMemory(): () => void {
    const reason = {};
    this.#forgets.add(reason);
    return () => void this.#forgets.delete(reason);
  }

  /** The sleep that it is in ends at once. */
  wakeNow(): void {
    if (this.#state === "asleep") this.#wakeAt(this.#parts.engine.now);
  }

  /** From its next wake on, the firmware stays at its prompt: awake, and doing nothing. */
  hangAtNextWake(): void {
    this.#hangs = true;
  }

  /** It stops at once, awake, its pins as they are; a transfer under way ends without STOP. */
  freeze(): void {
    if (this.#state === "off" || this.#state === "frozen") return;
    this.#process?.kill();
    this.#parts.board.eeprom.reset(this.#parts.engine.now);
    this.#state = "frozen";
    this.#load(LOADS.cpu.ampere, PHASE.idle);
    this.#note("frozen");
    this.#process = this.#parts.engine.spawn(this.name, this.#drain());
  }

  /** Its next sleep, or the one that it is in, does not end. */
  neverWake(): void {
    if (this.#state === "asleep") this.#sleepForGood();
    else if (this.#state !== "comatose") this.#staysAsleep = true;
  }

  /** Its next sleep, or the one that it is in, lasts longer by `span`. */
  oversleep(span: Micros): void {
    const { engine } = this.#parts;
    if (this.#state === "asleep" && this.#wakesAt !== undefined) this.#wakeAt(after(this.#wakesAt, span));
    else this.#oversleeps = micros(this.#oversleeps + span);
    this.#trace("oversleep", `${span} µs from ${engine.now}`);
  }

  /** Its next wake falls on that of another node, as soon as both are asleep. */
  wakeWith(other: VirtualNode): void {
    if (this.#state !== "asleep") this.#meets = other;
    else if (other.#state === "asleep" && other.#wakesAt !== undefined) this.#wakeAt(other.#wakesAt);
    else other.#meets = this;
  }

  /** A person stops the firmware at its prompt, types `reset_node(subject)`, and lets it start over. */
  typeResetNode(subject: number): void {
    if (this.#state === "off") {
      this.#trace("no-power", `reset_node(${subject})`);
      return;
    }
    this.#halt();
    const typed = function* (node: VirtualNode): Task {
      node.flash.atPrompt();
      yield* node.#firmware.resetNode(subject);
      node.#startCold();
      yield* node.#life("soft");
    };
    this.#state = "awake";
    this.#process = this.#parts.engine.spawn(this.name, typed(this));
  }

  #start(cause: ResetCause, held = micros(0)): void {
    this.#startCold();
    this.#run(cause, held);
  }

  #startCold(): void {
    this.#firmware.coldStart();
    this.flash.coldStart();
  }

  /** From deep sleep, unless RTC memory is lost: then the node begins anew. */
  #causeOfWake(): ResetCause {
    if (this.#forgets.size === 0) return "deep-sleep";
    this.#startCold();
    this.#trace("memory-lost");
    return "memory-lost";
  }

  #run(cause: ResetCause, held: Micros): void {
    const boots = function* (node: VirtualNode): Task {
      if (held > 0) yield held;
      yield* node.#life(cause);
    };
    this.#state = "awake";
    this.#process = this.#parts.engine.spawn(this.name, boots(this));
  }

  /** Stops whatever runs. A reset leaves the pin of the busy line an input, so it no longer holds the line. */
  #halt(): void {
    this.#process?.kill();
    this.#cancelWatchdog?.();
    this.#parts.board.eeprom.reset(this.#parts.engine.now);
    this.#parts.board.busyLine.lower(this.#parts.context.self);
    this.#wakesAt = undefined;
    this.#late = false;
  }

  *#life(first: ResetCause): Task {
    const { engine, watchdog } = this.#parts;
    for (let cause = first; ; cause = this.#causeOfWake()) {
      const started = engine.now;
      this.#state = "awake";
      this.#wakesAt = undefined;
      this.#load(LOADS.cpu.ampere, PHASE.boot);
      if (!this.#supply.canCarry(LOADS.cpuPeak.ampere)) return this.#parts.onFlat();
      if (watchdog !== undefined) this.#armWatchdog(watchdog);
      if (!engine.pass(BOOT)) yield BOOT;
      if (this.#hangs) {
        this.#hangs = false;
        this.#state = "hung";
        this.#load(LOADS.cpu.ampere, PHASE.idle);
        this.#note("hung");
        return yield* this.#drain();
      }
      const sleep = yield* this.#firmware.wake(cause);
      this.#cancelWatchdog?.();
      const span = this.#fallAsleep(sleep === "settle" ? SETTLE : this.#parts.sleep);
      if (this.#parts.board.trace.kept)
        this.#trace("sleep", `awake ${between(started, engine.now) / 1_000} ms`);
      if (this.#staysAsleep) return this.#sleepForGood();
      yield span;
      if (this.#isKeptAsleep()) return;
    }
  }

  /** Its sleep is over, and something keeps it asleep. */
  #isKeptAsleep(): boolean {
    this.#late = this.#sleepsOn.size > 0;
    if (this.#late) this.#wakesAt = undefined;
    return this.#late;
  }

  #fallAsleep(wanted: Micros): Micros {
    const { engine, celsius } = this.#parts;
    const nominal = this.clock.sleep(wanted, celsius(engine.now));
    const span = micros(nominal + this.#oversleeps);
    this.#oversleeps = micros(0);
    this.#state = "asleep";
    this.#load(LOADS.sleep.ampere, PHASE.sleep);
    this.#wakesAt = after(engine.now, span);
    this.#tell({ kind: "asleep" });
    const other = this.#meets;
    this.#meets = undefined;
    if (other === undefined) return span;
    if (other.#state !== "asleep" || other.#wakesAt === undefined) {
      other.#meets = this;
      return span;
    }
    this.#wakesAt = other.#wakesAt;
    return between(engine.now, other.#wakesAt);
  }

  /** The sleep under way ends at `when`. */
  #wakeAt(when: Instant): void {
    const { engine } = this.#parts;
    this.#process?.kill();
    this.#wakesAt = when;
    this.#late = false;
    const rest = function* (node: VirtualNode): Task {
      yield between(engine.now, when);
      if (!node.#isKeptAsleep()) yield* node.#life(node.#causeOfWake());
    };
    this.#process = engine.spawn(this.name, rest(this));
  }

  #sleepForGood(): void {
    this.#staysAsleep = false;
    this.#process?.kill();
    this.#state = "comatose";
    this.#wakesAt = undefined;
    this.#late = false;
    this.#note("never-wakes");
  }

  /** Awake without an end: until the pack is flat. */
  *#drain(): Task {
    for (;;) {
      yield PACK_CHECK;
      this.#checkPack();
    }
  }

  #checkPack(): void {
    if (this.#supply.flat(this.#parts.engine.now)) this.#parts.onFlat();
  }

  #armWatchdog(limit: Micros): void {
    const { engine } = this.#parts;
    this.#cancelWatchdog = engine.at(after(engine.now, limit), () => this.reset("watchdog"));
  }

  #transmits(): boolean {
    if (this.#supply.canCarry(LOADS.txPeak.ampere)) return true;
    this.reset("brown-out");
    return false;
  }

  #load(ampere: number, phase: Phase): void {
    this.#supply.load(this.#parts.engine.now, ampere, phase);
  }

  #note(kind: "powered-on" | "powered-off" | "battery-flat" | "hung" | "frozen" | "never-wakes"): void {
    this.#tell({ kind });
    this.#trace(kind);
  }

  #trace(event: string, detail = ""): void {
    this.#parts.board.trace.add(this.#parts.engine.now, this.name, event, detail);
  }

  #tell(event: NodeEventBody): void {
    this.#parts.listen({ at: this.#parts.engine.now, node: this.#parts.context.self, ...event });
  }
}
