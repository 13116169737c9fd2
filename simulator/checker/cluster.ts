/** A state of the cluster, and the elementary changes that every transition consists of. */
import type { Law } from "../protocol/laws.ts";
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

/** The cluster of a model, and what may go wrong in it. */
export interface ModelOptions {
  readonly profile: Profile;
  readonly nodes: number;
  /** There is a witness: one chip more than nodes. */
  readonly witness: boolean;
  readonly faults: readonly FaultClass[];
  /** How many faults may come. */
  readonly budget: number;
  /** Each of `faults` may come once, and `budget` is their number; else any of them comes until the budget is spent. */
  readonly onceEach?: boolean;
  /** How many resets, amid a wake or a sleep, may come besides the faults. */
  readonly crashes: number;
  /** Sleeps are as long as they should be (`punctuality.ts`); else they last as long as they like. */
  readonly punctual: boolean;
  /** Laws that are not asked in this search: one that is known to be broken would hide the others. */
  readonly unasked?: readonly Law[];
}

/** Length of a page of the EEPROM: 64 bytes (AT24C256 datasheet). */
export const PAGE = 64;
/** More copies than are in use at once: one for a wake, one for its first operation, and one for a fault of that. */
const COPIES = 8;
/** Mask with node, or chip, `n` alone. */
export const bit = (n: number): number => 1 << n;

/**
 * What the parts of a model share: the layout of its states, the wakes met so far, and the elementary changes of a
 * state.
 */
export class Cluster {
  readonly layout: Layout;
  readonly runs: LocalRuns;
  readonly options: ModelOptions;
  /** How many chips a node must read and write to act. */
  readonly chipsNeeded: number;
  /** The bytes that each chip holds at the start. */
  readonly startingChip: Uint8Array;
  /** What the search has met. `Model.proceed` swaps it for another, because its steps are no part of the search. */
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

  /** The state in which all nodes are about to boot for the first time. */
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

  /**
   * A copy from a ring of buffers: the `COPIES`th one after it overwrites it, so that a receiver copies what it keeps.
   */
  copy(state: Int32Array): Int32Array {
    this.#at = (this.#at + 1) % COPIES;
    const copy = this.#copies[this.#at]!;
    copy.set(state);
    return copy;
  }

  // Questions to a state.

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

  /** The nodes that act in this state, in ascending order. */
  acting(state: Int32Array): number[] {
    const found: number[] = [];
    for (let node = 0; node < this.layout.nodes; node++)
      if (this.actionOf(state, node)?.kind === "act") found.push(node);
    return found;
  }

  /** Whether a node has a network. */
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

  /**
   * Number of chips that a node can read, and that keep what it writes. One with a worn page counts: it has other
   * pages.
   */
  usableChips(state: Int32Array, node: number): number {
    const { layout } = this;
    let count = 0;
    for (let chip = 0; chip < layout.chips; chip++)
      if (this.reaches(state, node, chip) && (state[layout.chip(chip, CHIP.flags)]! & CHIP_PROTECTED) === 0)
        count += 1;
    return count;
  }

  /** Whether another node cannot wake before the wake of `node` is over. */
  blocks(state: Int32Array, node: number): boolean {
    for (let other = 0; other < this.layout.nodes; other++)
      if ((state[this.layout.node(other, NODE.blockedBy)]! & bit(node)) !== 0) return true;
    return false;
  }

  // Changes of a state, in place.

  /** Lets a chip take a write. @param write its number in `runs.writes` */
  put(next: Int32Array, chip: number, write: number): void {
    const at = this.layout.chip(chip, CHIP.content);
    next[at] = this.runs.written(next[at]!, write);
  }

  /** Resets a node: it is about to boot, its RTC memory is lost, and it releases the busy line. */
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

  /** Lets other nodes wake although the wake of `node` is not over. */
  unblock(next: Int32Array, node: number): void {
    for (let other = 0; other < this.layout.nodes; other++)
      next[this.layout.node(other, NODE.blockedBy)]! &= ~bit(node);
  }

  // Which faults may still come.

  /**
   * `layout.faultsLeft` at the start: a number of faults, or with `onceEach` a mask of classes, by index in `faults`.
   */
  get faultsAtStart(): number {
    const { onceEach, faults, budget } = this.options;
    return onceEach === true ? (1 << faults.length) - 1 : budget;
  }

  /** The classes of which a fault may still come. */
  faultsToCome(faultsLeft: number): readonly FaultClass[] {
    const { onceEach, faults } = this.options;
    if (onceEach === true) return faults.filter((_, index) => (faultsLeft & bit(index)) !== 0);
    return faultsLeft > 0 ? faults : [];
  }

  /** Whether a class is among the model's faults, whether or not one may still come. */
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

  /** A copy of `state` in which one fault of that class has been taken from the budget. */
  spend(state: Int32Array, fault: FaultClass): Int32Array {
    if (!LASTING.has(fault)) this.coverage.noteFault(fault);
    const next = this.copy(state);
    next[this.layout.faultsLeft]! -= this.options.onceEach === true ? bit(this.#faults.get(fault)!) : 1;
    return next;
  }

  /** Notes the lasting fault by which a transfer of `node` to `chip` fails. */
  noteFailure(state: Int32Array, node: number, chip: number): void {
    const flags = state[this.layout.chip(chip, CHIP.flags)]!;
    if ((flags & CHIP_ABSENT) !== 0) this.coverage.noteFault("eeprom-dislodged");
    else if (!this.reaches(state, node, chip)) this.coverage.noteFault("wire-cut");
    else this.coverage.noteFault((flags & CHIP_PROTECTED) !== 0 ? "write-protected" : "worn-page");
  }
}
