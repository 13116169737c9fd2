/**
 * The cluster as the checker sees it: nodes run the shipped wake cycle one operation at a time, in every order, on
 * chips that hold bytes. A sleep may last for any time that W < S allows (`wake-operations.ts`), unless wakes are
 * punctual (`punctuality.ts`).
 */
import { Cluster, type ModelOptions } from "./cluster.ts";
import { Coverage } from "./coverage.ts";
import { Faults } from "./faults.ts";
import { type Layout, MODE, NODE } from "./layout.ts";
import type { LocalRuns } from "./local-runs.ts";
import { ModelLaws } from "./model-laws.ts";
import { AT_ANY_TIME, type Emit, type FaultTiming, type Transition } from "./transition.ts";
import { WakeOperations } from "./wake-operations.ts";

/** A cluster as a state machine: all successors of a state, by wakes, faults, resets and repairs. */
export class Model {
  readonly cluster: Cluster;
  readonly operations: WakeOperations;
  readonly faults: Faults;
  /** The cluster's, like `runs` and `options`. */
  readonly layout: Layout;
  readonly runs: LocalRuns;
  readonly options: ModelOptions;

  constructor(options: ModelOptions) {
    this.cluster = new Cluster(options);
    this.operations = new WakeOperations(this.cluster, new ModelLaws(this.cluster));
    this.faults = new Faults(this.cluster);
    this.layout = this.cluster.layout;
    this.runs = this.cluster.runs;
    this.options = options;
  }

  /** The state in which the search starts. */
  initial(): Int32Array {
    return this.cluster.initial();
  }

  /** Emits every successor of a state. @param timing whether faults that may come at any time come in this state */
  successors(state: Int32Array, emit: Emit, timing: FaultTiming = AT_ANY_TIME): void {
    const { cluster, operations, faults, layout } = this;
    const booting = this.options.punctual && cluster.some(state, MODE.reset);
    for (let node = 0; node < layout.nodes; node++) {
      const mode = state[layout.node(node, NODE.mode)];
      if (mode === MODE.awake) operations.step(state, node, emit);
      else if (mode === MODE.reset) operations.wake(state, node, emit);
      else if (mode !== MODE.off && !booting && operations.mayWake(state, node))
        operations.wake(state, node, emit);
      if (mode === MODE.period || mode === MODE.settle) faults.expireHoldDown(state, node, emit);
    }
    if (state[layout.crashesLeft]! > 0)
      for (let node = 0; node < layout.nodes; node++) faults.crash(state, node, emit);
    faults.recover(state, timing, emit);
    if (state[layout.faultsLeft]! === 0) return;
    for (let chip = 0; chip < layout.chips; chip++)
      faults.injectChipFaults(state, chip, timing.touches(state, chip), emit);
    for (let node = 0; node < layout.nodes; node++) faults.injectNodeFaults(state, node, emit);
  }

  /**
   * One step of one node with nothing going wrong. Undefined: the node is off, or waits for another. It is no part of the
   * search, so that nothing in it counts as met.
   */
  proceed(state: Int32Array, node: number): UndisturbedStep | undefined {
    const { cluster, operations, layout } = this;
    let first: UndisturbedStep | undefined;
    const take: Emit = (next, transition) => {
      first ??= { next: next.slice(), acts, transition };
    };
    const acts = cluster.actionOf(state, node)?.kind === "act" && cluster.isOnline(state, node);
    const mode = state[layout.node(node, NODE.mode)];
    const met = cluster.coverage;
    cluster.coverage = IGNORED;
    if (mode === MODE.awake) operations.step(state, node, take);
    else if (mode !== MODE.off && state[layout.node(node, NODE.blockedBy)] === 0)
      operations.wake(state, node, take);
    cluster.coverage = met;
    return first;
  }
}

/** The outcome of a node's next operation. */
export interface UndisturbedStep {
  readonly next: Int32Array;
  /** The node acts in it, and has a network. */
  readonly acts: boolean;
  readonly transition: () => Transition;
}

/** Takes what `proceed` meets. */
const IGNORED = new Coverage();
