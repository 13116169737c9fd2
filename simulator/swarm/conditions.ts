/**
 * What may be asked of a cluster at a time: whether all faults so far are within the hardened protocol's promise, since
 * when nothing has changed, and which nodes could act.
 */
import type { ClusterEvent } from "../../lib/contract/messages.ts";
import { after, type Instant, type Micros, micros, START, seconds } from "../engine/time.ts";
import { PAGE_BYTES } from "../hardware/at24c256.ts";
import { EEPROM_PARTS } from "../hardware/eeprom-parts.ts";
import { LOADS } from "../node/loads.ts";
import type { NodeEvent } from "../node/node-event.ts";
import { COLD_STARTS, FAILURES, HOLD_DOWN_WAKES } from "../protocol/timing.ts";
import { FAULTS, type Fault } from "../scenario/faults.ts";
import type { ClusterSetup } from "../scenario/scenario.ts";
import type { StoryLine, World } from "../scenario/world.ts";
import { chipsOf } from "./draw-fault.ts";

/** A fault of one chip. */
type ChipFault = Fault & { readonly chip: number };
const onChip = (fault: Fault): fault is ChipFault => "chip" in fault;

/** Faults during which a node neither wakes nor goes on. */
const KEEPS: ReadonlySet<string> = new Set(["sleeps-on", "stall"]);
/** Faults during which a node cannot confirm a claim. */
const DISABLES: ReadonlySet<string> = new Set(["memory-lost"]);
/** Kinds that concern no other node than the one they strike. */
const OF_ONE_NODE: ReadonlySet<string> = new Set([
  "power-cut",
  "battery-low",
  "reset",
  "memory-lost",
  "never-wakes",
  "wifi-outage",
  "slow-join",
  "joins-fail",
  "tls-failure",
  "certificate-expired",
  "puback-lost",
  "sensor-absent",
  "sensor-crc",
  "sensor-85",
  "sensor-127",
  "sensor-zero",
]);
/** A chip is replaced by another one; what belongs to the chip itself goes with it. */
const REPLACES: ReadonlySet<string> = new Set(["eeprom-blank", "eeprom-noise", "eeprom-other-type"]);
const OF_THE_CHIP: ReadonlySet<string> = new Set(["worn-page", "stuck-bit", "eeprom-other-type"]);
/** Faults with a reset cause that is not true. */
const UNTRUE: ReadonlySet<string> = new Set(["stale-memory"]);

/** By how many seconds a fault makes a node late at its next wake. */
const delayS = (fault: Fault): number => {
  if (fault.kind === "oversleep") return fault.by_s;
  return "held_s" in fault ? Number(fault.held_s ?? 0) : 0;
};

/** Records that must reach every chip before a chip that was away holds all that matters. */
const RECORDS_TO_RECOVER = 2;

/** What breaks the assumptions of the laws of acting. */
export const BEYOND = {
  "untrue-reset-cause": "a reset that is taken for a wake from deep sleep",
  "settle-cut-short": "a settle sleep shorter than a node can be awake",
  "two-chips-differ": "two chips that do not hold the same, one after another or at once",
  "cut-without-witness": "a wire is cut, and there is no witness chip",
  "transfers-fail": "transfers fail by chance, so that chips may differ at any time",
  "records-elsewhere": "the firmware keeps its records elsewhere from now on",
} as const;
/** Name of a broken assumption. */
export type Beyond = keyof typeof BEYOND;

/**
 * Knows at each moment what may be asked of a run. It follows every fault and every node's events.
 */
export class Conditions {
  /** Why "one acts at a time" is not promised any more in this run; undefined: it is promised. */
  beyond: Beyond | undefined;
  /** Since when nothing has changed that affects who could act. */
  quietSince: Instant = START;
  /** The last change that may concern every node. */
  #sharedSince: Instant = START;
  /** By node: the last change that concerns it alone. */
  readonly #ownSince = new Map<number, Instant>();
  readonly #world: World;
  readonly #period: Micros;
  readonly #cluster: ClusterSetup;
  readonly #chips: number;
  /** Faults of chips that are not over. */
  readonly #spoiled = new Set<ChipFault>();
  /** By chip that has been away: how many records have reached every chip since. */
  readonly #behind = new Map<number, number>();
  /** By node: its failures in a row. */
  readonly #failures = new Map<number, number>();
  /** Nodes whose last decision was to claim. */
  readonly #claiming = new Set<number>();
  /** By node: until when it may hold back after it has failed. */
  readonly #heldBack = new Map<number, Instant>();
  readonly #cut = new Set<number>();
  /** Faults that keep a node from acting, although it goes on. */
  readonly #disabled = new Set<Fault>();
  /** Faults that keep a node from going on. */
  readonly #kept = new Set<Fault>();
  /** By how much nodes may be late when these are over. */
  #owed = micros(0);
  /** By node: by how much its next sleep will be longer. */
  readonly #longer = new Map<number, Micros>();
  #straddles = false;
  /** Faults by which transfers fail by chance. */
  readonly #unsteady = new Set<Fault>();

