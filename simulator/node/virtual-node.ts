/**
 * One node: an ESP32 that sleeps, boots, runs its wake cycle against the board, and as primary talks to the cloud.
 *
 * Not modelled yet: brown-out, watchdog, light sleep, drift with temperature. A deep sleep keeps RTC memory, every other
 * reset clears it; the wall clock is lost at power-on and set by the network.
 */
import { nodeTopic } from "../../lib/contract/topics.ts";
import { type Engine, outside, type Process, type Task } from "../engine/engine.ts";
import type { Rng } from "../engine/rng.ts";
import { between, type Instant, inSeconds, type Micros, micros, millis, seconds } from "../engine/time.ts";
import { type Ds18b20, decodeScratchpad } from "../hardware/ds18b20.ts";
import {
  type ArticleMemory,
  articleResetNode,
  articleWake,
  COLD_START,
  type ResetOutcome,
  type WakeOutcome,
} from "../protocol/article/wake.ts";
import type { Decision, Effect, Reply } from "../protocol/effects.ts";
import { Battery, CHARGE_C } from "./battery.ts";
import { type Board, boardEffect, runCycle } from "./board.ts";
import { type Envelope, eventMessage, readingMessage } from "./messages.ts";
import { type Uplink, UplinkError } from "./uplink.ts";

export interface NodeParts {
  readonly cluster: string;
  readonly self: number;
  readonly nodes: number;
  readonly engine: Engine;
  readonly board: Board;
  readonly sensor: Ds18b20;
  readonly uplink: Uplink;
  /** This node's own stream. */
  readonly rng: Rng;
  readonly sleep: Micros;
  /** Wall clock at the start of the run, epoch milliseconds. */
  readonly epochMs: number;
  readonly listen: (event: NodeEvent) => void;
}

/** What a node did, for whoever tells the story or keeps the score. */
export type NodeEvent = { readonly at: Instant; readonly node: number } & (
  | { readonly kind: "powered-on" | "hung" | "powered-off" }
  | { readonly kind: "decided"; readonly decision: Decision }
  | { readonly kind: "acting" | "stopped-acting" }
  | { readonly kind: "reset-node"; readonly subject: number; readonly outcome: ResetOutcome }
  | { readonly kind: "measured"; readonly celsius: number }
  | { readonly kind: "sensor-failed"; readonly why: string }
  | { readonly kind: "connect-failed"; readonly why: string }
  | {
      readonly kind: "published" | "publish-failed";
      readonly channel: "reading" | "event";
      readonly payload: string;
      readonly why?: string;
    }
);

/** ESP32 figures from FACTS "ESP32 and battery": boot to main.py, Wi-Fi join, TLS handshake; seconds. */
const BOOT = millis(650);
const JOIN_S = [0.7, 1.6] as const;
const TLS_S = [1.4, 2.2] as const;
const PUBACK_S = [0.03, 0.12] as const;
/** The firmware tries a sensor that fails its CRC this often. */
const SENSOR_TRIES = 3;
/** Sleep timer drift of a node, either way: FACTS "ESP32 and battery" gives 0.5 to 5 %; a calibrated one stays under 1 %. */
const DRIFT_MAX = 0.01;
/** The published protocol has no terms. */
const ARTICLE_TERM = 0;

/** Kept over deep sleep only. */
interface RtcMemory {
  protocol: ArticleMemory;
  seq: number;
  lastSeen: Map<number, { count: number; at: Instant | undefined }>;
}
const coldRtc = (): RtcMemory => ({ protocol: COLD_START, seq: 0, lastSeen: new Map() });

export class VirtualNode {
  readonly #parts: NodeParts;
  readonly #drift: number;
  readonly #battery = new Battery();
  #rtc = coldRtc();
  #process: Process | undefined;
  #hangsAtNextWake = false;
  #connected = false;

  constructor(parts: NodeParts) {
    this.#parts = parts;
    this.#drift = parts.rng.between(-DRIFT_MAX, DRIFT_MAX);
  }

