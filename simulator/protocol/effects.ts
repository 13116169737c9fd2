/**
 * What a wake cycle asks of the hardware around it. A cycle is a generator: it yields an effect, is resumed with the
 * effect's reply, and returns what it came to. It holds no clock, no randomness and no I/O, so that the simulator, the
 * step-by-step command and the checker run the same code.
 */

/** What a node tells the cloud about the cluster; the shell adds sequence, time and its own name. */
export interface Report {
  readonly type: "node_dead" | "node_admitted";
  readonly subject: number;
  readonly tookOver: boolean;
}

/** The cluster in the reporter's eyes, as node numbers. */
export interface ClusterView {
  readonly primary: number | null;
  readonly suspects: readonly number[];
  readonly dead: readonly number[];
  readonly neverAdmitted: readonly number[];
}

/** One thing that a wake changed. `took-over`: the role came from that node. */
export interface Change {
  readonly kind: "suspected" | "cleared" | "expelled" | "took-over" | "primary-corrected";
  readonly node: number;
}

/** Why a wake decides as it does. `dead` and `checked` are the published protocol's; all but `no-chip-readable` of the rest the hardened one's. */
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
  | "cannot-publish";

/** What a wake came to think of the cluster, before it acts on it. */
export interface Decision {
  /** `claiming`: it wants the role and may not act yet. */
  readonly role: "primary" | "claiming" | "standby" | "dead" | "unknown";
  readonly why: DecisionReason;
  /** The claim under which it acts; 0 where the protocol has none. */
  readonly term: number;
  /** It found blank chips and laid out the first map. */
  readonly formatted: boolean;
  readonly changes: readonly Change[];
  /** Chips that did not take the write. */
  readonly unwritable: readonly Chip[];
  /** The own count of each node, as read; below 0 where a node has none; empty where nothing was readable. */
  readonly counts: readonly number[];
}

/** What a cycle can ask for, one at a time; each says what its reply is. */
export type Effect =
  /** Announces the decision: changes nothing, and is there to be seen. */
  | { readonly do: "decide"; readonly decision: Decision }
  /**
   * Wait until the busy line is free, then raise it. Reply: nothing; it may never come, unless it is asked for as a
   * courtesy: then the wait ends after the time of a bus transaction, and the line is raised all the same.
   */
  | { readonly do: "raise-busy"; readonly courtesy?: true }
  | { readonly do: "lower-busy" }
  /** Reply: the bytes, or undefined when the chip does not answer. */
  | { readonly do: "read"; readonly chip: number; readonly address: number; readonly length: number }
  /**
   * Reply: whether the chip took it and finished its write cycle; with `verify`, whether it then read back the same, which
   * neither a write-protected nor a worn chip does.
   */
  | {
      readonly do: "write";
      readonly chip: number;
      readonly address: number;
      readonly bytes: Uint8Array;
      readonly verify?: true;
    }
  /** Join Wi-Fi and connect to the broker. Reply: whether it worked. */
  | { readonly do: "connect" }
  /** Publish one report, QoS 1. Reply: whether PUBACK came. */
  | { readonly do: "report"; readonly report: Report; readonly view: ClusterView }
  /** Measure, then publish the reading, QoS 1. Reply: whether PUBACK came. */
  | { readonly do: "publish-reading"; readonly view: ClusterView };

/** What a cycle is resumed with; which of these, the effect says. */
export type Reply = Uint8Array | boolean | undefined;
/** A protocol's cycle: yields effects, is resumed with their replies, and ends with its result. */
export type Cycle<Result> = Generator<Effect, Result, Reply>;

/** A chip is known by the number of the node that owns it: chip k answers at 0x50 + k. */
export type Chip = number;

/** Reads from a word address on. @returns the bytes; undefined where the chip does not answer */
export function* readChip(chip: Chip, address: number, length: number): Cycle<Uint8Array | undefined> {
  const reply = yield { do: "read", chip, address, length };
  return reply instanceof Uint8Array ? reply : undefined;
}

/** Writes one page or less. @returns whether the chip took it and finished its write cycle */
export function* writeChip(chip: Chip, address: number, bytes: Uint8Array): Cycle<boolean> {
  return (yield { do: "write", chip, address, bytes }) === true;
}
