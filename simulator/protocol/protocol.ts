/** What a failover protocol is to whoever runs it: cycles of effects, and what a node keeps between them. */
import type { Chip, Cycle } from "./effects.ts";

/** Why the chip runs from its reset vector. Only `deep-sleep` keeps RTC memory. */
export type ResetCause = "power-on" | "deep-sleep" | "watchdog" | "brown-out" | "pin" | "soft";

/** Which node of which cluster a cycle runs for. None of it changes while the cluster runs. */
export interface NodeContext {
  readonly self: number;
  readonly nodes: number;
  /** EEPROMs: one for each node, and the witness where there is one. */
  readonly chips: number;
  /** Name of the cluster. */
  readonly cluster: string;
  /** Where the protocol re-admits by itself: how often; its own default when absent. */
  readonly readmission?: Readmission;
}

/** A node held to be dead that moves again is a member again, unless it flaps. */
export interface Readmission {
  /** So often, from 0 on; after that a person has to do it. */
  readonly most: number;
  /** Until so many wakes of the primary have passed without any, from 1 on. */
  readonly forgetWakes: number;
}

/** Why and how often this node has started: what its reset vector finds out before the cycle begins. */
export interface Start {
  readonly cause: ResetCause;
  /** Cold starts of this node so far, this one included; counted in its flash. */
  readonly boot: number;
}

/** What a wake leaves behind. */
export interface WakeResult<Memory> {
  /** What to keep in RTC memory. */
  readonly memory: Memory;
  /** How long to sleep: the full period, or just longer than any node can be awake. */
  readonly sleep: "period" | "settle";
}

/**
 * What became of `reset_node`: `unwritable` are the chips that did not take it. Nothing is written where no chip can be
 * read, or all are blank.
 */
export type ResetOutcome =
  | { readonly done: true; readonly unwritable: readonly Chip[] }
  | { readonly done: false; readonly why: "no-chip-readable" | "blank" };

/** Methods, not properties, so that a protocol fits wherever its memory's type does not matter. */
export interface Protocol<Memory = unknown> {
  readonly name: string;
  /** The largest cluster that it has room for. */
  readonly nodesMax: number;
  /** Seconds that a node may be awake before its watchdog has to reset it; undefined: it has none. */
  readonly watchdogS: number | undefined;
  /** RTC memory after any reset that is not a wake from deep sleep. */
  readonly cold: Memory;
  /** One wake. */
  wake(context: NodeContext, memory: Memory, start: Start): Cycle<WakeResult<Memory>>;
  /** `reset_node(subject)`, typed at the prompt of node `self`. */
  resetNode(context: NodeContext, subject: number, start: Start): Cycle<ResetOutcome>;
  /**
   * What a chip holds, from word address 0 on, in a cluster of members that is well; node 0 is primary.
   * @param counters each node's counter, `nodes` numbers of 16 bits
   */
  runningChip(context: Omit<NodeContext, "self">, counters: readonly number[]): Uint8Array;
}
