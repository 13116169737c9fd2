/** Where what stands in a state's array of integers. */

/** `off` for good or until it is repaired; `reset`: about to boot, its RTC memory lost. */
export const MODE = { off: 0, period: 1, settle: 2, awake: 3, reset: 4 } as const;

/** Integers of a state that each chip takes. */
export const CHIP_FIELDS = 2;
/** Fields of a chip, as offsets from its first. */
export const CHIP = { flags: 0, content: 1 } as const;
/** Flag: it does not answer. */
export const CHIP_ABSENT = 1;
/** Flag: WP is high. */
export const CHIP_PROTECTED = 2;
/** Above it: 1 + the page that keeps nothing any more; 0: all do. */
export const CHIP_WORN_SHIFT = 2;

/** The page that keeps nothing any more. */
export const wornPage = (flags: number): number | undefined =>
  flags >> CHIP_WORN_SHIFT === 0 ? undefined : (flags >> CHIP_WORN_SHIFT) - 1;

/** Of a node. `ref` is a run while awake, a memory while asleep; `cause` an index of `CAUSES`. */
export const NODE_FIELDS = 7;
/** Fields of a node, as offsets from its first. */
export const NODE = {
  mode: 0,
  /** Nodes that were awake when it fell asleep: it cannot wake before they are done. */
  blockedBy: 1,
  boot: 2,
  ref: 3,
  cause: 4,
  /** Cut off from the shared bus, or from the network: `NODE_CUT`, `NODE_OFFLINE`. */
  flags: 5,
  /** What `punctual` counts; see model.ts. */
  lag: 6,
} as const;
/** Flag: it and its chip are cut off from the others. */
export const NODE_CUT = 1;
/** Flag: it has no network. */
export const NODE_OFFLINE = 2;

/** Reset causes that make a difference to a protocol; a state has an index of these. */
export const CAUSES = ["power-on", "deep-sleep", "watchdog"] as const;
/** Why a node of the model starts. */
export type CheckedCause = (typeof CAUSES)[number];

/** Bits that each field takes where a state is stored. */
const BITS = { faults: 2, busy: 8, actor: 4, chipFlags: 7, mode: 3, cause: 2, nodeFlags: 2 } as const;
const SIGNED_BITS = 31;

/**
 * Where each field of a state stands, for a number of nodes and chips, and how a state is packed to be stored.
 */
export class Layout {
  readonly nodes: number;
  readonly chips: number;
  readonly width: number;
  readonly packedWidth: number;
  /** Faults and crashes that may still come. */
  readonly faultsLeft = 0;
  readonly crashesLeft = 1;
  /** Mask of nodes that hold the busy line. */
  readonly busy = 2;
  /** The highest term under which a node acted, and which node: 0 none yet, else 1 + node. */
  readonly actedTerm = 3;
  readonly actor = 4;
  readonly #chips = 5;
  readonly #nodes: number;
  readonly #lags: boolean;
  /** What is not yet taken of, or put into, the integer at hand, and how many bits of it that is. */
  #word = 0;
  #bits = 0;

  /** @param lags `NODE.lag` is in use */
  constructor(nodes: number, chips: number, lags: boolean) {
    this.nodes = nodes;
    this.chips = chips;
    this.#lags = lags;
    this.#nodes = this.#chips + CHIP_FIELDS * chips;
    this.width = this.#nodes + NODE_FIELDS * nodes;
    this.packedWidth = 1 + chips + (lags ? 3 : 2) * nodes;
  }

  chip(chip: number, field: number): number {
    return this.#chips + CHIP_FIELDS * chip + field;
  }

  node(node: number, field: number): number {
    return this.#nodes + NODE_FIELDS * node + field;
  }

  /** Into as few integers as can be, to be stored. @throws RangeError for a number that has no room */
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
      into[at++] = this.#last(state[this.node(node, NODE.boot)]!);
      into[at++] = state[this.node(node, NODE.ref)]!;
      if (this.#lags) into[at++] = state[this.node(node, NODE.lag)]!;
    }
  }

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
      into[this.node(node, NODE.boot)] = this.#word;
      into[this.node(node, NODE.ref)] = packed[at++]!;
      into[this.node(node, NODE.lag)] = this.#lags ? packed[at++]! : 0;
    }
  }

  #put(value: number, bits: number): void {
    this.#word |= value << this.#bits;
    this.#bits += bits;
  }

  /** The integer, with `value` in the bits that are left. */
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
