/** What a node is built from, and the states that it can be in. */
import type { Rng } from "../engine/rng.ts";
import type { Instant, Micros } from "../engine/time.ts";
import type { NimhPack } from "../hardware/nimh-pack.ts";
import type { Host } from "./firmware.ts";
import type { NodeEvent } from "./node-event.ts";

/** The parts of a node, and its listeners. */
export interface NodeParts
  extends Omit<Host, "operations" | "flash" | "load" | "transmits" | "batteryMv" | "tell" | "trace"> {
  readonly pack: NimhPack;
  /** This node's own random stream. */
  readonly rng: Rng;
  /** Longest time awake, after which the hardware watchdog resets it; undefined: it has no watchdog. */
  readonly watchdog: Micros | undefined;
  /** Temperature of the board, °C. */
  readonly celsius: (at: Instant) => number;
  readonly listen: (event: NodeEvent) => void;
  /** Called when the pack cannot carry a boot: the node has no power from now on. */
  readonly onFlat: () => void;
}

/**
 * A node's state. `off`: without power; `hung`: at its prompt; `frozen`: amid its work; `comatose`: asleep for good.
 */
export type NodeState = "off" | "asleep" | "awake" | "hung" | "frozen" | "comatose";
