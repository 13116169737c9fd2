/**
 * One node: an ESP32 on a pack of batteries that sleeps, boots, and runs its firmware.
 *
 * Modelled: deep sleep timed by the RTC's own clock, resets and their causes, RTC memory that outlives deep sleep only,
 * a wall clock that outlives all but power-on, the counters in flash, a watchdog, brown-out, a firmware that hangs at
 * its prompt, freezes, or never wakes. Not modelled: light sleep, the flash's wear, a brown-out that leaves a chip half
 * alive.
 */
import type { Process, Task } from "../engine/engine.ts";
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
import { Service } from "../hardware/network.ts";
import type { NimhPack } from "../hardware/nimh-pack.ts";
import type { FirmwareVersion } from "../protocol/hardened/versions.ts";
import type { ResetCause } from "../protocol/protocol.ts";
import { SETTLE_S } from "../protocol/timing.ts";
import { Firmware, type Host } from "./firmware.ts";
import { Flash, type Flashed } from "./flash.ts";
import { LOADS, PHASE, type Phase } from "./loads.ts";
import type { NodeEventBody } from "./node-event.ts";
import type { NodeParts, NodeState } from "./node-parts.ts";
import { OperationWatch } from "./operations.ts";
import { Supply } from "./supply.ts";

/** Time from reset to main.py (FACTS.md, "ESP32 and battery"). */
const BOOT = millis(650);
const SETTLE = seconds(SETTLE_S);
/** How often the pack is checked while a node is awake for long. */
const PACK_CHECK = minutes(10);

/**
 * One node: power, resets, sleep and wakes, and what the hardware does around its firmware. The methods are the actions
 * of a person, and the faults.
 */
export class VirtualNode {
  readonly operations: OperationWatch;
  readonly clock: Host["clock"];
  readonly flash = new Flash();
  /** Whether its RTC memory survives deep sleep. */
  readonly rtcMemory = new Service();
  readonly #parts: NodeParts;
  readonly #firmware: Firmware;
  #supply: Supply;
  #state: NodeState = "off";
  #process: Process | undefined;
  #cancelWatchdog: (() => void) | undefined;
  #wakesAt: Instant | undefined;
  /** What happens at its next sleep or wake. */
  #hangs = false;
  #staysAsleep = false;
  #oversleeps = micros(0);
  #meets: VirtualNode | undefined;
  /** The faults for which it does not wake. `#late`: it would have woken by now. */
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

  /** Takes power at once, in any state. */
  powerOff(why: "powered-off" | "battery-flat" = "powered-off"): void {
    if (this.#state === "off") return;
    this.#halt();
    this.#state = "off";
    this.#load(0, PHASE.off);
    this.#note(why);
  }

  /** Replaces the pack; what the node does at present continues on the new one. */
  fit(pack: NimhPack): void {
    const { now } = this.#parts.engine;
    const before = this.#supply;
    this.#supply = new Supply(pack, now);
    this.#supply.load(now, before.ampere, before.phase);
  }

  /** Another board, or this one re-flashed, while it has no power: its flash is empty, and names what is given. */
  fitBoard(flashed: Flashed): void {
    this.flash.erase();
    this.#firmware.flashAs(flashed);
  }

  /** Copies other firmware to the board, and starts it over; without power it starts with it. */
  update(firmware: FirmwareVersion): void {
    this.#firmware.update(firmware);
    this.reset("soft");
  }

  /** Resets the chip in any state in which it has power. @param held how long it is held in reset before it boots */
  reset(cause: Exclude<ResetCause, "power-on" | "deep-sleep">, held = micros(0)): void {
    if (this.#state === "off") return;
    this.#halt();
    this.#tell({ kind: "reset", cause });
    this.#trace("reset", cause);
    this.#start(cause, held);
  }

  /** Resets the chip, but it wakes as from deep sleep, with its RTC memory as it was when it last fell asleep. */
  resetWithStaleMemory(held: Micros): void {
    if (this.#state === "off") return;
    this.#halt();
    this.#tell({ kind: "reset", cause: "deep-sleep" });
    this.#trace("reset", "deep-sleep");
    this.#run("deep-sleep", held);
  }

  /** Stops it amid its wake, its pins as they are; its watchdog runs on. @returns a function that lets it go on */
  stall(): () => void {
    const stalled = this.#state === "awake" ? this.#process : undefined;
    return stalled?.hold() ?? (() => undefined);
  }

  /** Keeps it from waking. @returns a function that ends this; it then wakes at once if it is late */
  sleepOn(): () => void {
    const reason = {};
    this.#sleepsOn.add(reason);
    return () => {
      this.#sleepsOn.delete(reason);
      if (this.#sleepsOn.size === 0 && this.#late) this.#wakeAt(this.#parts.engine.now);
    };
  }

  /** Ends the sleep that it is in. */
  wakeNow(): void {
    if (this.#state === "asleep") this.#wakeAt(this.#parts.engine.now);
  }

  /** Makes the firmware stay at its prompt from its next wake on: awake, doing nothing. */
  hangAtNextWake(): void {
    this.#hangs = true;
  }

  /** Stops it at once, awake, its pins as they are; a transfer under way ends without STOP. */
  freeze(): void {
    if (this.#state === "off" || this.#state === "frozen") return;
    this.#process?.kill();
    this.#parts.board.eeprom.reset(this.#parts.engine.now);
    this.#state = "frozen";
    this.#load(LOADS.cpu.ampere, PHASE.idle);
    this.#note("frozen");
    this.#process = this.#parts.engine.spawn(this.name, this.#drain());
  }

  /** Makes the sleep that it is in, or else its next one, last for ever. */
  neverWake(): void {
    if (this.#state === "asleep") this.#sleepForGood();
    else if (this.#state !== "comatose") this.#staysAsleep = true;
  }

  /** Makes the sleep that it is in, or else its next one, longer by `span`. */
  oversleep(span: Micros): void {
    const { engine } = this.#parts;
    if (this.#state === "asleep" && this.#wakesAt !== undefined) this.#wakeAt(after(this.#wakesAt, span));
    else this.#oversleeps = micros(this.#oversleeps + span);
    this.#trace("oversleep", `${span} µs from ${engine.now}`);
  }

  /** Makes it wake at the instant of another node's wake, as soon as both are asleep. */
  wakeWith(other: VirtualNode): void {
    if (this.#state !== "asleep") this.#meets = other;
    else if (other.#state === "asleep" && other.#wakesAt !== undefined) this.#wakeAt(other.#wakesAt);
    else other.#meets = this;
  }

  /** Lets a person stop the firmware at its prompt, type `reset_node(subject)`, and start it over. */
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

  /** The cause of a wake: deep sleep, unless RTC memory is lost; then the node starts cold. */
  #causeOfWake(): ResetCause {
    if (this.rtcMemory.here) return "deep-sleep";
    this.#startCold();
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

  /**
   * Stops all that runs. A reset makes the busy line's pin an input, so that the node does not hold the line any more.
   */
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

  /** Whether a fault keeps it asleep although its sleep is over, which it then notes as `#late`. */
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

  /** Makes the sleep under way end at `when`. */
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

  /** Draws the load of a node that stays awake, until the pack is flat. */
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
