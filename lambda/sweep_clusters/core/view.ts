/** What a sweep sees of a cluster: its part of the clusters table, as of one Query. Times are epoch ms. */

import type { IncidentId, IncidentKind } from "../../../lib/contract/incidents.ts";
import type { Incident } from "../../core/incident.ts";
import {
  type Heard,
  type Mute,
  type Neighbour,
  type Neighbourhood,
  saidMsIn,
} from "../../core/neighbourhood.ts";

/** A node's newest reading. */
export interface Heartbeat {
  readonly node: number;
  readonly receivedMs: number;
  /** By the node's clock, and no later than it was received; where the clock is wrong, when it was received. */
  readonly measuredMs: number;
  /** What the node's clock said; absent: it is right. */
  readonly wrongClock?: string;
  readonly sleepS: number;
  /** Absent: the item has none that can be read. */
  readonly temperatureC?: number;
  readonly batteryMv: number;
  readonly term: number;
  /** Bit k: EEPROM k did not keep what the node wrote. */
  readonly unwritableEeproms: number;
  /** Bit j: node j has not been seen to move for long. */
  readonly suspects: number;
  /** Bit k: node or EEPROM k is set up wrongly, as the node sees it. Absent: its firmware does not say. */
  readonly setupFaults?: number;
}

/** A pack's voltage on one day. */
export interface BatterySample {
  /** Days since 1970-01-01. */
  readonly day: number;
  readonly mv: number;
}

/** What a finding rests on. Times are epoch ms of receipt. */
export interface Evidence {
  /** Of the readings that it compares. */
  readonly oldestMs: number;
  readonly newestMs: number;
  /** Two findings that do not say the same do not confirm one another. */
  readonly says: string;
}

/** A finding that was seen once. */
export interface Doubt extends Omit<Evidence, "oldestMs"> {
  readonly kind: IncidentKind;
  readonly subject: number;
}

/** A time in which nobody was heard, epoch ms: from the last reading before it to the first after it. */
export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What one sweep tells the next. */
export interface Memory {
  /** Nobody is heard: the newest reading is of then, epoch ms. */
  readonly silentSinceMs?: number;
  /** The last ones, `GAPS_MAX` at most, oldest first. */
  readonly gaps: readonly Gap[];
  readonly doubts: readonly Doubt[];
  /** In the backend's part: ids of the clusters that may have something that fires, in order. */
  readonly clusters?: readonly string[];
}

/** Of a cluster that no sweep has written anything of. */
export const NO_MEMORY: Memory = { gaps: [], doubts: [] };

/** A cluster as one Query found it. */
export interface ClusterView {
  readonly clusterId: string;
  readonly heartbeats: readonly Heartbeat[];
  readonly incidents: readonly Incident[];
  /** By node, oldest first. */
  readonly batteries: ReadonlyMap<number, readonly BatterySample[]>;
  readonly memory: Memory;
  /** Absent: nobody has muted it. */
  readonly mute?: Mute;
}

/** The cluster around one of its incidents. */
export const neighbourhoodIn = (
  { heartbeats, incidents, mute }: Pick<ClusterView, "heartbeats" | "incidents" | "mute">,
  { kind, subject }: Pick<IncidentId, "kind" | "subject">,
): Neighbourhood => ({
  others: incidents
    .filter(({ id }) => id.kind !== kind || id.subject !== subject)
    .flatMap((one) => neighbourOf(one) ?? []),
  heard: heartbeats.map(heardOf),
  ...(mute === undefined ? {} : { mute }),
});

const heardOf = ({ node, receivedMs, sleepS, term, measuredMs, wrongClock }: Heartbeat): Heard => ({
  node,
  receivedMs,
  sleepS,
  term,
  saidMs: wrongClock === undefined ? measuredMs : Date.parse(wrongClock),
});

/** An incident as its neighbours see it; undefined: it has never fired. */
export function neighbourOf(incident: Incident): Neighbour | undefined {
  if (incident.state === "recovered-before-onset") return undefined;
  const { id, state, episode, facts, since } = incident;
  const saidMs = saidMsIn(facts);
  return {
    kind: id.kind,
    subject: id.subject,
    openedMs: episode.openedMs,
    term: since.term,
    ...(saidMs === undefined ? {} : { saidMs }),
    ...(state === "resolved" ? { closedMs: episode.closedMs ?? episode.openedMs } : {}),
  };
}

/** The newest reading of all; undefined: the cluster was never heard of. */
export const newestOf = <T extends Heartbeat>(heartbeats: readonly T[]): T | undefined =>
  heartbeats.reduce<T | undefined>(
    (newest, one) => (newest === undefined || one.receivedMs > newest.receivedMs ? one : newest),
    undefined,
  );

/** How long a node sleeps, in ms. */
export const periodMs = ({ sleepS }: Heartbeat): number => sleepS * 1_000;

/**
 * The longest stretch in which others were heard and this one was not, ms. Time in which nobody was heard counts for
 * nobody: after it, all are waited for anew.
 */
export function unheardMs(
  { heartbeats, memory }: Pick<ClusterView, "heartbeats" | "memory">,
  { receivedMs }: Heartbeat,
): number {
  const newestMs = newestOf(heartbeats)?.receivedMs ?? receivedMs;
  const gaps = memory.gaps.filter(({ toMs }) => toMs > receivedMs);
  const starts = [receivedMs, ...gaps.map(({ toMs }) => toMs)];
  const ends = [...gaps.map(({ fromMs }) => fromMs), newestMs];
  return Math.max(0, ...ends.map((endMs, i) => endMs - (starts[i] ?? endMs)));
}

/** The incident of that kind and subject, while it is firing; undefined: it is not. */
export const firingOf = (
  { incidents }: Pick<ClusterView, "incidents">,
  kind: Incident["id"]["kind"],
  subject: number,
) => incidents.find(({ id, state }) => state === "firing" && id.kind === kind && id.subject === subject);
