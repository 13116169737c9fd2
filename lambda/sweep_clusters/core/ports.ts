/** What the function needs from outside; adapters implement it, tests replace it. */
import type { SweepSignal } from "../../../lib/contract/incidents.ts";
import type { QueueCount } from "./detect/backend.ts";
import type { Certificate } from "./detect/certificates.ts";
import type { BatterySample, ClusterView, Memory } from "./view.ts";

/** What is known of clusters, and where battery samples are kept. */
export interface Clusters {
  /** One Query. `unreadable`: keys of items that are not what they should be; they are left out. */
  read(clusterId: string): Promise<ClusterView & { readonly unreadable: readonly string[] }>;
  /** Replaces what the sweeps keep of a cluster. */
  remember(clusterId: string, memory: Memory, nowMs: number): Promise<void>;
  /** Replaces the samples of one node. */
  keepSamples(clusterId: string, node: number, samples: readonly BatterySample[]): Promise<void>;
}

/** A reading as the weekly report takes it. */
export interface StoredReading {
  readonly node: number;
  readonly term: number;
  /** By the node's clock, epoch ms. */
  readonly measuredMs: number;
  readonly temperatureC: number;
}

/** The readings table, to be counted and summed up. */
export interface Readings {
  /** Readings of a cluster that were measured from `fromMs` on and before `untilMs`, epoch ms, oldest first, in pages. */
  pages(clusterId: string, fromMs: number, untilMs: number): AsyncIterable<readonly StoredReading[]>;
  /** Readings of a cluster that were measured from `fromMs` on and before `untilMs`, epoch ms. */
  count(clusterId: string, fromMs: number, untilMs: number): Promise<number>;
}

/** The backend's own queues, with how much waits in each. */
export interface Queues {
  count(): Promise<readonly QueueCount[]>;
}

/** The certificates of nodes, as AWS IoT knows them. */
export interface Certificates {
  /** What is attached to a node's thing; nothing where there is no such thing. @throws what AWS IoT throws */
  of(clusterId: string, node: number): Promise<readonly Certificate[]>;
}

/** Hands signals over to `send_cluster_mail`. */
export interface Signals {
  /** Returns when the signal is queued. */
  give(signal: SweepSignal): Promise<void>;
}

/** Lines of a sweep; keys are the contract with metric filters, metrics and the simulator. */
export interface LogEntry {
  readonly level: "info" | "warn";
  readonly message: "sweep" | "cluster" | "hour" | "item-unreadable" | "certificates-unknown";
  readonly clusters?: number;
  /** How many signals of each type. */
  readonly signals?: Readonly<Record<string, number>>;
  readonly cluster?: string;
  readonly item?: string;
  /** Of the cluster's newest reading; or whose certificates could not be looked up. */
  readonly node?: number;
  /** Why they could not. */
  readonly why?: string;
  readonly temperature_c?: number;
  readonly battery_mv?: number;
  /** Stored for the cluster in the hour that has ended. */
  readonly readings?: number;
  /** No sweep before this one has heard of the cluster. */
  readonly heard?: false;
  readonly request_id: string;
}
