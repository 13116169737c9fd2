/** What a sweep sees of a cluster: its part of the clusters table, as of one Query. Times are epoch ms. */
import type { Incident } from "../../core/incident.ts";

/** A node's newest reading. */
export interface Heartbeat {
  readonly node: number;
  readonly receivedMs: number;
  /** By the node's clock, and no later than it was received. */
  readonly measuredMs: number;
  readonly sleepS: number;
  readonly temperatureC: number;
  readonly batteryMv: number;
  readonly term: number;
  /** Bit k: EEPROM k did not keep what the node wrote. */
  readonly unwritableEeproms: number;
  /** Bit j: node j has not been seen to move for long. */
  readonly suspects: number;
}

/** A pack's voltage on one day. */
export interface BatterySample {
  /** Days since 1970-01-01. */
  readonly day: number;
  readonly mv: number;
}

/** A cluster as one Query found it. */
export interface ClusterView {
  readonly clusterId: string;
  readonly heartbeats: readonly Heartbeat[];
  readonly incidents: readonly Incident[];
  /** By node, oldest first. */
  readonly batteries: ReadonlyMap<number, readonly BatterySample[]>;
}

/** The newest reading of all; undefined: the cluster was never heard of. */
export const newestOf = (heartbeats: readonly Heartbeat[]): Heartbeat | undefined =>
  heartbeats.reduce<Heartbeat | undefined>(
    (newest, one) => (newest === undefined || one.receivedMs > newest.receivedMs ? one : newest),
    undefined,
  );

/** How long a node sleeps, in ms. */
export const periodMs = ({ sleepS }: Heartbeat): number => sleepS * 1_000;

/** The incident of that kind and subject, while it is firing; undefined: it is not. */
export const firingOf = (
  { incidents }: Pick<ClusterView, "incidents">,
  kind: Incident["id"]["kind"],
  subject: number,
) => incidents.find(({ id, state }) => state === "firing" && id.kind === kind && id.subject === subject);
