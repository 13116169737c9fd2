/**
 * What can be asked of a cluster at a time: whether all that has struck it is within what the hardened protocol promises
 * for, since when nothing has changed, and who could act.
 */
import type { ClusterEvent } from "../../lib/contract/messages.ts";
import { after, type Instant, type Micros, micros, START, seconds } from "../engine/time.ts";
import { LOADS } from "../node/loads.ts";
import type { NodeEvent } from "../node/node-event.ts";
import { COLD_STARTS, FAILURES, HOLD_DOWN_WAKES } from "../protocol/timing.ts";
import { FAULTS, type Fault } from "../scenario/faults.ts";
import type { ClusterSetup } from "../scenario/scenario.ts";
import type { StoryLine, World } from "../scenario/world.ts";
import { chipsOf } from "./draw-fault.ts";

/** What strikes a chip, and not all of them, or a node. */
type ChipFault = Fault & { readonly chip: number };
const onChip = (fault: Fault): fault is ChipFault => "chip" in fault;

/** A node neither wakes nor goes on until they are over. */
const KEEPS: ReadonlySet<string> = new Set(["sleeps-on", "stall"]);
/** A node cannot confirm a claim until they are over. */
const DISABLES: ReadonlySet<string> = new Set(["memory-lost"]);
/** A reset cause that is not true. */
const UNTRUE: ReadonlySet<string> = new Set(["stale-memory"]);

/** By how much a node is late at its next wake, seconds. */
const delayS = (fault: Fault): number => {
  if (fault.kind === "oversleep") return fault.by_s;
  return "held_s" in fault ? Number(fault.held_s ?? 0) : 0;
};

/** So many records, written to every chip, and a chip that was away holds all that there is to know. */
const RECORDS_TO_RECOVER = 2;

/** What goes beyond the assumptions under which the laws of acting are promised. */
export const BEYOND = {
  "untrue-reset-cause": "a reset that is taken for a wake from deep sleep",
  "settle-cut-short": "a settle sleep shorter than a node can be awake",
  "two-chips-differ": "two chips that do not hold the same, one after another or at once",
  "cut-without-witness": "a wire is cut, and there is no witness chip",
  "records-elsewhere": "the firmware keeps its records elsewhere from now on",
} as const;
/** Which of them. */
export type Beyond = keyof typeof BEYOND;

/**
 * What a run can be held to at each moment, kept up to date with every fault that strikes and every node's events.
 */
export class Conditions {
  /** Why nothing is promised any more, of who acts at a time; undefined: it is. */
  beyond: Beyond | undefined;
  /** Of what they do, nothing has changed since. */
  quietSince: Instant = START;
  readonly #world: World;
  readonly #period: Micros;
  readonly #cluster: ClusterSetup;
  readonly #chips: number;
  /** Faults of one chip each that have struck and are not over. */
  readonly #spoiled = new Set<ChipFault>();
  /** Chips that have been away, and how many records have reached every chip since. */
  readonly #behind = new Map<number, number>();
  /** Until when a node may hold back, after it has failed. */
  readonly #failures = new Map<number, number>();
  /** Its last decision was to claim. */
  readonly #claiming = new Set<number>();
  readonly #heldBack = new Map<number, Instant>();
  readonly #cut = new Set<number>();
  /** Faults that keep a node from acting, although it goes on. */
  readonly #disabled = new Set<Fault>();
  /** Faults that keep a node from going on. */
  readonly #kept = new Set<Fault>();
  /** By how much nodes may be late once these are over. */
  #owed = micros(0);
  /** By node: by how much its next sleep is to be longer. */
  readonly #longer = new Map<number, Micros>();
  #straddles = false;

  constructor(world: World, cluster: ClusterSetup, period: Micros) {
    this.#world = world;
    this.#period = period;
    this.#cluster = cluster;
    this.#chips = chipsOf(cluster);
  }

  story({ at, step, over }: StoryLine): void {
    this.#disturbed(at);
    if (step.kind === "action") return;
    const { fault } = step;
    if (!over) this.#late(fault);
    if (fault.kind === "wire-cut") this.#cutWire(fault.node, over);
    else if (fault.kind === "straddling-records") this.#straddle();
    else if (KEEPS.has(fault.kind) && over) this.#goesOn(fault);
    else if (KEEPS.has(fault.kind)) this.#kept.add(fault);
    else if (DISABLES.has(fault.kind)) this.#disabled[over ? "delete" : "add"](fault);
    else if (UNTRUE.has(fault.kind)) this.beyond ??= "untrue-reset-cause";
    else if (onChip(fault)) this.#chip(fault, over);
  }

