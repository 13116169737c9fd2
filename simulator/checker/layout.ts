/** The layout of a state: which integer of its array means what. */

/** A node's mode. `off`: for good, or until it is repaired. `reset`: it is about to boot, its RTC memory lost. */
export const MODE = { off: 0, period: 1, settle: 2, awake: 3, reset: 4 } as const;

/** Number of integers for each chip in a state. */
export const CHIP_FIELDS = 2;
/** Fields of a chip, as offsets from its first. `content` is a number of `LocalRuns.contents`. */
export const CHIP = { flags: 0, content: 1 } as const;
/** Flag of a chip: it does not answer. */
export const CHIP_ABSENT = 1;
/** Flag of a chip: WP is high. */
export const CHIP_PROTECTED = 2;
/**
 * From this bit of a chip's flags on: 1 + the page that keeps nothing any more; 0: every page keeps what is written.
 */
export const CHIP_WORN_SHIFT = 2;

/** The page that keeps nothing any more, by a chip's flags; undefined: there is none. */
export const wornPage = (flags: number): number | undefined =>
  flags >> CHIP_WORN_SHIFT === 0 ? undefined : (flags >> CHIP_WORN_SHIFT) - 1;

/** Number of integers for each node in a state. */
export const NODE_FIELDS = 8;
/** Fields of a node, as offsets from its first. */
export const NODE = {
  /** One of `MODE`. */
  mode: 0,
  /** Mask of the nodes that were awake when it fell asleep: it cannot wake before their wakes are over. */
  blockedBy: 1,
  boot: 2,
  /** Number of a run while it is awake, of a memory while it is asleep. */
  ref: 3,
  /** Why it is about to boot: an index of `CAUSES`. */
  cause: 4,
  /** Mask of `NODE_CUT` and `NODE_OFFLINE`. */
  flags: 5,
  /** Full sleeps of the other nodes; see `punctuality.ts`. */
  lag: 6,
  /** Cold starts since it last published or woke from a full sleep, as in its flash, at most `COLD_STARTS`. */
  coldStarts: 7,
} as const;
/** Flag of a node: it and its chip are cut off from the others. */
export const NODE_CUT = 1;
/** Flag of a node: it has no network. */
export const NODE_OFFLINE = 2;

/** The reset causes that the model has; a state holds an index of these. */
export const CAUSES = ["power-on", "deep-sleep", "watchdog"] as const;
/** Why a node of the model starts. */
export type CheckedCause = (typeof CAUSES)[number];

/** Bits of each field in a stored state. */
const BITS = {
  faults: 2,
  busy: 8,
  actor: 4,
  chipFlags: 7,
  mode: 3,
  cause: 2,
  nodeFlags: 2,
  coldStarts: 2,
} as const;
const SIGNED_BITS = 31;

/**
 * The index of each field in a state of so many nodes and chips, and the packing of a state to be stored.
 */
export class Layout {
  readonly nodes: number;
  readonly chips: number;
  readonly width: number;
  readonly packedWidth: number;
  /** Faults that may still come: a number or a mask (`Cluster.faultsAtStart`); and the number of crashes. */
  readonly faultsLeft = 0;
  readonly crashesLeft = 1;
  /** Mask of the nodes that hold the busy line. */
  readonly busy = 2;
  /** Highest term under which a node has acted. */
  readonly actedTerm = 3;
  /** 1 + the node that acted under it; 0: none has. */
  readonly actor = 4;
  readonly #chips = 5;
  readonly #nodes: number;
  readonly #lags: boolean;
  /** The integer that is being packed or unpacked, and how many of its bits are in use so far. */
  #word = 0;
  #bits = 0;

  /** @param lags `NODE.lag` is in use, and is stored */
  constructor(nodes: number, chips: number, lags: boolean) {
    this.nodes = nodes;
    this.chips = chips;
    this.#lags = lags;
    this.#nodes = this.#chips + CHIP_FIELDS * chips;
    this.width = this.#nodes + NODE_FIELDS * nodes;
    this.packedWidth = 1 + chips + (lags ? 3 : 2) * nodes;
  }

