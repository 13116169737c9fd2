/**
 * What a wake cycle asks of the hardware around it. A cycle is a generator: it yields an effect, is resumed with the
 * effect's reply, and returns its result. It has no clock, no randomness and no I/O, so that the simulator, `npm run
 * node` and the checker run the same code.
 */

/** What a node tells the cloud about another one; the firmware adds sequence number, time and the reporter's name. */
export interface Report {
  readonly type: "node_dead" | "node_admitted";
  /** Number of the node that the report is about. */
  readonly subject: number;
  /** The reporter took the role over from that node. */
  readonly tookOver: boolean;
}

/** The cluster as the reporter sees it, in node numbers. */
export interface ClusterView {
  readonly primary: number | null;
  readonly suspects: readonly number[];
  readonly dead: readonly number[];
  readonly neverAdmitted: readonly number[];
}

/**
 * One thing that a wake changed, and the node that it concerns. `took-over`: the role was that node's.
 * `primary-corrected`: the map named several primaries or none, and now names that node.
 */
export interface Change {
  readonly kind: "suspected" | "cleared" | "expelled" | "took-over" | "primary-corrected";
  readonly node: number;
}

/**
 * Something that a person got wrong with a board.
 * - `duplicate-number`: two boards have the node's number; one of them rests.
 * - `memory-lost`: the node's RTC memory does not survive its sleep, so that it can never act.
 * - `other-cluster`: records of another cluster stand at the node's place.
 */
export interface SetupProblem {
  readonly problem: "duplicate-number" | "memory-lost" | "other-cluster";
  readonly node: number;
}

/**
 * Why a wake decides as it does. The published protocol gives `checked`, `dead` and `no-chip-readable`, the hardened
 * one all others.
 */
export type DecisionReason =
  | "checked"
  | "dead"
  | "no-chip-readable"
  | "too-few-chips-readable"
  | "too-few-chips-writable"
  | "nobody-claims"
  | "missed-twice"
  | "claims-anew"
  | "claim-stands"
  | "not-confirmed"
  | "another-claims"
  | "cannot-publish"
  | "duplicate-number";

/** What a wake decided, announced before the node acts on it. */
export interface Decision {
  /** `claiming`: it wants the role and may not act yet. */
  readonly role: "primary" | "claiming" | "standby" | "dead" | "unknown";
  readonly why: DecisionReason;
  /**
   * Term of the record that it writes: its claim's where it claims, else the highest that it knows. 0: the protocol has
   * no terms, or too few chips were readable.
   */
  readonly term: number;
  /** What it read held no map, or no valid record of any node: it writes the first. */
  readonly formatted: boolean;
  readonly changes: readonly Change[];
  /** Chips that did not take the write. */
  readonly unwritable: readonly Chip[];
  /**
   * By node: a number that changes whenever the node shows that it is alive. Published: its counter in the map that is
   * written back; hardened: boot and gen of its record, as read, or -1 where it has none. Empty: too few chips were
   * readable.
   */
  readonly counts: readonly number[];
  /** Other nodes that move, and whose record says that they could not reach the cloud when they last tried. Absent: none. */
  readonly offline?: readonly number[];
  /** It acts, and lets this wake's join pass after joins that failed (`JOIN_EVERY`). Absent: it joins, where it acts. */
  readonly skipsJoin?: true;
  /** What a person got wrong with a board, as far as the chips show it. Absent: nothing. */
  readonly problems?: readonly SetupProblem[];
}

/** What a cycle can ask for, one at a time. Each says what its reply is; where it does not, the reply is ignored. */
export type Effect =
  /** Announces the decision: the firmware's readings tell parts of it, and the checker asks its laws of it. */
  | { readonly do: "decide"; readonly decision: Decision }
  /**
   * Wait until the busy line is free, then raise it. The wait may last for ever. With `courtesy` it ends after about as
   * long as another node's transfers of a wake take, and the line is raised all the same.
   */
  | { readonly do: "raise-busy"; readonly courtesy?: true }
  | { readonly do: "lower-busy" }
  /** Reply: the bytes; undefined when the chip does not answer at any of `tries` tries. @default 1 try */
  | {
      readonly do: "read";
      readonly chip: number;
      readonly address: number;
      readonly length: number;
      readonly tries?: number;
    }
  /**
   * Reply: whether the chip took it and finished its write cycle; with `verify`, whether it then also read back the
   * same bytes. `tries` as for a read. A write-protected chip and a worn page acknowledge what they do not keep.
   */
  | {
      readonly do: "write";
      readonly chip: number;
      readonly address: number;
      readonly bytes: Uint8Array;
      readonly verify?: true;
      readonly tries?: number;
    }
  /** Count the node's cold starts from that number on: it is above a record of this node that its flash did not know of. */
  | { readonly do: "keep-boot"; readonly boot: number }
  /** Join Wi-Fi and connect to the broker. Reply: whether it worked. */
  | { readonly do: "connect" }
  /** Publish one report, QoS 1. Reply: whether PUBACK came. */
  | { readonly do: "report"; readonly report: Report; readonly view: ClusterView }
  /** Measure, then publish the reading, QoS 1. Reply: whether PUBACK came. */
  | { readonly do: "publish-reading"; readonly view: ClusterView };

/** What a cycle is resumed with. The effect determines which of these. */
export type Reply = Uint8Array | boolean | undefined;
/** A protocol's cycle: yields effects, is resumed with their replies, and ends with its result. */
export type Cycle<Result> = Generator<Effect, Result, Reply>;

/** Number of a chip: its owner's; for the witness, the one after the last node's. Its I²C address is 50h plus that. */
export type Chip = number;

/**
 * Reads `length` bytes from a word address on.
 * @param tries how often a transfer that fails is tried; 1: once
 * @returns the bytes; undefined where the chip does not answer
 */
export function* readChip(
  chip: Chip,
  address: number,
  length: number,
  tries = 1,
): Cycle<Uint8Array | undefined> {
  const reply = yield { do: "read", chip, address, length, ...(tries > 1 ? { tries } : {}) };
  return reply instanceof Uint8Array ? reply : undefined;
}

/**
 * Writes at most one page, from word address `address` on, without reading it back.
 * @returns whether the chip took it and finished its write cycle
 */
export function* writeChip(chip: Chip, address: number, bytes: Uint8Array): Cycle<boolean> {
  return (yield { do: "write", chip, address, bytes }) === true;
}