  constructor(world: World, cluster: ClusterSetup, period: Micros) {
    this.#world = world;
    this.#period = period;
    this.#cluster = cluster;
    this.#chips = chipsOf(cluster);
  }

  story({ at, step, over }: StoryLine): void {
    this.#disturbed(at, this.#concerns(step));
    if (step.kind === "action") return;
    const { fault } = step;
    if (!over) this.#late(fault);
    if (fault.kind === "wire-cut") this.#cutWire(fault.node, over);
    else if (fault.kind === "straddling-records") this.#straddle();
    else if (KEEPS.has(fault.kind) && over) this.#goesOn(fault);
    else if (KEEPS.has(fault.kind)) this.#kept.add(fault);
    else if (fault.kind === "transfer-errors") this.#transfersFail(fault, over);
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
        return this.#disturbed(event.at, event.node);
      case "reset":
        // It keeps its RTC memory if the reset shows as a wake from deep sleep.
        if (event.cause !== "deep-sleep") this.#startsOver(event);
        if (event.cause === "watchdog" || event.cause === "brown-out") this.#holdsBack(event.node, event.at);
        return this.#disturbed(event.at, event.node);
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

  /** Notes that a settle sleep has ended before another node is certain to be done. */
  settleCutShort(): void {
    this.beyond ??= "settle-cut-short";
  }

  /** Nodes that run, can measure and publish, reach as many chips in order as they need, and do not hold back. */
  able(at: Instant): number[] {
    return this.well().filter((node) => at >= (this.#heldBack.get(node) ?? START));
  }

  /** The same, and those that hold back. */
  well(): number[] {
    const { witness } = this.#cluster;
    const need = witness ? Math.floor(this.#chips / 2) + 1 : 1;
    const kept = new Set(
      [...this.#kept, ...this.#disabled].map((fault) => (fault as { node?: number }).node),
    );
    return this.#world.devices.flatMap((_, self) =>
      this.#runs(self) && !kept.has(self) && this.#publishes(self) && this.#reachable(self) >= need
        ? [self]
        : [],
    );
  }

  /** Whether a node has power and its firmware runs. */
  #runs(self: number): boolean {
    const { state } = this.#world.devices[self]!.node;
    return state === "asleep" || state === "awake";
  }

  #publishes(self: number): boolean {
    const { node, radio, sensor, board } = this.#world.devices[self]!;
    const online =
      radio.online && radio.tlsMemory.here && radio.certificate.here && radio.pubacksToLose === 0;
    const powered = board.eeprom.patient && node.supply.canCarry(LOADS.txPeak.ampere);
    const joins = (radio.joinS ?? 0) <= JOIN_MAX_S && radio.joinsFailing === 0;
    return online && powered && joins && sensor.fault === undefined;
  }

  /** Number of nodes that run but are not able, which others may take for able. */
  unable(at: Instant): number {
    const able = this.able(at);
    return this.#world.devices.filter((_, self) => this.#runs(self) && !able.includes(self)).length;
  }

  /** Largest share by which sleeps are too long, the temperature's part included. */
  get slowest(): number {
    return Math.max(0, ...this.#world.devices.map(({ node }) => node.clock.error)) + TEMPERATURE_SHARE;
  }

  #reachable(node: number): number {
    const { rig } = this.#world;
    if (
      this.#straddles ||
      this.#unsteady.size > 0 ||
      this.#cut.has(node) ||
      rig.bus.lines.condition !== "clear"
    )
      return 0;
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
    else if (REPLACES.has(fault.kind)) this.#replaced(fault);
    else if (!FAULTS[fault.kind].lasting && fault.kind !== "worn-page") this.#away(fault.chip);
    else this.#spoiled.add(fault);
    this.#away(fault.chip);
    if (fault.kind === "wrong-strap" && fault.as < this.#chips) this.#away(fault.as);
  }

  /**
   * Notes a replaced chip: it has no worn pages and no stuck bits, but what its socket has lasts on. One with pages that are
   * shorter than a record keeps none.
   */
  #replaced(by: ChipFault): void {
    for (const fault of this.#spoiled)
      if (fault.chip === by.chip && OF_THE_CHIP.has(fault.kind)) this.#spoiled.delete(fault);
    if (by.kind === "eeprom-other-type" && EEPROM_PARTS[by.part].pageBytes < PAGE_BYTES)
      this.#spoiled.add(by);
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
    if (late === 0) return;
    if (fault.kind === "oversleep" && !this.#isPlainlyAsleep(fault.node))
      this.#longer.set(fault.node, micros((this.#longer.get(fault.node) ?? 0) + late));
    this.#owed = micros(this.#owed + (this.#kept.size > 0 ? late : 0));
    this.#disturbed(after(this.quietSince, late));
  }

  /**
   * Whether the sleep that a node is in is the one that `oversleep` makes longer; else it is the next one, whenever
   * that is.
   */
  #isPlainlyAsleep(node: number): boolean {
    return this.#kept.size === 0 && this.#world.devices[node]!.node.state === "asleep";
  }

  #sleepsLonger({ at, node }: NodeEvent): void {
    const longer = this.#longer.get(node);
    if (longer === undefined) return;
    this.#longer.delete(node);
    this.#disturbed(after(at, longer));
  }

  /** Ends a fault that kept a node asleep. If it was to oversleep meanwhile, it is late again at its next wake. */
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

  #transfersFail(fault: Fault, over: boolean): void {
    this.beyond ??= "transfers-fail";
    if (over) this.#unsteady.delete(fault);
    else this.#unsteady.add(fault);
  }

  #straddle(): void {
    this.#straddles = true;
    this.beyond ??= "records-elsewhere";
  }

