/** A state of the cluster, and the small changes that every transition is made of. */
import type { NodeContext } from "../protocol/protocol.ts";
import { Coverage, LASTING } from "./coverage.ts";
import type { FaultClass } from "./fault-classes.ts";
import {
  CAUSES,
  CHIP,
  CHIP_ABSENT,
  CHIP_PROTECTED,
  type CheckedCause,
  Layout,
  MODE,
  NODE,
  NODE_CUT,
  NODE_OFFLINE,
  wornPage,
} from "./layout.ts";
import { type Action, LocalRuns } from "./local-runs.ts";
import type { Profile } from "./profiles.ts";

/** The cluster that a model is of, and what may go wrong in it. */
export interface ModelOptions {
  readonly profile: Profile;
  readonly nodes: number;
  /** There is one chip more than nodes. */
  readonly witness: boolean;
  readonly faults: readonly FaultClass[];
  /** How many faults may come. */
  readonly budget: number;
  /** Each of `faults` may come once, and `budget` is their number; else any of them comes until the budget is spent. */
  readonly onceEach?: boolean;
  /** How many resets amid a wake or a sleep, besides. */
  readonly crashes: number;
  /** Sleeps are as long as they should be; else they last as long as they like. */
  readonly punctual: boolean;
}

/** Bytes of a page of the EEPROM. */
export const PAGE = 64;
/** More than are in use at once: of a wake, of its first operation, and of what may befall that. */
const COPIES = 8;
/** Mask with node, or chip, `n` alone. */
export const bit = (n: number): number => 1 << n;

/**
 * What the parts of a model share: the layout of its states, the wakes so far, and the elementary changes of a state.
 */
export class Cluster {
  readonly layout: Layout;
  readonly runs: LocalRuns;
  readonly options: ModelOptions;
  /** Chips that a node must have to act. */
  readonly chipsNeeded: number;
  /** What each chip holds at the start. */
  readonly startingChip: Uint8Array;
  /** Swapped for another while something is tried out that is no part of the search. */
  coverage = new Coverage();
  readonly #faults: ReadonlyMap<FaultClass, number>;
  readonly #copies: readonly Int32Array[];
  #at = 0;

  constructor(options: ModelOptions) {
    this.options = options;
    const { nodes, profile } = options;
    const chips = nodes + (options.witness ? 1 : 0);
    this.layout = new Layout(nodes, chips, options.punctual);
    const contexts = Array.from(
      { length: nodes },
      (_, self): NodeContext => ({ self, nodes, chips, cluster: "c" }),
    );
    this.chipsNeeded = profile.chipsNeeded(contexts[0]!);
    this.startingChip = profile.startingChip(contexts[0]!);
    this.runs = new LocalRuns(profile.protocol, contexts, {
      tails: !profile.busyLine,
      keepsMemory: options.faults.includes("stale-memory"),
    });
    this.#faults = new Map(options.faults.map((fault, index) => [fault, index]));
    this.#copies = Array.from({ length: COPIES }, () => new Int32Array(this.layout.width));
  }

  /** All nodes about to boot for the first time. */
  initial(): Int32Array {
    const { layout, options } = this;
    const state = new Int32Array(layout.width);
    state[layout.faultsLeft] = this.faultsAtStart;
    state[layout.crashesLeft] = options.crashes;
    const content = this.runs.content(this.startingChip);
    for (let chip = 0; chip < layout.chips; chip++) state[layout.chip(chip, CHIP.content)] = content;
    for (let node = 0; node < layout.nodes; node++) state[layout.node(node, NODE.mode)] = MODE.reset;
    return state;
  }

  /** From a ring of a few: an emitted state is the receiver's no longer than it takes it. */
  copy(state: Int32Array): Int32Array {
    this.#at = (this.#at + 1) % COPIES;
    const copy = this.#copies[this.#at]!;
    copy.set(state);
    return copy;
  }

  // What a state says.

  /** Whether any node is in `mode`. */
  some(state: Int32Array, mode: number): boolean {
    for (let node = 0; node < this.layout.nodes; node++)
      if (state[this.layout.node(node, NODE.mode)] === mode) return true;
    return false;
  }

  /** What a node does next; undefined when it is not awake. */
  actionOf(state: Int32Array, node: number): Action | undefined {
    const { layout } = this;
    if (state[layout.node(node, NODE.mode)] !== MODE.awake) return undefined;
    return this.runs.advance(state[layout.node(node, NODE.ref)]!).action;
  }

  /** Nodes that act at this moment. */
  acting(state: Int32Array): number[] {
    const found: number[] = [];
    for (let node = 0; node < this.layout.nodes; node++)
      if (this.actionOf(state, node)?.kind === "act") found.push(node);
    return found;
  }

  isOnline(state: Int32Array, node: number): boolean {
    return (state[this.layout.node(node, NODE.flags)]! & NODE_OFFLINE) === 0;
  }

