/**
 * A node's firmware in one wake: it runs the protocol's cycle, carries out its effects with board, radio, sensor and
 * uplink, and sets the load that each draws.
 */
import { type SensorFault, SUSPECT_PERIODS } from "../../lib/contract/messages.ts";
import { nodeTopic } from "../../lib/contract/topics.ts";
import { type Engine, outside, type Task } from "../engine/engine.ts";
import { inSeconds, type Micros } from "../engine/time.ts";
import type { Ds18b20 } from "../hardware/ds18b20.ts";
import { PUBACK_LIMIT, type Radio } from "../hardware/network.ts";
import type { RtcClock } from "../hardware/rtc-clock.ts";
import type { ClusterView, Decision, Effect, Reply } from "../protocol/effects.ts";
import { contextOf, cycleOf, type FirmwareVersion } from "../protocol/hardened/versions.ts";
import type { NodeContext, Protocol, ResetCause, Start, WakeResult } from "../protocol/protocol.ts";
import { type Board, type BoardEffect, boardEffect, isBoardEffect, runCycle, runEffect } from "./board.ts";
import { type BoardProblem, isDue, problemMask, type Survey, survey } from "./chip-survey.ts";
import type { Flash, Flashed } from "./flash.ts";
import { LOADS, PHASE, type Phase } from "./loads.ts";
import { measure } from "./measure.ts";
import { type AnyReport, type Envelope, eventMessage, readingMessage } from "./messages.ts";
import type { NodeEventBody } from "./node-event.ts";
import type { Operation, OperationWatch } from "./operations.ts";
import { PeerLog } from "./peer-log.ts";
import { type Publish, tellProblems, tellUnconnected } from "./tell-once.ts";
import { failureOf, type Uplink } from "./uplink.ts";

/** What the firmware runs on. */
export interface Host {
  readonly context: NodeContext;
  /** Version of its firmware at the start. @default current */
  readonly firmware?: FirmwareVersion | undefined;
  /** The name of the deployment to which it publishes. @default the default name */
  readonly deployment?: string | undefined;
  readonly engine: Engine;
  readonly protocol: Protocol;
  readonly board: Board;
  readonly sensor: Ds18b20;
  readonly radio: Radio;
  readonly clock: RtcClock;
  readonly uplink: Uplink;
  readonly operations: OperationWatch;
  readonly flash: Flash;
  readonly sleep: Micros;
  /** Sets what the node draws from now on, in amperes, and for which phase. */
  readonly load: (ampere: number, phase: Phase) => void;
  /** Draws the transmitter's peak. @returns false: the rail broke down under it, and the chip has been reset */
  readonly transmits: () => boolean;
  readonly batteryMv: () => number;
  readonly tell: (event: NodeEventBody) => void;
  readonly trace: (event: string, detail?: string) => void;
}

/** How often a message is published until it has its PUBACK: QoS 1. */
const PUBLISH_TRIES = 2;
/** A wait that lets other events of this instant come first. */
const GIVE_WAY = 0 as Micros;

/** The firmware's RTC memory, which survives deep sleep alone. */
interface RtcMemory {
  protocol: unknown;
  /** The kind of the last sleep; undefined: it has not slept since its cold start. */
  slept: WakeResult<unknown>["sleep"] | undefined;
  seq: number;
  /** The network has set the clock since the cold start. */
  clockSet: boolean;
  /** The cloud has been told that the sensor gives no temperature. */
  sensorReported: boolean;
  /** The cloud could not be reached at the last attempt. */
  offline: boolean;
  /** Nodes of which the cloud knows that they cannot publish, or need not know. */
  unconnected: readonly number[];
  /** What the cloud knows that a person got wrong with a board or an EEPROM. */
  problems: readonly BoardProblem[];
  /** What is known of the EEPROMs; undefined: they have not been looked at since the cold start. */
  survey: Survey | undefined;
  /** By node. */
  readonly peers: PeerLog;
}

const OPERATION_OF: Partial<Record<Effect["do"], Operation>> = {
  "raise-busy": "raise-busy",
  read: "read",
  write: "page-write",
  connect: "connect",
  report: "report",
  "publish-reading": "publish-reading",
};

