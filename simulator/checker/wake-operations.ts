/**
 * The operations of a wake, one at a time, from waking up or booting to falling asleep, and the faults of each. A node
 * that falls asleep while another is awake does not wake before that one sleeps, because any sleep is longer than any
 * wake (W < S).
 */
import type { ResetCause } from "../protocol/protocol.ts";
import { COLD_STARTS } from "../protocol/timing.ts";
import { bit, type Cluster } from "./cluster.ts";
import { CAUSES, CHIP, type CheckedCause, MODE, NODE } from "./layout.ts";
import { type Action, type Decided, FIRST_CONTENT, type LocalRuns } from "./local-runs.ts";
import type { ModelLaws } from "./model-laws.ts";
import { countSleep, isPunctual, withoutDuring } from "./punctuality.ts";
import type { Emit, Operation, Transfer } from "./transition.ts";

/** Reply to a transfer, or to acting, that fails. */
const FAILED = 0;
/** Reply to a write, or to acting, that works. */
const WORKED = 1;

type Write = Action & { kind: "write" };

/**
 * Emits the successors of a state by a node's own steps: it wakes, reads, writes, acts and sleeps, with and without
 * faults.
 */
export class WakeOperations {
  readonly #cluster: Cluster;
  readonly #laws: ModelLaws;
  readonly #runs: LocalRuns;
  readonly #cold: number;

  constructor(cluster: Cluster, laws: ModelLaws) {
    this.#cluster = cluster;
    this.#laws = laws;
    this.#runs = cluster.runs;
    this.#cold = cluster.runs.memory(cluster.options.profile.protocol.cold);
  }

  /** Whether a node that is asleep may wake now. */
  mayWake(state: Int32Array, node: number): boolean {
    const { layout, options } = this.#cluster;
    if (state[layout.node(node, NODE.blockedBy)] !== 0) return false;
    if (!options.punctual || state[layout.node(node, NODE.mode)] !== MODE.period) return true;
    return isPunctual(layout, state, node);
  }

