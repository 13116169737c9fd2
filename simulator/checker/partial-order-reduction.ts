/**
 * Fewer successors than the model has, but the same states in which no node is awake, and the same laws broken. Two
 * things are left out. Of interleavings with the same result, one is explored: a node's next step that concerns no
 * other node any more comes first (a persistent set of one process). And a chip's fault that makes no difference yet is
 * put off: it comes with the step that notices it, or while no node is awake.
 *
 * This depends on W < S: a node that falls asleep while another is awake waits for that one. So all that the others
 * still do before a node is done is the rest of the wakes that they are in. `HardenedCanonical` keeps what this file
 * asks for.
 */
import type { Explorable } from "./explore.ts";
import { CHIP_FAULTS, type FaultClass } from "./fault-classes.ts";
import { CHIP, CHIP_ABSENT, MODE, NODE, NODE_CUT, NODE_OFFLINE } from "./layout.ts";
import type { Action } from "./local-runs.ts";
import type { Model } from "./model.ts";
import { type Emit, type FaultTiming, READ, WRITE } from "./transition.ts";

/** Faults that come with a step of their chip or node, and after which no node boots. */
const WITH_STEPS: readonly FaultClass[] = [...CHIP_FAULTS, "node-dies", "freeze", "wifi-outage"];

/** Faults that last until the chip is well again. */
const LASTING: readonly FaultClass[] = ["eeprom-dislodged", "write-protected", "worn-page"];

type OnChip = Action & { readonly kind: "read" | "write" };
/** The first operation of a wake. */
const WAKING: OnChip = { kind: "read", chip: 0 };

/** The model with fewer interleavings: steps that commute are explored in one order. */
export class PartialOrderReduction implements Explorable, FaultTiming {
  readonly layout: Model["layout"];
  readonly #model: Model;
  /** By the value of `layout.faultsLeft`: whether all faults that are left come with a step. */
  readonly #comeWithSteps: boolean[] = [];

  /** @throws Error for a model with punctual wakes or a busy line that counts: there every order of steps matters */
  constructor(model: Model) {
    const { punctual, profile } = model.options;
    if (punctual || profile.busyLine)
      throw new Error("not for punctual wakes, nor for a busy line that counts");
    this.layout = model.layout;
    this.#model = model;
  }

  initial(): Int32Array {
    return this.#model.initial();
  }

  successors(state: Int32Array, emit: Emit): void {
    const ampleNode = this.#ampleNode(state);
    if (ampleNode === undefined) return this.#model.successors(state, emit, this);
    const { operations, faults } = this.#model;
    operations.step(state, ampleNode, emit);
    if (state[this.layout.faultsLeft]! === 0) return;
    const onChip = this.#onChip(state, ampleNode);
    if (onChip !== undefined)
      faults.injectChipFaults(state, onChip.chip, this.touches(state, onChip.chip), emit);
    faults.injectNodeFaults(state, ampleNode, emit);
  }