/**
 * The program of a node between boot and sleep: runs the protocol's cycle, measures, publishes, and keeps what RTC
 * memory keeps. It knows its hardware by `Host` alone.
 */
export class Firmware {
  readonly #host: Host;
  /** Its last decision: a node that publishes has decided in the same wake. */
  #decision: Decision | undefined;
  /** Carries out an effect. One closure for all wakes. */
  readonly #run = (effect: Effect): Task<Reply> | Reply =>
    this.#host.operations.idle ? this.#carryOut(effect) : this.#watched(effect);
  #rtc: RtcMemory;
  /** `offline` as this wake began. */
  #wasOffline = false;
  /** Which node of which cluster it is flashed as; the host's own, unless a person got it wrong. */
  #context: NodeContext;
  #version: FirmwareVersion;

  constructor(host: Host) {
    this.#host = host;
    this.#context = host.context;
    this.#version = host.firmware ?? "current";
    this.#rtc = this.#cold();
  }

  /** Flashes it as node `as` of `cluster`, where they are given. */
  flashAs({ as, cluster }: Flashed): void {
    const { self, cluster: before } = this.#context;
    this.#context = { ...this.#context, self: as ?? self, cluster: cluster ?? before };
  }

  /** Puts firmware of that version in place of the one before; takes effect at its next wake. */
  update(version: FirmwareVersion): void {
    this.#version = version;
  }

  /** Clears RTC memory, as any reset does except a wake from deep sleep. */
  coldStart(): void {
    this.#rtc = this.#cold();
  }