  #switched({ at, node }: NodeEvent): void {
    this.#disturbed(at, this.#isShared() ? undefined : node);
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

  /** Counts a failure: a claim that may not be used after a settle, or that is not kept. */
  #claimed(event: NodeEvent & { kind: "decided" }): void {
    const { node, decision } = event;
    const claims = decision.role === "claiming";
    if (claims && (this.#claiming.has(node) || decision.why === "too-few-chips-writable"))
      this.#failed(event);
    if (claims) this.#claiming.add(node);
    else this.#claiming.delete(node);
  }

  /** Notes a cold start: the node forgets its failures, unless it has started cold too often. */
  #startsOver({ at, node }: NodeEvent): void {
    this.#isWell(node);
    // Its flash does not count this start yet.
    if (this.#world.devices[node]!.node.flash.coldStarts + 1 >= COLD_STARTS) this.#holdsBack(node, at);
  }

  #isWell(node: number): void {
    this.#failures.delete(node);
    this.#heldBack.delete(node);
  }

  /** @param node the only one that the change concerns; undefined: it may concern all */
  #disturbed(at: Instant, node?: number): void {
    if (at > this.quietSince) this.quietSince = at;
    if (node === undefined) this.#sharedSince = max(this.#sharedSince, at);
    else this.#ownSince.set(node, max(this.#ownSince.get(node) ?? START, at));
  }

  /** Since when nothing has changed for this node, whatever goes on at the others. */
  steadySince(node: number): Instant {
    return max(this.#sharedSince, this.#ownSince.get(node) ?? START);
  }

  /** A node without power takes its chip's power, or the bus, from the others. */
  #isShared(): boolean {
    return this.#cluster.eepromPower === "own" || this.#cluster.pullUps !== "external";
  }

  /** The node that a step concerns alone; undefined: it may concern others. */
  #concerns(step: StoryLine["step"]): number | undefined {
    if (step.kind === "action") return undefined;
    const { fault } = step;
    if (!OF_ONE_NODE.has(fault.kind) || this.#isShared()) return undefined;
    return (fault as { readonly node?: number }).node;
  }
}

/** Whether a failed publish is the report of a failed sensor, which counts as a failure already. */
const isOfSensor = ({ channel, payload }: NodeEvent & { kind: "publish-failed" }): boolean =>
  channel === "event" && (JSON.parse(payload) as ClusterEvent).type === "sensor_failed";

/** Longest join, in seconds: then a node gives up. */
const JOIN_MAX_S = 20;

/** Largest change of a sleep timer's error by temperature, as a share, from 25 °C to the extremes of scenarios. */
const TEMPERATURE_SHARE = 0.02;

const max = (x: Instant, y: Instant): Instant => (x > y ? x : y);
