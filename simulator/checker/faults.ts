/**
 * Faults and resets that come from outside, at any time, and what ends them. Faults of one transfer are in
 * `wake-operations.ts`.
 */
import { bit, type Cluster, PAGE } from "./cluster.ts";
import { garbage } from "./garbage.ts";
import {
  CHIP,
  CHIP_ABSENT,
  CHIP_PROTECTED,
  CHIP_WORN_SHIFT,
  MODE,
  NODE,
  NODE_CUT,
  NODE_OFFLINE,
  wornPage,
} from "./layout.ts";
import {
  type ChipFault,
  type Emit,
  type FaultTiming,
  type NodeFault,
  type PageFault,
  READ,
  WRITE,
} from "./transition.ts";

/** Injects faults and resets into a state. Each emits one successor. */
export class Faults {
  readonly #cluster: Cluster;
  /** Numbers of contents: that of a new chip, and one without a valid CRC. */
  readonly #blank: number;
  readonly #noise: number;
  /** By page: the write that damages it. */
  readonly #damages: readonly number[];

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    const { runs, startingChip } = cluster;
    const { length } = startingChip;
    this.#blank = runs.content(new Uint8Array(length).fill(0xff));
    this.#noise = runs.content(garbage(length));
    this.#damages = Array.from({ length: Math.ceil(length / PAGE) }, (_, page) =>
      runs.write(PAGE * page, garbage(Math.min(PAGE, length - PAGE * page))),
    );
  }

  /**
   * Every fault of one chip.
   * @param touches mask of `READ` and `WRITE`: only faults that matter to those steps of the chip
   */
  injectChipFaults(state: Int32Array, chip: number, touches: number, emit: Emit): void {
    if (touches === 0) return;
    const { layout } = this.#cluster;
    const flags = layout.chip(chip, CHIP.flags);
    const content = layout.chip(chip, CHIP.content);
    const inject = (kind: ChipFault, field: number, value: number): void => {
      if (!this.#cluster.can(state, kind)) return;
      const next = this.#cluster.spend(state, kind);
      next[field] = value;
      emit(next, () => ({ kind, chip }), undefined);
    };
    if ((state[flags]! & CHIP_ABSENT) === 0) inject("eeprom-dislodged", flags, state[flags]! | CHIP_ABSENT);
    if ((touches & WRITE) !== 0 && (state[flags]! & CHIP_PROTECTED) === 0)
      inject("write-protected", flags, state[flags]! | CHIP_PROTECTED);
    // Also where the chip holds the same already. The canonical form leaves out superseded records: a chip that holds
    // nothing else has the same form as a blank one, and replacing it by a blank one is a fault that takes one of the
    // budget.
    inject("eeprom-blank", content, this.#blank);
    inject("eeprom-noise", content, this.#noise);
    // Not before a write: one to that page undoes the damage, and one to another page commutes with it.
    if ((touches & READ) !== 0) this.#injectPageFaults(state, chip, "page-rot", emit);
    if (wornPage(state[flags]!) === undefined) this.#injectPageFaults(state, chip, "worn-page", emit);
  }

  /** A fault of a page, once for each page of the chip. */
  #injectPageFaults(state: Int32Array, chip: number, kind: PageFault, emit: Emit): void {
    if (!this.#cluster.can(state, kind)) return;
    const { layout, runs } = this.#cluster;
    const flags = layout.chip(chip, CHIP.flags);
    const content = layout.chip(chip, CHIP.content);
    for (let page = 0; page < this.#damages.length; page++) {
      const next = this.#cluster.spend(state, kind);
      next[content] = runs.written(state[content]!, this.#damages[page]!);
      if (kind === "worn-page") next[flags]! |= (page + 1) << CHIP_WORN_SHIFT;
      emit(next, () => ({ kind, chip, page }), undefined);
    }
  }

  /** Every fault of one node; none while it is off. */
  injectNodeFaults(state: Int32Array, node: number, emit: Emit): void {
    const { layout } = this.#cluster;
    const mode = state[layout.node(node, NODE.mode)]!;
    if (mode === MODE.off) return;
    const inject = (kind: NodeFault, change: (next: Int32Array) => void): void => {
      if (!this.#cluster.can(state, kind)) return;
      const next = this.#cluster.spend(state, kind);
      change(next);
      emit(next, () => ({ kind, node }), undefined);
    };
    const awake = mode === MODE.awake;
    inject("node-dies", (next) => this.#turnOff(next, node));
    inject("power-cut", (next) => this.#turnOff(next, node));
    if (awake) inject("watchdog-reset", (next) => this.#cluster.reset(next, node, "watchdog"));
    if (awake)
      inject("freeze", (next) => {
        const held = next[layout.busy]!;
        this.#turnOff(next, node);
        next[layout.busy] = held;
      });
    const flags = layout.node(node, NODE.flags);
    const setFlag = (flag: number) => (next: Int32Array) => {
      next[flags]! |= flag;
    };
    if ((state[flags]! & NODE_OFFLINE) === 0) inject("wifi-outage", setFlag(NODE_OFFLINE));
    if ((state[flags]! & NODE_CUT) === 0) inject("wire-cut", setFlag(NODE_CUT));
    const blocked = layout.node(node, NODE.blockedBy);
    if (mode === MODE.settle && state[blocked] !== 0)
      inject("early-wake", (next) => {
        next[blocked] = 0;
      });
    if (awake && this.#cluster.blocks(state, node))
      inject("stall", (next) => this.#cluster.unblock(next, node));
    if (awake) this.#staleMemory(state, node, emit);
  }

  #turnOff(next: Int32Array, node: number): void {
    this.#cluster.reset(next, node, "power-on");
    next[this.#cluster.layout.node(node, NODE.mode)] = MODE.off;
  }

  /** The node is reset, but wakes as from deep sleep, with its RTC memory as it was when it last fell asleep. */
  #staleMemory(state: Int32Array, node: number, emit: Emit): void {
    const { layout, runs } = this.#cluster;
    if (!this.#cluster.can(state, "stale-memory")) return;
    const run = runs.runs.get(state[layout.node(node, NODE.ref)]!);
    const memory = "next" in run ? run.stale : run.cause === "deep-sleep" ? run.memory : -1;
    if (memory < 0) return;
    const next = this.#cluster.spend(state, "stale-memory");
    this.#cluster.unblock(next, node);
    next[layout.node(node, NODE.mode)] = MODE.period;
    next[layout.node(node, NODE.ref)] = memory;
    next[layout.node(node, NODE.blockedBy)] = 0;
    emit(next, () => ({ kind: "stale-memory", node }), undefined);
  }

  /**
   * Resets a node, awake or asleep: it loses its RTC memory. A page write that is under way is done, or never begun.
   */
  crash(state: Int32Array, node: number, emit: Emit): void {
    const cluster = this.#cluster;
    const { layout } = cluster;
    const mode = state[layout.node(node, NODE.mode)];
    if (mode === MODE.off || mode === MODE.reset) return;
    const crashed = (): Int32Array => {
      const next = cluster.copy(state);
      next[layout.crashesLeft]! -= 1;
      cluster.reset(next, node, "power-on");
      return next;
    };
    emit(crashed(), () => ({ kind: "crash", node, pageWritten: false }), undefined);
    const action = cluster.actionOf(state, node);
    if (action?.kind !== "write") return;
    if (!cluster.reaches(state, node, action.chip) || !cluster.keeps(state, action.chip, action.write))
      return;
    const written = crashed();
    cluster.put(written, action.chip, action.write);
    emit(written, () => ({ kind: "crash", node, pageWritten: true }), undefined);
  }

  /** The ends of faults, which come at any time and take none of the budget. */
  recover(state: Int32Array, timing: FaultTiming, emit: Emit): void {
    const { layout } = this.#cluster;
    for (let chip = 0; chip < layout.chips; chip++) {
      const at = layout.chip(chip, CHIP.flags);
      if (state[at] === 0 || !timing.mends(state, chip)) continue;
      const next = this.#cluster.copy(state);
      next[at] = 0;
      emit(next, () => ({ kind: "chip-is-well-again", chip }), undefined);
    }
    for (let node = 0; node < layout.nodes; node++) {
      const at = layout.node(node, NODE.flags);
      if (state[at] !== 0) {
        const next = this.#cluster.copy(state);
        next[at] = 0;
        emit(next, () => ({ kind: "node-is-connected-again", node }), undefined);
      }
      if (this.#cluster.has("power-cut") && state[layout.node(node, NODE.mode)] === MODE.off) {
        const next = this.#cluster.copy(state);
        next[layout.node(node, NODE.mode)] = MODE.reset;
        next[layout.busy]! &= ~bit(node);
        emit(next, () => ({ kind: "power-on", node }), undefined);
      }
    }
  }

  /** Ends the hold-down of a node that is asleep. */
  expireHoldDown(state: Int32Array, node: number, emit: Emit): void {
    const { layout, runs, options } = this.#cluster;
    const ref = layout.node(node, NODE.ref);
    const expired = options.profile.expireHoldDown?.(runs.memories.get(state[ref]!));
    if (expired === undefined) return;
    const next = this.#cluster.copy(state);
    next[ref] = runs.memory(expired);
    emit(next, () => ({ kind: "long-after", node }), undefined);
  }
}
