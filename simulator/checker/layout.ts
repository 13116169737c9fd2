/** Where what stands in a state's array of integers. */

/** `off` for good or until it is repaired; `reset`: about to boot, its RTC memory lost. */
export const MODE = { off: 0, period: 1, settle: 2, awake: 3, reset: 4 } as const;

/** Of a chip. */
export const CHIP_FIELDS = 2;
export const CHIP = { flags: 0, content: 1 } as const;
export const CHIP_ABSENT = 1;
export const CHIP_PROTECTED = 2;

/** Of a node. `ref` is a run while awake, a memory while asleep; `cause` an index of `CAUSES`. */
export const NODE_FIELDS = 7;
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
export const NODE_CUT = 1;
export const NODE_OFFLINE = 2;

export const CAUSES = ["power-on", "deep-sleep", "pin", "watchdog"] as const;
export type CheckedCause = (typeof CAUSES)[number];

export class Layout {
  readonly nodes: number;
  readonly chips: number;
  readonly width: number;
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

  constructor(nodes: number, chips: number) {
    this.nodes = nodes;
    this.chips = chips;
    this.#nodes = this.#chips + CHIP_FIELDS * chips;
    this.width = this.#nodes + NODE_FIELDS * nodes;
  }

  chip(chip: number, field: number): number {
    return this.#chips + CHIP_FIELDS * chip + field;
  }

  node(node: number, field: number): number {
    return this.#nodes + NODE_FIELDS * node + field;
  }
}