  /** Whether a node's transfers get to a chip: it is not absent, and both are on one side of a cut. */
  reaches(state: Int32Array, node: number, chip: number): boolean {
    const { layout } = this;
    if ((state[layout.chip(chip, CHIP.flags)]! & CHIP_ABSENT) !== 0) return false;
    return node === chip || (!this.#isCut(state, node) && !this.#isCut(state, chip));
  }

  /** @param which a node, or the chip of that number, which sits beside it; a witness chip is never cut off */
  #isCut(state: Int32Array, which: number): boolean {
    const { layout } = this;
    return which < layout.nodes && (state[layout.node(which, NODE.flags)]! & NODE_CUT) !== 0;
  }

  /** Whether a chip that acknowledges a write holds it afterwards. */
  keeps(state: Int32Array, chip: number, write: number): boolean {
    const flags = state[this.layout.chip(chip, CHIP.flags)]!;
    return (
      (flags & CHIP_PROTECTED) === 0 &&
      wornPage(flags) !== Math.floor(this.runs.writes.get(write).address / PAGE)
    );
  }

  /** Chips that a node reads, and that keep what it writes. A chip with a worn page does, on its other pages. */
  usableChips(state: Int32Array, node: number): number {
    const { layout } = this;
    let count = 0;
    for (let chip = 0; chip < layout.chips; chip++)
      if (this.reaches(state, node, chip) && (state[layout.chip(chip, CHIP.flags)]! & CHIP_PROTECTED) === 0)
        count += 1;
    return count;
  }

  /** Whether somebody waits for a wake of `node` to be over. */
  blocks(state: Int32Array, node: number): boolean {
    for (let other = 0; other < this.layout.nodes; other++)
      if ((state[this.layout.node(other, NODE.blockedBy)]! & bit(node)) !== 0) return true;
    return false;
  }

  // What changes one, in place.

  /** A chip takes a write. */
  put(next: Int32Array, chip: number, write: number): void {
    const at = this.layout.chip(chip, CHIP.content);
    next[at] = this.runs.written(next[at]!, write);
  }

  /** A node is about to boot, its RTC memory lost. */
  reset(next: Int32Array, node: number, cause: CheckedCause): void {
    const { layout } = this;
    this.unblock(next, node);
    next[layout.busy]! &= ~bit(node);
    next[layout.node(node, NODE.mode)] = MODE.reset;
    next[layout.node(node, NODE.ref)] = 0;
    next[layout.node(node, NODE.blockedBy)] = 0;
    next[layout.node(node, NODE.lag)] = 0;
    next[layout.node(node, NODE.cause)] = CAUSES.indexOf(cause);
  }

  /** Nobody waits any more for a wake of `node` to be over. */
  unblock(next: Int32Array, node: number): void {
    for (let other = 0; other < this.layout.nodes; other++)
      next[this.layout.node(other, NODE.blockedBy)]! &= ~bit(node);
  }

  // Which faults may still come.

  /** How `layout.faultsLeft` begins: a number of faults, or a mask of the classes that are still to come. */
  get faultsAtStart(): number {
    const { onceEach, faults, budget } = this.options;
    return onceEach === true ? (1 << faults.length) - 1 : budget;
  }

  /** The classes of which one may still come. */
  faultsToCome(faultsLeft: number): readonly FaultClass[] {
    const { onceEach, faults } = this.options;
    if (onceEach === true) return faults.filter((_, index) => (faultsLeft & bit(index)) !== 0);
    return faultsLeft > 0 ? faults : [];
  }

  /** Whether a class is among the model's faults, left or not. */
  has(fault: FaultClass): boolean {
    return this.#faults.has(fault);
  }

  /** Whether a fault of that class may come now. */
  can(state: Int32Array, fault: FaultClass): boolean {
    const index = this.#faults.get(fault);
    if (index === undefined) return false;
    const left = state[this.layout.faultsLeft]!;
    return this.options.onceEach === true ? (left & bit(index)) !== 0 : left > 0;
  }

  /** A copy of `state` with one fault of that class less to come. */
  spend(state: Int32Array, fault: FaultClass): Int32Array {
    if (!LASTING.has(fault)) this.coverage.noteFault(fault);
    const next = this.copy(state);
    next[this.layout.faultsLeft]! -= this.options.onceEach === true ? bit(this.#faults.get(fault)!) : 1;
    return next;
  }

  /** Notes which lasting fault a transfer of `node` to `chip` fails by. */
  noteFailure(state: Int32Array, node: number, chip: number): void {
    const flags = state[this.layout.chip(chip, CHIP.flags)]!;
    if ((flags & CHIP_ABSENT) !== 0) this.coverage.noteFault("eeprom-dislodged");
    else if (!this.reaches(state, node, chip)) this.coverage.noteFault("wire-cut");
    else this.coverage.noteFault((flags & CHIP_PROTECTED) !== 0 ? "write-protected" : "worn-page");
  }
}