  get name(): string {
    return `node-${this.#parts.self}`;
  }

  /** Applies power: a cold start. */
  powerOn(): void {
    this.powerOff();
    this.#rtc = coldRtc();
    this.#hangsAtNextWake = false;
    this.#note("powered-on");
    this.#process = this.#parts.engine.spawn(this.name, this.#life());
  }

  /** Takes power away at once, whatever the node is doing. */
  powerOff(): void {
    if (this.#process?.running !== true) return;
    this.#process.kill();
    this.#parts.board.eeprom.reset(this.#parts.engine.now);
    this.#note("powered-off");
  }

  /** From its next wake on, the firmware stays at its prompt: awake, and doing nothing. */
  hangAtNextWake(): void {
    this.#hangsAtNextWake = true;
  }

  /** A person stops the firmware at its prompt, types `reset_node(subject)`, and lets it start over. */
  typeResetNode(subject: number): void {
    const { engine, self, nodes, board } = this.#parts;
    this.#process?.kill();
    board.eeprom.reset(engine.now);
    board.busyLine.lower(self);
    const typed = function* (node: VirtualNode): Task {
      const cycle = articleResetNode(self, nodes, subject);
      const outcome = yield* runCycle(cycle, (effect) => node.#boardOnly(effect));
      node.#tell({ kind: "reset-node", subject, outcome });
      node.#rtc = coldRtc();
      yield* node.#life();
    };
    this.#process = engine.spawn(this.name, typed(this));
  }

  *#life(): Task {
    for (;;) {
      // A reset leaves the pin of the busy line an input, so it no longer holds the line.
      this.#parts.board.busyLine.lower(this.#parts.self);
      yield BOOT;
      if (this.#hangsAtNextWake) {
        this.#note("hung");
        return;
      }
      const started = this.#parts.engine.now;
      const outcome = yield* this.#wake();
      const asleep = micros(this.#parts.sleep * (1 + this.#drift));
      this.#battery.draw(this.#chargeOf(outcome));
      this.#battery.sleep(asleep);
      this.#trace("sleep", `awake ${between(started, this.#parts.engine.now) / 1_000} ms`);
      yield asleep;
    }
  }

  *#wake(): Task<WakeOutcome> {
    const { self, nodes } = this.#parts;
    this.#trace("wake");
    const outcome = yield* runCycle(articleWake(self, nodes, this.#rtc.protocol), (effect) =>
      this.#effect(effect),
    );
    this.#rtc.protocol = outcome.memory;
    return outcome;
  }

  #decided(decision: Decision): void {
    this.#remember(decision.counts);
    this.#tell({ kind: "decided", decision });
    this.#tell({ kind: decision.role === "primary" ? "acting" : "stopped-acting" });
    const changes = decision.changes.map(({ kind, node }) => ` ${kind} ${node}`);
    this.#trace("decided", `${decision.role} ${decision.why}${changes.join("")}`);
  }

  /** Which peers moved since this node last looked, by its own clock. */
  #remember(counts: readonly number[]): void {
    for (const [peer, count] of counts.entries()) {
      if (peer === this.#parts.self) continue;
      const seen = this.#rtc.lastSeen.get(peer);
      if (seen?.count === count) continue;
      // The first look after a cold start shows where a counter stands, not that it moves.
      const at = seen === undefined ? undefined : this.#parts.engine.now;
      this.#rtc.lastSeen.set(peer, { count, at });
    }
  }

  *#effect(effect: Effect): Task<Reply> {
    switch (effect.do) {
      case "decide":
        this.#decided(effect.decision);
        return undefined;
      case "connect":
        return yield* this.#connect();
      case "report":
        return yield* this.#publishEvent(effect);
      case "publish-reading":
        return yield* this.#publishReading();
      default:
        return yield* this.#boardOnly(effect);
    }
  }