  /** Index of a field of `CHIP`. */
  chip(chip: number, field: number): number {
    return this.#chips + CHIP_FIELDS * chip + field;
  }

  /** Index of a field of `NODE`. */
  node(node: number, field: number): number {
    return this.#nodes + NODE_FIELDS * node + field;
  }

  /**
   * Packs a state into `packedWidth` integers.
   * @throws RangeError for a value that has more bits than there is room for
   */
  pack(state: Int32Array, into: Int32Array): void {
    let at = 0;
    this.#word = 0;
    this.#put(state[this.faultsLeft]!, BITS.faults);
    this.#put(state[this.crashesLeft]!, BITS.faults);
    this.#put(state[this.busy]!, BITS.busy);
    this.#put(state[this.actor]!, BITS.actor);
    into[at++] = this.#last(state[this.actedTerm]!);
    for (let chip = 0; chip < this.chips; chip++) {
      this.#put(state[this.chip(chip, CHIP.flags)]!, BITS.chipFlags);
      into[at++] = this.#last(state[this.chip(chip, CHIP.content)]!);
    }
    for (let node = 0; node < this.nodes; node++) {
      this.#put(state[this.node(node, NODE.mode)]!, BITS.mode);
      this.#put(state[this.node(node, NODE.cause)]!, BITS.cause);
      this.#put(state[this.node(node, NODE.flags)]!, BITS.nodeFlags);
      this.#put(state[this.node(node, NODE.blockedBy)]!, this.nodes);
      this.#put(state[this.node(node, NODE.coldStarts)]!, BITS.coldStarts);
      into[at++] = this.#last(state[this.node(node, NODE.boot)]!);
      into[at++] = state[this.node(node, NODE.ref)]!;
      if (this.#lags) into[at++] = state[this.node(node, NODE.lag)]!;
    }
  }

  /** The inverse of `pack`. */
  unpack(packed: Int32Array, into: Int32Array): void {
    let at = 0;
    this.#word = packed[at++]!;
    into[this.faultsLeft] = this.#take(BITS.faults);
    into[this.crashesLeft] = this.#take(BITS.faults);
    into[this.busy] = this.#take(BITS.busy);
    into[this.actor] = this.#take(BITS.actor);
    into[this.actedTerm] = this.#word;
    for (let chip = 0; chip < this.chips; chip++) {
      this.#word = packed[at++]!;
      into[this.chip(chip, CHIP.flags)] = this.#take(BITS.chipFlags);
      into[this.chip(chip, CHIP.content)] = this.#word;
    }
    for (let node = 0; node < this.nodes; node++) {
      this.#word = packed[at++]!;
      into[this.node(node, NODE.mode)] = this.#take(BITS.mode);
      into[this.node(node, NODE.cause)] = this.#take(BITS.cause);
      into[this.node(node, NODE.flags)] = this.#take(BITS.nodeFlags);
      into[this.node(node, NODE.blockedBy)] = this.#take(this.nodes);
      into[this.node(node, NODE.coldStarts)] = this.#take(BITS.coldStarts);
      into[this.node(node, NODE.boot)] = this.#word;
      into[this.node(node, NODE.ref)] = packed[at++]!;
      into[this.node(node, NODE.lag)] = this.#lags ? packed[at++]! : 0;
    }
  }

  #put(value: number, bits: number): void {
    this.#word |= value << this.#bits;
    this.#bits += bits;
  }

  /** Completes the integer with `value` in the bits that are left. */
  #last(value: number): number {
    if (value >> (SIGNED_BITS - this.#bits) !== 0)
      throw new RangeError(`${value} has no room in a stored state`);
    const word = this.#word | (value << this.#bits);
    this.#word = 0;
    this.#bits = 0;
    return word;
  }

  #take(bits: number): number {
    const value = this.#word & ((1 << bits) - 1);
    this.#word >>= bits;
    return value;
  }
}
