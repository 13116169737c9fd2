/** What the checker has to know of each protocol. */
import { ARTICLE } from "../protocol/article/article.ts";
import { chipsNeeded } from "../protocol/hardened/chip-records.ts";
import { decide } from "../protocol/hardened/decide.ts";
import { HARDENED as HARDENED_PROTOCOL } from "../protocol/hardened/hardened.ts";
import type { HardenedMemory } from "../protocol/hardened/memory.ts";
import { areaBytes } from "../protocol/hardened/record.ts";
import { hardenedWake } from "../protocol/hardened/wake.ts";
import type { NodeContext, Protocol } from "../protocol/protocol.ts";
import { JOIN_EVERY, JOINS_BEFORE_BACKING_OFF } from "../protocol/timing.ts";

/** The settings of the model that go with one protocol. */
export interface Profile {
  readonly protocol: Protocol;
  /** Nodes wait for the busy line and rely on it; else it is a courtesy, and no step of the model. */
  readonly busyLine: boolean;
  /** A node acts under a term, so that the law "terms-only-rise" can be asked. */
  readonly terms: boolean;
  /**
   * The RTC memory of a node after the end of its hold-down; undefined for a node that is not held down. Absent: the
   * protocol has no hold-down. The model lets a hold-down end at any time, however many wakes it should last.
   */
  readonly expireHoldDown?: (memory: unknown) => unknown;
  /**
   * The RTC memory of a node that is held down, with as many joins to skip as it can have; undefined for any other node.
   * How many it has left is no part of a state: a join that is skipped is one that fails, and a node may be offline for
   * any time.
   */
  readonly longestBackOff?: (memory: unknown) => unknown;
  /** How many chips a node must read and write before it acts. */
  chipsNeeded(node: NodeContext): number;
  /** What every chip holds at the start, from word address 0 on, as far as the protocol reads it. */
  startingChip(node: NodeContext): Uint8Array;
}

/** Each node's count at the start: not 0, which stands for a node that was never admitted, and far from overflow. */
const COUNTER = 2;
const BLANK = 0xff;

/** The published protocol: its cluster is running at the start, and relies on the busy line. */
export const PUBLISHED: Profile = {
  protocol: ARTICLE,
  busyLine: true,
  terms: false,
  chipsNeeded: () => 1,
  startingChip: (node) => ARTICLE.runningChip(node, new Array<number>(node.nodes).fill(COUNTER)),
};

/**
 * `decide`, which is pure, asked once for what is the same: a wake is replayed for each outcome of its writes, from the same
 * memory and the same bytes.
 */
function decideOnce(): typeof decide {
  let asked: Parameters<typeof decide> | undefined;
  let plan: ReturnType<typeof decide> | undefined;
  return (...inputs) => {
    if (asked === undefined || plan === undefined || !isSame(asked, inputs)) {
      plan = decide(...inputs);
      asked = inputs;
    }
    return plan;
  };
}

type Inputs = Parameters<typeof decide>;
const isSame = ([context, tag, chips, kept, start]: Inputs, [ofNode, tagNow, read, keptNow, now]: Inputs) =>
  context === ofNode &&
  tag === tagNow &&
  kept === keptNow &&
  start.cause === now.cause &&
  start.boot === now.boot &&
  start.coldStarts === now.coldStarts &&
  chips.every((bytes, chip) => bytes === read[chip]);

const once = decideOnce();

/** The hardened protocol: its chips are blank at the start. */
export const HARDENED: Profile = {
  protocol: {
    ...HARDENED_PROTOCOL,
    wake: (context, memory: HardenedMemory, start) => hardenedWake(context, memory, start, once),
  },
  busyLine: false,
  terms: true,
  expireHoldDown,
  longestBackOff,
  chipsNeeded,
  startingChip: ({ nodes }) => new Uint8Array(areaBytes(nodes)).fill(BLANK),
};

/** `Profile.expireHoldDown` of the hardened protocol. */
function expireHoldDown(memory: unknown): HardenedMemory | undefined {
  const held = memory as HardenedMemory;
  return held.holdDownWakes > 0 ? { ...held, holdDownWakes: 0 } : undefined;
}

/** @returns undefined for a node that is not held down */
function longestBackOff(memory: unknown): HardenedMemory | undefined {
  const held = memory as HardenedMemory;
  return held.holdDownWakes > 0
    ? { ...held, joinsToSkip: JOIN_EVERY - 1, joinsFailed: JOINS_BEFORE_BACKING_OFF }
    : undefined;
}
