/** The interface of a failover protocol: cycles of effects, and what a node keeps between them. */
import type { Chip, Cycle } from "./effects.ts";

/**
 * Why a node starts from its reset vector. RTC memory survives `deep-sleep` alone; `memory-lost` is a wake from deep sleep that
 * it did not survive. The others are hints: MicroPython on the ESP32 reports a brown-out as `power-on`.
 */
export type ResetCause =
  | "power-on"
  | "deep-sleep"
  | "memory-lost"
  | "watchdog"
  | "brown-out"
  | "pin"
  | "soft";

/** The node and the cluster that a cycle runs for. Nothing here changes while the cluster runs. */
export interface NodeContext {
  /** Number of this node, from 0 on. */
  readonly self: number;
  /** How many nodes the cluster has. */
  readonly nodes: number;
  /** How many EEPROMs: one for each node, and one more where there is a witness. */
  readonly chips: number;
  /** Name of the cluster. */
  readonly cluster: string;
  /** Its sleep between two wakes, seconds; absent: not told, and neither written nor counted by. */
  readonly sleepS?: number;
  /** How often the protocol re-admits a node by itself; its default when absent. The published one never does. */
  readonly readmission?: Readmission;
}

/** Limits of automatic re-admission: a node held to be dead that moves again is a member again, unless it flaps. */
export interface Readmission {
  /** Automatic re-admissions of one node, from 0 on; after them a person has to do it. */
  readonly most: number;
  /**
   * Wakes without a re-admission after which the earlier ones are forgotten, from 1 on; the node that re-admits counts
   * them.
   */
  readonly forgetWakes: number;
}

/** What a node knows of its own start before the cycle begins. */
export interface Start {
  readonly cause: ResetCause;
  /** Cold starts of this node so far, this one included; counted in its flash. */
  readonly boot: number;
  /**
   * Cold starts since it last published a reading or woke from a full sleep, this one included; counted in its flash. 0: this
   * is a wake from deep sleep, and it has done one of these.
   */
  readonly coldStarts: number;
  /** It could not reach the cloud when it last tried; absent: it could, or has not tried since a reset. */
  readonly offline?: boolean;
}

/** What a wake leaves behind. */
export interface WakeResult<Memory> {
  /** What to keep in RTC memory. */
  readonly memory: Memory;
  /** How long to sleep: the full period, or a settle sleep, which is longer than any node can be awake. */
  readonly sleep: "period" | "settle";
}

/**
 * What became of `reset_node`. `unwritable`: the chips that did not take it. Nothing is written if no chip can be read,
 * or if what was read has no map or valid record (`blank`).
 */
export type ResetOutcome =
  | { readonly done: true; readonly unwritable: readonly Chip[] }
  | { readonly done: false; readonly why: "no-chip-readable" | "blank" };

/**
 * A failover protocol. `wake` and `resetNode` are declared as methods, not as properties: TypeScript compares their
 * parameters less strictly, so that a `Protocol<HardenedMemory>` is a `Protocol`.
 */
export interface Protocol<Memory = unknown> {
  readonly name: string;
  /** Largest cluster, in nodes. */
  readonly nodesMax: number;
  /** Its nodes look for what a person got wrong with a board or an EEPROM, and say so. @default they do not */
  readonly seesSetup?: true;
  /** Seconds that a node may be awake before its watchdog has to reset it; undefined: it has none. */
  readonly watchdogS: number | undefined;
  /** RTC memory to pass to `wake` after any reset that is not a wake from deep sleep. */
  readonly cold: Memory;
  /** One wake, from reset vector to sleep. `memory` is what the last wake returned, or `cold`. */
  wake(context: NodeContext, memory: Memory, start: Start): Cycle<WakeResult<Memory>>;
  /** `reset_node(subject)`, typed at the prompt of node `self`. */
  resetNode(context: NodeContext, subject: number, start: Start): Cycle<ResetOutcome>;
  /**
   * The bytes that a chip holds from word address 0 on, in a cluster where every node is a member and node 0 is
   * primary.
   * @param counters by node: its count, or its gen; 0 to 65,535
   */
  runningChip(context: Omit<NodeContext, "self">, counters: readonly number[]): Uint8Array;
}