  node(event: NodeEvent): void {
    switch (event.kind) {
      case "powered-on":
        this.#startsOver(event);
        this.#longer.delete(event.node);
        this.#switched(event);
        return;
      case "asleep":
        return this.#sleepsLonger(event);
      case "powered-off":
      case "battery-flat":
        return this.#switched(event);
      case "hung":
      case "frozen":
      case "never-wakes":
      case "reset-node":
        return this.#disturbed(event.at);
      case "reset":
        // It keeps what it remembers where it takes the reset for a wake.
        if (event.cause !== "deep-sleep") this.#startsOver(event);
        if (event.cause === "watchdog" || event.cause === "brown-out") this.#holdsBack(event.node, event.at);
        return this.#disturbed(event.at);
      case "published":
        if (event.channel === "reading") this.#isWell(event.node);
        return;
      case "connect-failed":
      case "sensor-failed":
        return this.#failed(event);
      case "publish-failed":
        return isOfSensor(event) ? undefined : this.#failed(event);
      case "decided":
        this.#claimed(event);
        if (event.decision.role !== "unknown" && event.decision.unwritable.length === 0) this.#recorded();
        return;
      default:
        return;
    }
  }

  /** A settle sleep has ended before another node is sure to be done. */
  settleCutShort(): void {
    this.beyond ??= "settle-cut-short";
  }

  /** Nodes that have power, run, can measure and publish, and reach as many chips in order as they need. */
  able(at: Instant): number[] {
    const heldBack = (node: number) => at < (this.#heldBack.get(node) ?? START);
    const { witness } = this.#cluster;
    const need = witness ? Math.floor(this.#chips / 2) + 1 : 1;
    const kept = new Set(
      [...this.#kept, ...this.#disabled].map((fault) => (fault as { node?: number }).node),
    );
    return this.#world.devices.flatMap((_, self) =>
      this.#runs(self) &&
      !kept.has(self) &&
      !heldBack(self) &&
      this.#publishes(self) &&
      this.#reachable(self) >= need
        ? [self]
        : [],
    );
  }

  /** It wakes, be it able or not. */
  #runs(self: number): boolean {
    const { state } = this.#world.devices[self]!.node;
    return state === "asleep" || state === "awake";
  }

  #publishes(self: number): boolean {
    const { node, radio, sensor, board } = this.#world.devices[self]!;
    const online =
      radio.online && radio.tlsMemory.here && radio.certificate.here && radio.pubacksToLose === 0;
    const powered = board.eeprom.patient && node.supply.canCarry(LOADS.txPeak.ampere);
    return online && powered && (radio.joinS ?? 0) <= JOIN_MAX_S && sensor.fault === undefined;
  }

  /** Nodes that run, and that others may take for able, although they are not. */
  unable(at: Instant): number {
    const able = this.able(at);
    return this.#world.devices.filter((_, self) => this.#runs(self) && !able.includes(self)).length;
  }