  /**
   * A node whose next step may come first, because it commutes with all that the others still do before they sleep.
   * Undefined: there is none, or a node may be reset, or a fault that comes with no step may come.
   */
  #ampleNode(state: Int32Array): number | undefined {
    const { layout, options } = this.#model;
    const faultsLeft = state[layout.faultsLeft]!;
    if (state[layout.crashesLeft]! > 0 || (faultsLeft > 0 && !this.#allComeWithSteps(faultsLeft)))
      return undefined;
    let found: number | undefined;
    for (let node = 0; node < layout.nodes; node++) {
      const mode = state[layout.node(node, NODE.mode)];
      if (mode === MODE.reset || (mode === MODE.off && options.faults.includes("power-cut")))
        return undefined;
      if ((state[layout.node(node, NODE.flags)]! & NODE_CUT) !== 0) return undefined;
    }
    for (let node = 0; node < layout.nodes && found === undefined; node++)
      if (this.#mayGoFirst(state, node)) found = node;
    return found;
  }

  #allComeWithSteps(faultsLeft: number): boolean {
    this.#comeWithSteps[faultsLeft] ??= this.#model.cluster
      .faultsToCome(faultsLeft)
      .every((fault) => WITH_STEPS.includes(fault));
    return this.#comeWithSteps[faultsLeft];
  }

  #mayGoFirst(state: Int32Array, node: number): boolean {
    const { layout, runs } = this.#model;
    if (state[layout.node(node, NODE.mode)] !== MODE.awake) return false;
    let [reads, writes, awake] = [0, 0, 0];
    for (let other = 0; other < layout.nodes; other++) {
      if (other === node) continue;
      const mode = state[layout.node(other, NODE.mode)];
      if (mode === MODE.awake) {
        const footprint = runs.footprint(state[layout.node(other, NODE.ref)]!);
        reads |= footprint.reads;
        writes |= footprint.writes;
        awake += 1;
      } else if (mode !== MODE.off && (state[layout.node(other, NODE.blockedBy)]! & (1 << node)) === 0)
        return false;
    }
    // A node goes on acting as long as another one may begin to, so that both are seen to act at once.
    const { action } = runs.advance(state[layout.node(node, NODE.ref)]!);
    if (action.kind === "act")
      return awake === 0 && (state[layout.node(node, NODE.flags)]! & NODE_OFFLINE) === 0;
    if ((action.kind !== "read" && action.kind !== "write") || this.#isMended(state, node, action.chip))
      return false;
    // A fault of the chip may come with this step, and concerns every node that will still read or write that chip.
    const faulty = state[layout.faultsLeft]! > 0;
    const concerned = faulty ? reads | writes : action.kind === "read" ? writes : reads;
    return (concerned & (1 << action.chip)) === 0;
  }

  touches(state: Int32Array, chip: number): number {
    if (!this.#model.cluster.some(state, MODE.awake)) return READ | WRITE;
    let touches = 0;
    for (let node = 0; node < this.layout.nodes; node++) {
      const next = this.#onChip(state, node);
      if (next?.chip === chip) touches |= next.kind === "read" ? READ : WRITE;
    }
    return touches;
  }

  mends(state: Int32Array, chip: number): boolean {
    if (!this.#model.cluster.some(state, MODE.awake)) return true;
    for (let node = 0; node < this.layout.nodes; node++) if (this.#isMended(state, node, chip)) return true;
    return false;
  }

  /**
   * Whether it makes a difference to a node's next step that a chip is well again, or that it fails once more before
   * it.
   */
  #isMended(state: Int32Array, node: number, chip: number): boolean {
    const next = this.#onChip(state, node);
    if (next?.chip !== chip) return false;
    const flags = state[this.layout.chip(chip, CHIP.flags)]!;
    if (flags !== 0 && this.#mayFailAgain(state[this.layout.faultsLeft]!)) return true;
    return (
      (flags & CHIP_ABSENT) !== 0 ||
      (next.kind === "write" && !this.#model.cluster.keeps(state, chip, next.write))
    );
  }

  /**
   * Whether a lasting fault may still come. A chip recovers from all faults at once, so that it matters which comes
   * first.
   */
  #mayFailAgain(faultsLeft: number): boolean {
    return this.#model.cluster.faultsToCome(faultsLeft).some((fault) => LASTING.includes(fault));
  }

  /** A node's next step, if it is a transfer of a chip; the first of its next wake if it is not awake. */
  #onChip(state: Int32Array, node: number): OnChip | undefined {
    const mode = state[this.layout.node(node, NODE.mode)];
    if (mode === MODE.off) return undefined;
    if (mode !== MODE.awake) return WAKING;
    const { action } = this.#model.runs.advance(state[this.layout.node(node, NODE.ref)]!);
    return action.kind === "read" || action.kind === "write" ? action : undefined;
  }
}