  #boardOnly(effect: Effect): Task<Reply> {
    const task = boardEffect(this.#parts.board, effect);
    if (task === undefined) throw new Error(`${effect.do} needs the network`);
    return task;
  }

  *#connect(): Task<boolean> {
    const { rng, uplink } = this.#parts;
    yield seconds(rng.between(...JOIN_S) + rng.between(...TLS_S));
    try {
      yield* outside(uplink.connect());
    } catch (error) {
      this.#connected = false;
      this.#tell({ kind: "connect-failed", why: whyOf(error) });
      this.#trace("connect-failed", codeOf(error));
      return false;
    }
    this.#connected = true;
    this.#trace("connected");
    return true;
  }

  *#publishEvent({ report, view }: Effect & { do: "report" }): Task<boolean> {
    const { epochMs, self } = this.#parts;
    const lastSeen = new Map(
      [...this.#rtc.lastSeen].map(([node, { at }]) => [
        node,
        at === undefined ? undefined : epochMs + at / 1_000,
      ]),
    );
    lastSeen.delete(self);
    const message = eventMessage(this.#envelope(), report, view, lastSeen);
    return yield* this.#publish("event", JSON.stringify(message));
  }

  *#publishReading(): Task<boolean> {
    const measured = yield* this.#measure();
    if (measured === undefined) return false;
    const message = readingMessage(this.#envelope(), {
      celsius: measured,
      sleepS: inSeconds(this.#parts.sleep),
      batteryMv: this.#battery.millivolts(),
    });
    return yield* this.#publish("reading", JSON.stringify(message));
  }

  *#measure(): Task<number | undefined> {
    const { sensor, engine } = this.#parts;
    let why = "";
    for (let attempt = 0; attempt < SENSOR_TRIES; attempt++) {
      yield sensor.convert(engine.now);
      const decoded = decodeScratchpad(sensor.readScratchpad(engine.now));
      if (decoded.ok) {
        this.#tell({ kind: "measured", celsius: decoded.celsius });
        this.#trace("measured", `${decoded.celsius} C`);
        return decoded.celsius;
      }
      why = decoded.why;
    }
    this.#tell({ kind: "sensor-failed", why });
    this.#trace("sensor-failed", why);
    return undefined;
  }

  *#publish(channel: "reading" | "event", payload: string): Task<boolean> {
    const { cluster, self, uplink, rng } = this.#parts;
    yield seconds(rng.between(...PUBACK_S));
    try {
      yield* outside(uplink.publish(nodeTopic(channel, cluster, self), payload));
    } catch (error) {
      this.#tell({ kind: "publish-failed", channel, payload, why: whyOf(error) });
      this.#trace("publish-failed", `${channel} ${codeOf(error)}`);
      return false;
    }
    this.#tell({ kind: "published", channel, payload });
    this.#trace("published", `${channel} ${payload}`);
    return true;
  }

  #envelope(): Envelope {
    const { engine, epochMs } = this.#parts;
    return { term: ARTICLE_TERM, seq: this.#rtc.seq++, atMs: epochMs + Math.floor(engine.now / 1_000) };
  }

  #chargeOf(outcome: WakeOutcome): number {
    if (!outcome.acted) return CHARGE_C.standbyWake;
    return this.#connected ? CHARGE_C.primaryWake : CHARGE_C.failedJoin;
  }

  #note(kind: "powered-on" | "powered-off" | "hung"): void {
    this.#tell({ kind });
    this.#trace(kind);
  }

  #trace(event: string, detail = ""): void {
    this.#parts.board.trace.add(this.#parts.engine.now, this.name, event, detail);
  }

  #tell(event: EventBody): void {
    this.#parts.listen({ at: this.#parts.engine.now, node: this.#parts.self, ...event } as NodeEvent);
  }
}

type Distribute<T> = T extends unknown ? Omit<T, "at" | "node"> : never;
type EventBody = Distribute<NodeEvent>;

const codeOf = (error: unknown): string => (error instanceof UplinkError ? error.code : "unexpected");
const whyOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