  /** One wake; returns how long to sleep. */
  *wake(cause: ResetCause): Task<WakeResult<unknown>["sleep"]> {
    const { protocol, operations, engine, flash } = this.#host;
    this.#host.trace("wake", cause === "deep-sleep" ? "" : cause);
    this.#wasOffline = this.#rtc.offline;
    if (this.#rtc.slept === "period") flash.ranOn();
    if (operations.meets("wake", "before", engine.now)) yield GIVE_WAY;
    const context = contextOf(this.#context, this.#version);
    const cycle = cycleOf(protocol.wake(context, this.#rtc.protocol, this.#startBy(cause)), this.#version);
    const { memory, sleep } = yield* runCycle(cycle, this.#run);
    this.#rtc.protocol = memory;
    this.#rtc.slept = sleep;
    if (operations.meets("wake", "after", engine.now)) yield GIVE_WAY;
    return sleep;
  }

  /** Runs `reset_node(subject)`, typed by a person. */
  *resetNode(subject: number): Task {
    const { protocol } = this.#host;
    const context = contextOf(this.#context, this.#version);
    const outcome = yield* runCycle(
      cycleOf(protocol.resetNode(context, subject, this.#startBy("soft")), this.#version),
      (effect) => {
        if (effect.do === "keep-boot") return this.#carryOut(effect);
        if (isBoardEffect(effect)) return this.#onBoard(effect);
        throw new Error(`reset_node asks for ${effect.do}: at the prompt there is no network`);
      },
    );
    this.#host.tell({ kind: "reset-node", subject, outcome });
  }

  #startBy(cause: ResetCause): Start {
    const { boots, coldStarts } = this.#host.flash;
    return { cause, boot: boots, coldStarts, offline: this.#rtc.offline };
  }

  #cold(): RtcMemory {
    return {
      protocol: this.#host.protocol.cold,
      slept: undefined,
      seq: 0,
      clockSet: false,
      sensorReported: false,
      offline: false,
      unconnected: [],
      problems: [],
      survey: undefined,
      peers: new PeerLog(),
    };
  }

  /** Carries out an effect while marks are set that an operation may meet. */
  *#watched(effect: Effect): Task<Reply> {
    const { operations, engine } = this.#host;
    const operation = OPERATION_OF[effect.do];
    if (operation !== undefined && operations.meets(operation, "before", engine.now)) yield GIVE_WAY;
    const reply = yield* runEffect(this.#carryOut(effect));
    if (operation !== undefined && operations.meets(operation, "after", engine.now)) yield GIVE_WAY;
    return reply;
  }

  #carryOut(effect: Effect): Task<Reply> | Reply {
    switch (effect.do) {
      case "decide":
        return this.#decided(effect.decision);
      case "keep-boot":
        this.#host.flash.keepBoot(effect.boot);
        this.#host.trace("boot-raised", String(effect.boot));
        return undefined;
      case "connect":
        return this.#connect();
      case "report":
        return this.#publishEvent(effect.report, effect.view);
      case "publish-reading":
        return this.#publishReading(effect.view);
      default:
        return this.#onBoard(effect);
    }
  }

  #onBoard(effect: BoardEffect): Task<Reply> | Reply {
    if (effect.do === "raise-busy") this.#host.load(LOADS.cpu.ampere, PHASE.idle);
    else this.#host.load(LOADS.cpu.ampere + extraOf(effect), PHASE.bus);
    return boardEffect(this.#host.board, effect);
  }

  #decided(decision: Decision): undefined {
    this.#decision = decision;
    this.#rtc.peers.note(decision.counts, this.#context.self, this.#nowMs);
    this.#host.tell({ kind: "decided", decision });
    this.#host.tell({ kind: decision.role === "primary" ? "acting" : "stopped-acting" });
    const changes = decision.changes.map(({ kind, node }) => ` ${kind} ${node}`);
    this.#host.trace("decided", `${decision.role} ${decision.why}${changes.join("")}`);
    return undefined;
  }

  *#connect(): Task<boolean> {
    const { engine, radio, clock, load, trace, tell, transmits } = this.#host;
    load(LOADS.wifi.ampere, PHASE.wifi);
    if (!transmits()) yield GIVE_WAY;
    const joined = radio.join();
    if (!engine.pass(joined.took)) yield joined.took;
    if (joined.failure !== undefined) return this.#noConnection(joined.failure, joined.failure);
    const time = radio.askTime();
    if (!engine.pass(time.took)) yield time.took;
    if (time.failure === undefined) this.#correct(clock.set());
    else {
      trace("clock-unset");
      tell({ kind: "clock-unset" });
    }
    load(LOADS.tls.ampere, PHASE.tls);
    const secured = radio.handshake();
    if (!engine.pass(secured.took)) yield secured.took;
    if (secured.failure !== undefined) return this.#noConnection(secured.failure, secured.failure);
    try {
      yield* outside(this.#host.uplink.connect());
    } catch (error) {
      const { code, why } = failureOf(error);
      return this.#noConnection(code, why);
    }
    trace("connected");
    return true;
  }

  /**
   * Corrects times that were noted before the clock was first set, which in a standby is when it takes over. Later
   * corrections are the drift of one sleep, and do not affect times noted before it.
   */
  #correct(forwardMs: number): void {
    if (this.#rtc.clockSet) return;
    this.#rtc.clockSet = true;
    this.#rtc.peers.shift(forwardMs);
  }

  #noConnection(code: string, why: string): false {
    this.#host.tell({ kind: "connect-failed", why });
    this.#host.trace("connect-failed", code);
    this.#rtc.offline = true;
    return false;
  }

  *#publishEvent(report: AnyReport, view: ClusterView): Task<boolean> {
    const message = eventMessage(this.#envelope(), report, view, this.#rtc.peers.lastSeen());
    return yield* this.#publish("event", JSON.stringify(message));
  }

  *#publishReading(view: ClusterView): Task<boolean> {
    const tooLongMs = SUSPECT_PERIODS * 1_000 * inSeconds(this.#host.sleep);
    const measured = yield* measure(this.#host);
    if (!measured.ok) {
      yield* this.#reportSensor(measured.why, view);
      return false;
    }
    this.#rtc.sensorReported = false;
    const problems = yield* this.#problems();
    const message = readingMessage(this.#envelope(), {
      celsius: measured.celsius,
      sleepS: inSeconds(this.#host.sleep),
      batteryMv: this.#host.batteryMv(),
      unwritable: this.#decision?.unwritable ?? [],
      suspects: this.#rtc.peers.stillSince(this.#nowMs - tooLongMs, view.dead),
      setupFaults: problems && problemMask(problems),
    });
    const published = yield* this.#publish("reading", JSON.stringify(message));
    if (!published) return false;
    this.#host.flash.ranOn();
    const publish: Publish = (report) => this.#publishEvent(report, view);
    const offline = (this.#decision?.offline ?? []).filter((node) => !view.dead.includes(node));
    this.#rtc.unconnected = yield* tellUnconnected(this.#rtc.unconnected, offline, this.#wasOffline, publish);
    this.#rtc.problems = yield* tellProblems(this.#rtc.problems, problems ?? [], publish);
    return true;
  }

  /** What a person got wrong with a board, or with an EEPROM; undefined: the protocol does not look. */
  *#problems(): Task<readonly BoardProblem[] | undefined> {
    const { protocol, board } = this.#host;
    if (protocol.seesSetup !== true) return undefined;
    const { unwritable = [], problems = [] } = this.#decision ?? {};
    const before = this.#rtc.survey;
    const after = isDue(before, unwritable)
      ? yield* survey(board, this.#context, before, unwritable)
      : { ...before!, readings: before!.readings + 1 };
    this.#rtc.survey = after;
    return [...problems, ...after.problems];
  }

  /** Reports a failed sensor, once until it has measured again. */
  *#reportSensor(fault: SensorFault, view: ClusterView): Task {
    if (this.#rtc.sensorReported) return;
    const report = {
      type: "sensor_failed",
      subject: this.#context.self,
      tookOver: false,
      fault,
    } as const;
    this.#rtc.sensorReported = yield* this.#publishEvent(report, view);
  }

  *#publish(channel: "reading" | "event", payload: string): Task<boolean> {
    const { deployment, tell, trace, load, transmits } = this.#host;
    const topic = nodeTopic(channel, this.#context.cluster, this.#context.self, deployment);
    let failure: { code: string; why: string } | undefined;
    for (let attempt = 0; attempt < PUBLISH_TRIES; attempt++) {
      load(LOADS.wifi.ampere, PHASE.publish);
      if (!transmits()) yield GIVE_WAY;
      failure = yield* this.#send(channel, topic, payload);
      if (failure === undefined) {
        tell({ kind: "published", channel, payload });
        trace("published", `${channel} ${payload}`);
        this.#rtc.offline = false;
        return true;
      }
      trace("no-puback", `${channel} ${failure.code}`);
    }
    tell({ kind: "publish-failed", channel, payload, why: failure?.why ?? "" });
    trace("publish-failed", `${channel} ${failure?.code}`);
    this.#rtc.offline = true;
    return false;
  }

  /** Publishes once. @returns why it failed; undefined: its PUBACK came */
  *#send(
    channel: "reading" | "event",
    topic: string,
    payload: string,
  ): Task<{ code: string; why: string } | undefined> {
    const { engine, radio, uplink, tell } = this.#host;
    const puback = radio.puback();
    if (!engine.pass(puback)) yield puback;
    if (!radio.online) {
      yield PUBACK_LIMIT;
      return { code: "no-route", why: "no PUBACK: the network is gone" };
    }
    try {
      yield* outside(uplink.publish(topic, payload));
    } catch (error) {
      return failureOf(error);
    }
    tell({ kind: "delivered", channel, payload });
    if (!radio.losesPuback()) return undefined;
    yield PUBACK_LIMIT;
    return { code: "puback-lost", why: "the PUBACK was lost" };
  }

  /** Epoch ms, by the node's own clock. */
  get #nowMs(): number {
    const { clock, engine } = this.#host;
    return clock.wallMs(engine.now);
  }

  #envelope(): Envelope {
    const { clock, engine } = this.#host;
    return { term: this.#decision?.term ?? 0, seq: this.#rtc.seq++, atMs: clock.wallMs(engine.now) };
  }
}

const extraOf = (effect: BoardEffect): number =>
  effect.do === "write" ? LOADS.eepromWrite.ampere : effect.do === "read" ? LOADS.eepromRead.ampere : 0;