  /** Wakes or boots a node, up to and including the first operation of its wake. */
  wake(state: Int32Array, node: number, emit: Emit): void {
    const { layout } = this.#cluster;
    const next = this.#cluster.copy(state);
    const mode = state[layout.node(node, NODE.mode)]!;
    const cold = mode === MODE.reset;
    const woken: CheckedCause = cold ? CAUSES[state[layout.node(node, NODE.cause)]!]! : "deep-sleep";
    const cause: ResetCause = woken;
    const boot = state[layout.node(node, NODE.boot)]! + (cold ? 1 : 0);
    const memory = cold ? this.#cold : state[layout.node(node, NODE.ref)]!;
    const coldStarts = this.#coldStarts(state, node);
    next[layout.node(node, NODE.coldStarts)] = coldStarts;
    next[layout.node(node, NODE.boot)] = boot;
    next[layout.node(node, NODE.mode)] = MODE.awake;
    next[layout.node(node, NODE.blockedBy)] = 0;
    next[layout.node(node, NODE.cause)] = 0;
    next[layout.node(node, NODE.lag)] = withoutDuring(next[layout.node(node, NODE.lag)]!);
    next[layout.node(node, NODE.ref)] = this.#skip(
      this.#runs.run({ self: node, memory, cause, boot, coldStarts: cold ? coldStarts : 0, replies: [] }),
    ).run;
    // With its first operation in the same transition: before that, nothing tells a node awake from one that wakes
    // later.
    this.step(next, node, (after, operation, violation) =>
      emit(after, () => ({ ...operation(), woken }), violation),
    );
  }

  /** The cold starts of a node that wakes now; 0 for a protocol without a hold-down. */
  #coldStarts(state: Int32Array, node: number): number {
    const { layout, options } = this.#cluster;
    if (options.profile.expireHoldDown === undefined) return 0;
    const before = state[layout.node(node, NODE.coldStarts)]!;
    const mode = state[layout.node(node, NODE.mode)];
    if (mode === MODE.reset) return Math.min(COLD_STARTS, before + 1);
    return mode === MODE.period ? 0 : before;
  }

  /** The next operation of a node that is awake: once without a fault, and once with each fault that may come. */
  step(state: Int32Array, node: number, emit: Emit<Operation>): void {
    const { layout } = this.#cluster;
    const run = state[layout.node(node, NODE.ref)]!;
    const { action } = this.#runs.advance(run);
    switch (action.kind) {
      case "raise-busy": {
        if ((state[layout.busy]! & ~bit(node)) !== 0) return;
        const next = this.#cluster.copy(state);
        next[layout.busy]! |= bit(node);
        return this.#enter(next, node, this.#runs.reply(run, 0), () => ({ kind: "raises-busy", node }), emit);
      }
      case "lower-busy": {
        const next = this.#cluster.copy(state);
        next[layout.busy]! &= ~bit(node);
        return this.#enter(next, node, this.#runs.reply(run, 0), () => ({ kind: "lowers-busy", node }), emit);
      }
      case "read":
        return this.#read(state, node, run, action.chip, emit);
      case "write":
        return this.#write(state, node, run, action, emit);
      case "act":
        return this.#act(state, node, run, emit);
      case "done":
        throw new Error("a node whose wake is done is asleep");
    }
  }

  #read(state: Int32Array, node: number, run: number, chip: number, emit: Emit<Operation>): void {
    const { layout } = this.#cluster;
    const reaches = this.#cluster.reaches(state, node, chip);
    if (!reaches) this.#cluster.noteFailure(state, node, chip);
    const reply = reaches ? state[layout.chip(chip, CHIP.content)]! + FIRST_CONTENT : FAILED;
    const next = this.#cluster.copy(state);
    this.#enter(next, node, this.#runs.reply(run, reply), () => ({ kind: "reads", node, chip }), emit);
    if (!reaches || !this.#cluster.can(state, "read-error")) return;
    const failed = this.#cluster.spend(state, "read-error");
    this.#fails(failed, node, run, () => ({ kind: "read-error", node, chip }), emit);
  }

  #write(state: Int32Array, node: number, run: number, action: Write, emit: Emit<Operation>): void {
    const { chip, write, verified } = action;
    const reaches = this.#cluster.reaches(state, node, chip);
    const keeps = this.#cluster.keeps(state, chip, write);
    const next = this.#cluster.copy(state);
    if (reaches && keeps) this.#cluster.put(next, chip, write);
    else this.#cluster.noteFailure(state, node, chip);
    const reply = reaches && (keeps || !verified) ? WORKED : FAILED;
    this.#enter(next, node, this.#runs.reply(run, reply), () => ({ kind: "writes", node, chip }), emit);
    if (reaches && keeps) this.#writeWithFault(state, node, run, action, emit);
  }

  /** A write that would work, once with each fault that may come amid it. */
  #writeWithFault(state: Int32Array, node: number, run: number, action: Write, emit: Emit<Operation>): void {
    const { chip, write, torn } = action;
    const cluster = this.#cluster;
    // From `state` each time: the receiver may have changed the state that was emitted before.
    if (cluster.can(state, "write-error")) {
      const failed = cluster.spend(state, "write-error");
      this.#fails(failed, node, run, () => ({ kind: "write-error", node, chip }), emit);
    }
    if (cluster.can(state, "slow-write-cycle")) {
      const unconfirmed = cluster.spend(state, "slow-write-cycle");
      cluster.put(unconfirmed, chip, write);
      this.#fails(unconfirmed, node, run, () => ({ kind: "slow-write-cycle", node, chip }), emit);
    }
    if (cluster.can(state, "eeprom-resets")) {
      const undefinedPage = cluster.spend(state, "eeprom-resets");
      cluster.put(undefinedPage, chip, torn);
      this.#fails(undefinedPage, node, run, () => ({ kind: "eeprom-resets", node, chip }), emit);
    }
    if (cluster.can(state, "torn-write")) {
      const cut = cluster.spend(state, "torn-write");
      cluster.put(cut, chip, torn);
      cluster.reset(cut, node, "power-on");
      emit(cut, () => ({ kind: "torn-write", node, chip }), undefined);
    }
  }

  #fails(next: Int32Array, node: number, run: number, made: () => Transfer, emit: Emit<Operation>): void {
    this.#enter(next, node, this.#runs.reply(run, FAILED), made, emit);
  }

  /** All of a node's acting in one step, because no part of it concerns another node: all works, or nothing does. */
  #act(state: Int32Array, node: number, run: number, emit: Emit<Operation>): void {
    const online = this.#cluster.isOnline(state, node);
    if (!online) this.#cluster.coverage.noteFault("wifi-outage");
    let at = run;
    while (this.#runs.advance(at).action.kind === "act") at = this.#runs.reply(at, online ? WORKED : FAILED);
    const kind = online ? "acts" : "cannot-publish";
    const next = this.#cluster.copy(state);
    if (online) next[this.#cluster.layout.node(node, NODE.coldStarts)] = 0;
    this.#enter(next, node, at, () => ({ kind, node }), emit);
  }

  /** Brings a node to `run` in its wake, or to sleep if that wake is over; asks the laws if it has decided. */
  #enter(
    next: Int32Array,
    node: number,
    run: number,
    operation: () => Operation,
    emit: Emit<Operation>,
  ): void {
    const { run: at, action, decided } = this.#skip(run);
    next[this.#cluster.layout.node(node, NODE.ref)] = at;
    next[this.#cluster.layout.node(node, NODE.boot)] = this.#runs.runs.get(at).boot;
    const violation =
      decided === undefined ? undefined : this.#laws.violationOf(next, node, decided, action.kind === "act");
    if (action.kind === "done") this.#sleep(next, node, action);
    const leadsTo = action.kind === "done" ? action.sleep : action.kind === "act" ? "act" : undefined;
    emit(next, leadsTo === undefined ? operation : () => ({ ...operation(), leadsTo }), violation);
  }

  /**
   * A wake after its busy-line effects, which are no steps where the line is a courtesy; with the last decision on the
   * way.
   */
  #skip(run: number): { run: number; action: Action; decided: Decided | undefined } {
    let at = run;
    let { action, decided } = this.#runs.advance(at);
    const { busyLine } = this.#cluster.options.profile;
    while (!busyLine && (action.kind === "raise-busy" || action.kind === "lower-busy")) {
      at = this.#runs.reply(at, 0);
      const advance = this.#runs.advance(at);
      action = advance.action;
      decided = advance.decided ?? decided;
    }
    return { run: at, action, decided };
  }

  /** Ends a wake: no node waits for this one any more, and it waits for those that are awake. */
  #sleep(next: Int32Array, node: number, { memory, sleep }: Action & { kind: "done" }): void {
    const { layout, options } = this.#cluster;
    this.#cluster.unblock(next, node);
    next[layout.node(node, NODE.mode)] = sleep === "period" ? MODE.period : MODE.settle;
    next[layout.node(node, NODE.ref)] = memory;
    let awake = 0;
    for (let other = 0; other < layout.nodes; other++)
      if (next[layout.node(other, NODE.mode)] === MODE.awake) awake |= bit(other);
    next[layout.node(node, NODE.blockedBy)] = awake;
    if (options.punctual) countSleep(layout, next, node, sleep);
  }
}