  /** Share by which sleeps are too long at most, the temperature's part included. */
  get slowest(): number {
    return Math.max(0, ...this.#world.devices.map(({ node }) => node.clock.error)) + TEMPERATURE_SHARE;
  }

  #reachable(node: number): number {
    const { rig } = this.#world;
    if (this.#straddles || this.#cut.has(node) || rig.bus.lines.condition !== "clear") return 0;
    let found = 0;
    for (let chip = 0; chip < this.#chips; chip++)
      if (rig.reaches(node, chip) && !this.#isSpoiled(chip)) found += 1;
    return found;
  }

  #isSpoiled(chip: number): boolean {
    for (const fault of this.#spoiled)
      if (fault.chip === chip || (fault.kind === "wrong-strap" && fault.as === chip)) return true;
    return false;
  }

  #chip(fault: ChipFault, over: boolean): void {
    if (over) this.#spoiled.delete(fault);
    else if (fault.kind === "eeprom-blank" || fault.kind === "eeprom-noise") this.#replaced(fault.chip);
    else if (!FAULTS[fault.kind].lasting && fault.kind !== "worn-page") this.#away(fault.chip);
    else this.#spoiled.add(fault);
    this.#away(fault.chip);
    if (fault.kind === "wrong-strap") this.#away(fault.as);
  }

  /** The new one has no worn pages and no stuck bits; it sits in the socket of the old one. */
  #replaced(chip: number): void {
    for (const fault of this.#spoiled)
      if (fault.chip === chip && (fault.kind === "worn-page" || fault.kind === "stuck-bit"))
        this.#spoiled.delete(fault);
  }

  #away(chip: number): void {
    this.#behind.set(chip, 0);
    if (this.#behind.size > 1) this.beyond ??= "two-chips-differ";
  }

  #recorded(): void {
    for (const [chip, records] of this.#behind)
      if (records + 1 < RECORDS_TO_RECOVER) this.#behind.set(chip, records + 1);
      else if (!this.#isSpoiled(chip)) this.#behind.delete(chip);
  }

  #late(fault: Fault): void {
    const late = seconds(delayS(fault));
    if (fault.kind === "oversleep" && !this.#isPlainlyAsleep(fault.node))
      this.#longer.set(fault.node, micros((this.#longer.get(fault.node) ?? 0) + late));
    this.#owed = micros(this.#owed + (this.#kept.size > 0 ? late : 0));
    this.#disturbed(after(this.quietSince, late));
  }

  /** Then the sleep that it is in is the one that lasts longer; else its next, however far off that is. */
  #isPlainlyAsleep(node: number): boolean {
    return this.#kept.size === 0 && this.#world.devices[node]!.node.state === "asleep";
  }

  #sleepsLonger({ at, node }: NodeEvent): void {
    const longer = this.#longer.get(node);
    if (longer === undefined) return;
    this.#longer.delete(node);
    this.#disturbed(after(at, longer));
  }

  /** One that was kept asleep is late again at its next wake, where it was to oversleep meanwhile. */
  #goesOn(fault: Fault): void {
    this.#kept.delete(fault);
    this.#disturbed(after(this.quietSince, this.#owed));
    if (this.#kept.size === 0) this.#owed = micros(0);
  }

  #cutWire(node: number, over: boolean): void {
    if (over) this.#cut.delete(node);
    else this.#cut.add(node);
    if (this.#cluster.witness) this.#away(node);
    else this.beyond ??= "cut-without-witness";
  }

  #straddle(): void {
    this.#straddles = true;
    this.beyond ??= "records-elsewhere";
  }

  #switched({ at, node }: NodeEvent): void {
    this.#disturbed(at);
    if (this.#cluster.eepromPower === "own") this.#away(node);
  }

  #failed({ at, node }: NodeEvent): void {
    const failures = (this.#failures.get(node) ?? 0) + 1;
    this.#failures.set(node, failures);
    if (failures >= FAILURES) this.#holdsBack(node, at);
  }

  #holdsBack(node: number, at: Instant): void {
    this.#heldBack.set(node, after(at, micros(this.#period * (1 + this.slowest) * (HOLD_DOWN_WAKES + 1))));
  }

  /** A claim that may not be used after a settle, or is not kept, is a failure. */
  #claimed(event: NodeEvent & { kind: "decided" }): void {
    const { node, decision } = event;
    const claims = decision.role === "claiming";
    if (claims && (this.#claiming.has(node) || decision.why === "too-few-chips-writable"))
      this.#failed(event);
    if (claims) this.#claiming.add(node);
    else this.#claiming.delete(node);
  }

  /** Cold: what it held against itself is forgotten, unless it keeps starting over. */
  #startsOver({ at, node }: NodeEvent): void {
    this.#isWell(node);
    // Of this start its flash does not know yet.
    if (this.#world.devices[node]!.node.flash.coldStarts + 1 >= COLD_STARTS) this.#holdsBack(node, at);
  }

  #isWell(node: number): void {
    this.#failures.delete(node);
    this.#heldBack.delete(node);
  }

  #disturbed(at: Instant): void {
    if (at > this.quietSince) this.quietSince = at;
  }
}

/** That the sensor failed has been counted already when the word of it is lost. */
const isOfSensor = ({ channel, payload }: NodeEvent & { kind: "publish-failed" }): boolean =>
  channel === "event" && (JSON.parse(payload) as ClusterEvent).type === "sensor_failed";

/** Beyond that a node gives up to join. */
const JOIN_MAX_S = 20;

/** A sleep timer's error changes with the temperature: by so much between 25 °C and the ends of what scenarios have. */
const TEMPERATURE_SHARE = 0.02;
