/**
 * The cluster as the checker sees it: nodes that run the shipped wake cycle one effect at a time, in every order, against
 * chips that hold bytes.
 *
 * What stands for time: a node that falls asleep while another is awake does not wake before that one is done, since any
 * sleep is longer than any node can be awake (W < S). Apart from that a sleep may last as long as it likes, unless
 * `punctual` is asked for: then no node gets through two full sleeps while another gets through none and a wake. That is
 * so with sleep timers wrong by up to 5 %: 2 × 855 s are more than 945 s and two wakes of a minute.
 */
import type { NodeContext, Protocol, ResetCause } from "../protocol/protocol.ts";
import { CHIP_FAULTS, type FaultClass } from "./fault-classes.ts";
import {
  CAUSES,
  CHIP,
  CHIP_ABSENT,
  CHIP_PROTECTED,
  CHIP_WORN_SHIFT,
  type CheckedCause,
  Layout,
  MODE,
  NODE,
  NODE_CUT,
  NODE_OFFLINE,
  wornPage,
} from "./layout.ts";
import { type Action, type Decided, FIRST_CONTENT, garbage, LocalRuns } from "./local-runs.ts";

export interface ModelOptions {
  readonly protocol: Protocol;
  readonly nodes: number;
  readonly witness: boolean;
  /** What every chip holds at the start, as far as the protocol reads it. */
  readonly chip: Uint8Array;
  readonly faults: readonly FaultClass[];
  /** How many faults may come. */
  readonly budget: number;
  /** Each of `faults` may come once, and `budget` is their number; else any of them comes until the budget is spent. */
  readonly onceEach?: boolean;
  /** How many resets amid a wake or a sleep, besides. */
  readonly crashes: number;
  readonly punctual: boolean;
  /** The protocol waits for the busy line, and relies on it. */
  readonly busyLine: boolean;
  /** Chips that a node must have to do anything. */
  readonly chipsNeeded: number;
  /** Acts carry terms that only rise. */
  readonly terms: boolean;
  /** What becomes of a memory in a long time, if anything: however many wakes that takes, it may be over at any. */
  readonly inTime?: (memory: unknown) => unknown;
}

/** What a transition is: `kind` and its numbers. */
export interface Label {
  readonly kind: string;
  readonly node?: number;
  readonly chip?: number;
  readonly detail?: string;
  /** What its node comes to with it: to acting, or to a sleep. */
  readonly leadsTo?: "act" | "period" | "settle";
}

/** Steps of a chip that something makes a difference to. */
export const READ = 1;
export const WRITE = 2;

/** When that comes which may come at any time. */
export interface Timing {
  /** Faults that make a difference to those steps of a chip come now: `READ`, `WRITE`. */
  touches(state: Int32Array, chip: number): number;
  /** A chip may be well again now. */
  mends(state: Int32Array, chip: number): boolean;
}
const AT_ANY_TIME: Timing = { touches: () => READ | WRITE, mends: () => true };

/** `next` is the caller's until it returns, and `label` is made only where somebody asks. */
export type Emit = (next: Int32Array, label: () => Label, violation: string | undefined) => void;

const PAGE = 64;
const LAG_MAX = 2;
/** More than are in use at once: of a wake, of its first step, and of what may befall that. */
const COPIES = 8;
const bit = (n: number): number => 1 << n;

export class Model {
  readonly layout: Layout;
  readonly runs: LocalRuns;
  readonly options: ModelOptions;
  readonly #faults: ReadonlyMap<FaultClass, number>;
  readonly #cold: number;
  readonly #blank: number;
  readonly #noise: number;
  /** By page: the write that stands for its damage. */
  readonly #damages: readonly number[];
  readonly #copies: readonly Int32Array[];
  #at = 0;

  constructor(options: ModelOptions) {
    this.options = options;
    const { nodes, protocol } = options;
    const chips = nodes + (options.witness ? 1 : 0);
    this.layout = new Layout(nodes, chips, options.punctual);
    const seats = Array.from(
      { length: nodes },
      (_, self): NodeContext => ({ self, nodes, chips, cluster: "c" }),
    );
    this.runs = new LocalRuns(protocol, seats, {
      tails: !options.busyLine,
      keepsMemory: options.faults.includes("stale-memory"),
    });
    this.#faults = new Map(options.faults.map((fault, index) => [fault, index]));
    this.#copies = Array.from({ length: COPIES }, () => new Int32Array(this.layout.width));
    this.#cold = this.runs.memory(protocol.cold);
    const { length } = options.chip;
    this.#blank = this.runs.content(new Uint8Array(length).fill(0xff));
    this.#noise = this.runs.content(garbage(length));
    this.#damages = Array.from({ length: Math.ceil(length / PAGE) }, (_, page) =>
      this.runs.write(PAGE * page, garbage(Math.min(PAGE, length - PAGE * page))),
    );
  }

  /** All nodes about to boot for the first time. */
  initial(): Int32Array {
    const { layout, options } = this;
    const state = new Int32Array(layout.width);
    state[layout.faultsLeft] = this.faultsAtStart;
    state[layout.crashesLeft] = options.crashes;
    const content = this.runs.content(options.chip);
    for (let chip = 0; chip < layout.chips; chip++) state[layout.chip(chip, CHIP.content)] = content;
    for (let node = 0; node < layout.nodes; node++) state[layout.node(node, NODE.mode)] = MODE.reset;
    return state;
  }

  /** @param timing which of what may come at any time comes now */
  successors(state: Int32Array, emit: Emit, timing: Timing = AT_ANY_TIME): void {
    const { layout } = this;
    const booting = this.options.punctual && this.some(state, MODE.reset);
    for (let node = 0; node < layout.nodes; node++) {
      const mode = state[layout.node(node, NODE.mode)];
      if (mode === MODE.awake) this.step(state, node, emit);
      else if (mode === MODE.reset) this.#wake(state, node, emit);
      else if (mode !== MODE.off && !booting && this.#mayWake(state, node)) this.#wake(state, node, emit);
      if (mode === MODE.period || mode === MODE.settle) this.#inTime(state, node, emit);
    }
    if (state[layout.crashesLeft]! > 0)
      for (let node = 0; node < layout.nodes; node++) this.#crash(state, node, emit);
    this.#recoveries(state, timing, emit);
    if (state[layout.faultsLeft]! === 0) return;
    for (let chip = 0; chip < layout.chips; chip++)
      this.strikeChip(state, chip, timing.touches(state, chip), emit);
    for (let node = 0; node < layout.nodes; node++) this.strikeNode(state, node, emit);
  }

  /** One step of one node where nothing goes wrong, and whether it acted with it; undefined where it can take none: it is off, or waits for another. */
  proceed(
    state: Int32Array,
    node: number,
  ): { readonly next: Int32Array; readonly acts: boolean } | undefined {
    let first: { next: Int32Array; acts: boolean } | undefined;
    const take: Emit = (next) => {
      first ??= { next: next.slice(), acts };
    };
    const acts =
      this.actionOf(state, node)?.kind === "act" &&
      (state[this.layout.node(node, NODE.flags)]! & NODE_OFFLINE) === 0;
    const mode = state[this.layout.node(node, NODE.mode)];
    if (mode === MODE.awake) this.step(state, node, take);
    else if (mode !== MODE.off && state[this.layout.node(node, NODE.blockedBy)] === 0)
      this.#wake(state, node, take);
    return first;
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

  /** Whether a node asleep may wake now. */
  #mayWake(state: Int32Array, node: number): boolean {
    const { layout } = this;
    if (state[layout.node(node, NODE.blockedBy)] !== 0) return false;
    if (!this.options.punctual || state[layout.node(node, NODE.mode)] !== MODE.period) return true;
    for (let other = 0; other < layout.nodes; other++) {
      if (other === node || state[layout.node(other, NODE.mode)] === MODE.off) continue;
      if (lagOf(state[layout.node(other, NODE.lag)]!, node) >= LAG_MAX) return false;
    }
    return true;
  }

  #inTime(state: Int32Array, node: number, emit: Emit): void {
    const ref = this.layout.node(node, NODE.ref);
    const later = this.options.inTime?.(this.runs.memories.get(state[ref]!));
    if (later === undefined) return;
    const next = this.#copy(state);
    next[ref] = this.runs.memory(later);
    emit(next, () => ({ kind: "long-after", node }), undefined);
  }

  /** From sleep, or from reset, to the first effect of a wake. */
  #wake(state: Int32Array, node: number, emit: Emit): void {
    const { layout } = this;
    const next = this.#copy(state);
    const mode = state[layout.node(node, NODE.mode)]!;
    const cold = mode === MODE.reset;
    const cause: ResetCause = cold ? CAUSES[state[layout.node(node, NODE.cause)]!]! : "deep-sleep";
    const boot = state[layout.node(node, NODE.boot)]! + (cold ? 1 : 0);
    const memory = cold ? this.#cold : state[layout.node(node, NODE.ref)]!;
    next[layout.node(node, NODE.boot)] = boot;
    next[layout.node(node, NODE.mode)] = MODE.awake;
    next[layout.node(node, NODE.blockedBy)] = 0;
    next[layout.node(node, NODE.cause)] = 0;
    next[layout.node(node, NODE.lag)] = withoutDuring(next[layout.node(node, NODE.lag)]!);
    next[layout.node(node, NODE.ref)] = this.#skip(
      this.runs.run({ self: node, memory, cause, boot, replies: [] }),
    ).run;
    // With its first effect: before that, a node awake is as good as one that wakes later.
    const woken = cold ? `boots (${cause}) and ` : "wakes and ";
    this.step(next, node, (after, label, violation) => emit(after, () => rename(label(), woken), violation));
  }

  /** The next effect of a node that is awake, as it goes when nothing is wrong with it. */
  step(state: Int32Array, node: number, emit: Emit): void {
    const { layout } = this;
    const run = state[layout.node(node, NODE.ref)]!;
    const { action } = this.runs.advance(run);
    switch (action.kind) {
      case "raise-busy": {
        if ((state[layout.busy]! & ~bit(node)) !== 0) return;
        const next = this.#copy(state);
        next[layout.busy]! |= bit(node);
        return this.#enter(next, node, this.runs.reply(run, 0), () => ({ kind: "raises-busy", node }), emit);
      }
      case "lower-busy": {
        const next = this.#copy(state);
        next[layout.busy]! &= ~bit(node);
        return this.#enter(next, node, this.runs.reply(run, 0), () => ({ kind: "lowers-busy", node }), emit);
      }
      case "read": {
        const { chip } = action;
        const reply = this.#reaches(state, node, chip)
          ? state[layout.chip(chip, CHIP.content)]! + FIRST_CONTENT
          : 0;
        this.#enter(
          this.#copy(state),
          node,
          this.runs.reply(run, reply),
          () => ({ kind: "reads", node, chip }),
          emit,
        );
        if (reply !== 0 && this.#can(state, "read-error")) {
          const next = this.#spend(state, "read-error");
          this.#enter(next, node, this.runs.reply(run, 0), () => ({ kind: "read-error", node, chip }), emit);
        }
        return;
      }
      case "write":
        return this.#write(state, node, run, action, emit);
      case "act":
        return this.#act(state, node, run, emit);
      case "done":
        throw new Error("a node whose wake is done is asleep");
    }
  }

  /** All that follows once a node may act, in one step: nothing in it concerns another node. */
  #act(state: Int32Array, node: number, run: number, emit: Emit): void {
    const online = (state[this.layout.node(node, NODE.flags)]! & NODE_OFFLINE) === 0;
    let at = run;
    while (this.runs.advance(at).action.kind === "act") at = this.runs.reply(at, online ? 1 : 0);
    this.#enter(
      this.#copy(state),
      node,
      at,
      () => ({ kind: online ? "acts" : "cannot-publish", node }),
      emit,
    );
  }

  #write(
    state: Int32Array,
    node: number,
    run: number,
    { chip, write, torn, verified }: Action & { kind: "write" },
    emit: Emit,
  ): void {
    const reaches = this.#reaches(state, node, chip);
    const keeps = this.keeps(state, chip, write);
    const next = this.#copy(state);
    if (reaches && keeps) this.#put(next, chip, write);
    const took = reaches && (keeps || !verified);
    this.#enter(next, node, this.runs.reply(run, took ? 1 : 0), () => ({ kind: "writes", node, chip }), emit);
    if (!reaches || !keeps) return;
    if (this.#can(state, "write-error"))
      this.#enter(
        this.#spend(state, "write-error"),
        node,
        this.runs.reply(run, 0),
        () => ({ kind: "write-error", node, chip }),
        emit,
      );
    if (this.#can(state, "write-unconfirmed")) {
      // From `state` again: an emitted state has been brought into its form, and may have begun to act.
      const unconfirmed = this.#spend(state, "write-unconfirmed");
      this.#put(unconfirmed, chip, write);
      this.#enter(
        unconfirmed,
        node,
        this.runs.reply(run, 0),
        () => ({ kind: "write-unconfirmed", node, chip }),
        emit,
      );
    }
    if (this.#can(state, "chip-resets")) {
      const undefinedPage = this.#spend(state, "chip-resets");
      this.#put(undefinedPage, chip, torn);
      this.#enter(
        undefinedPage,
        node,
        this.runs.reply(run, 0),
        () => ({ kind: "chip-resets", node, chip }),
        emit,
      );
    }
    if (this.#can(state, "torn-write")) {
      const cut = this.#spend(state, "torn-write");
      this.#put(cut, chip, torn);
      this.#reset(cut, node, "power-on");
      emit(cut, () => ({ kind: "torn-write", node, chip }), undefined);
    }
  }

  /** A wake is over. */
  #sleep(next: Int32Array, node: number, { memory, sleep }: Action & { kind: "done" }): void {
    const { layout } = this;
    this.#unblock(next, node);
    next[layout.node(node, NODE.mode)] = sleep === "period" ? MODE.period : MODE.settle;
    next[layout.node(node, NODE.ref)] = memory;
    let awake = 0;
    for (let other = 0; other < layout.nodes; other++)
      if (next[layout.node(other, NODE.mode)] === MODE.awake) awake |= bit(other);
    next[layout.node(node, NODE.blockedBy)] = awake;
    if (this.options.punctual) this.#countSleep(next, node, sleep);
  }

  /** What the sleep that `node` begins means for who may wake when. */
  #countSleep(next: Int32Array, node: number, sleep: "period" | "settle"): void {
    const { layout } = this;
    const own = layout.node(node, NODE.lag);
    for (let other = 0; other < layout.nodes; other++) {
      if (other === node) continue;
      // A settle sleep is over long before a full one that begins after it.
      next[own] = withLag(next[own]!, other, duringOf(next[own]!, other) + (sleep === "settle" ? 1 : 0), 0);
      if (sleep === "settle") continue;
      const at = layout.node(other, NODE.lag);
      const awake = next[layout.node(other, NODE.mode)] === MODE.awake ? 1 : 0;
      next[at] = withLag(next[at]!, node, lagOf(next[at]!, node) + 1, duringOf(next[at]!, node) + awake);
    }
  }

  /** A wake, past what is no step of its own where the busy line is a courtesy; and the last decision on the way. */
  #skip(run: number): { run: number; action: Action; decided: Decided | undefined } {
    let at = run;
    let { action, decided } = this.runs.advance(at);
    while (!this.options.busyLine && (action.kind === "raise-busy" || action.kind === "lower-busy")) {
      at = this.runs.reply(at, 0);
      const advance = this.runs.advance(at);
      action = advance.action;
      decided = advance.decided ?? decided;
    }
    return { run: at, action, decided };
  }

  /** A node comes to `run` in its wake; where nothing is left to do, it falls asleep with that. */
  #enter(next: Int32Array, node: number, run: number, label: () => Label, emit: Emit): void {
    const { layout } = this;
    const { run: at, action, decided } = this.#skip(run);
    next[layout.node(node, NODE.ref)] = at;
    let violation: string | undefined;
    if (decided !== undefined) {
      for (const subject of decided.expelled) violation ??= this.#expulsion(next, node, subject);
      if (action.kind === "act") violation ??= this.#beginsToAct(next, node, decided.term);
    }
    if (action.kind === "done") this.#sleep(next, node, action);
    const leadsTo = action.kind === "done" ? action.sleep : action.kind === "act" ? "act" : undefined;
    emit(next, leadsTo === undefined ? label : () => ({ ...label(), leadsTo }), violation);
  }

  /** With punctual wakes, nobody who is well is held to be dead, whatever becomes of a chip. */
  #expulsion(next: Int32Array, by: number, subject: number): string | undefined {
    const { layout, options } = this;
    if (!options.punctual || options.crashes > 0 || options.budget > 1) return undefined;
    if (options.budget === 1 && !options.faults.every((fault) => CHIP_FAULTS.includes(fault)))
      return undefined;
    const mode = next[layout.node(subject, NODE.mode)];
    return mode === MODE.off || mode === MODE.reset
      ? undefined
      : `node ${by} expels node ${subject}, which is well`;
  }

  #beginsToAct(next: Int32Array, node: number, term: number): string | undefined {
    const { layout, options } = this;
    const others = this.acting(next).filter((other) => other !== node);
    if (others.length > 0) return `nodes ${others.join(", ")} and ${node} act at once`;
    if (!options.terms) return undefined;
    const [before, actor] = [next[layout.actedTerm]!, next[layout.actor]! - 1];
    if (actor >= 0 && (term < before || (term === before && actor !== node)))
      return `node ${node} acts under term ${term} after node ${actor} did under ${before}`;
    next[layout.actedTerm] = term;
    next[layout.actor] = node + 1;
    return undefined;
  }

  /** A node is reset: awake or asleep it loses its RTC memory. A page write that it was amid is done, or never begun. */
  #crash(state: Int32Array, node: number, emit: Emit): void {
    const { layout } = this;
    const mode = state[layout.node(node, NODE.mode)];
    if (mode === MODE.off || mode === MODE.reset) return;
    const crashed = (): Int32Array => {
      const next = this.#copy(state);
      next[layout.crashesLeft]! -= 1;
      this.#reset(next, node, "power-on");
      return next;
    };
    emit(crashed(), () => ({ kind: "crash", node }), undefined);
    const action = this.actionOf(state, node);
    if (action?.kind !== "write") return;
    if (!this.#reaches(state, node, action.chip) || !this.keeps(state, action.chip, action.write)) return;
    const written = crashed();
    this.#put(written, action.chip, action.write);
    emit(written, () => ({ kind: "crash", node, detail: "its page is written" }), undefined);
  }

  /** What heals by itself, or by a person, at any time and at no cost. */
  #recoveries(state: Int32Array, timing: Timing, emit: Emit): void {
    const { layout } = this;
    for (let chip = 0; chip < layout.chips; chip++) {
      const at = layout.chip(chip, CHIP.flags);
      if (state[at] === 0 || !timing.mends(state, chip)) continue;
      const next = this.#copy(state);
      next[at] = 0;
      emit(next, () => ({ kind: "chip-is-well-again", chip }), undefined);
    }
    for (let node = 0; node < layout.nodes; node++) {
      const at = layout.node(node, NODE.flags);
      if (state[at] !== 0) {
        const next = this.#copy(state);
        next[at] = 0;
        emit(next, () => ({ kind: "node-is-connected-again", node }), undefined);
      }
      if (this.#faults.has("power-cut") && state[layout.node(node, NODE.mode)] === MODE.off) {
        const next = this.#copy(state);
        next[layout.node(node, NODE.mode)] = MODE.reset;
        next[layout.busy]! &= ~bit(node);
        emit(next, () => ({ kind: "power-on", node }), undefined);
      }
    }
  }

  /** @param touches `READ` and `WRITE`: only what makes a difference to those steps */
  strikeChip(state: Int32Array, chip: number, touches: number, emit: Emit): void {
    const { layout } = this;
    const flags = layout.chip(chip, CHIP.flags);
    const content = layout.chip(chip, CHIP.content);
    const struck = (name: FaultClass, field: number, value: number, detail?: string): void => {
      if (!this.#can(state, name)) return;
      const next = this.#spend(state, name);
      next[field] = value;
      emit(next, () => ({ kind: name, chip, ...(detail === undefined ? {} : { detail }) }), undefined);
    };
    if (touches === 0) return;
    if ((state[flags]! & CHIP_ABSENT) === 0) struck("chip-lost", flags, state[flags]! | CHIP_ABSENT);
    if ((touches & WRITE) !== 0 && (state[flags]! & CHIP_PROTECTED) === 0)
      struck("write-protected", flags, state[flags]! | CHIP_PROTECTED);
    // Also where a chip holds the same already: of that the form of a state may leave something out.
    struck("chip-replaced", content, this.#blank);
    struck("chip-noise", content, this.#noise);
    const { length } = this.options.chip;
    const damaged = (page: number): number => this.runs.written(state[content]!, this.#damages[page / PAGE]!);
    // A write of that very page would undo it, and one of another comes to the same before it.
    if ((touches & READ) !== 0 && this.#can(state, "page-rot"))
      for (let page = 0; page < length; page += PAGE)
        struck("page-rot", content, damaged(page), `page ${page / PAGE}`);
    if (this.#can(state, "page-worn") && wornPage(state[flags]!) === undefined)
      for (let page = 0; page < length; page += PAGE) {
        const next = this.#spend(state, "page-worn");
        next[content] = damaged(page);
        next[flags]! |= (page / PAGE + 1) << CHIP_WORN_SHIFT;
        emit(next, () => ({ kind: "page-worn", chip, detail: `page ${page / PAGE}` }), undefined);
      }
  }

  strikeNode(state: Int32Array, node: number, emit: Emit): void {
    const { layout } = this;
    const mode = state[layout.node(node, NODE.mode)]!;
    if (mode === MODE.off) return;
    const struck = (name: FaultClass, change: (next: Int32Array) => void): void => {
      if (!this.#can(state, name)) return;
      const next = this.#spend(state, name);
      change(next);
      emit(next, () => ({ kind: name, node }), undefined);
    };
    const off = (next: Int32Array): void => {
      this.#reset(next, node, "power-on");
      next[layout.node(node, NODE.mode)] = MODE.off;
    };
    struck("node-dies", off);
    struck("power-cut", off);
    if (mode === MODE.awake) struck("watchdog-reset", (next) => this.#reset(next, node, "watchdog"));
    if (mode === MODE.awake)
      struck("freeze", (next) => {
        const held = next[layout.busy]!;
        off(next);
        next[layout.busy] = held;
      });
    const flags = layout.node(node, NODE.flags);
    if ((state[flags]! & NODE_OFFLINE) === 0)
      struck("offline", (next) => {
        next[flags]! |= NODE_OFFLINE;
      });
    if ((state[flags]! & NODE_CUT) === 0)
      struck("wire-cut", (next) => {
        next[flags]! |= NODE_CUT;
      });
    const blocked = layout.node(node, NODE.blockedBy);
    if (mode === MODE.settle && state[blocked] !== 0)
      struck("early-wake", (next) => {
        next[blocked] = 0;
      });
    if (mode === MODE.awake && this.#blocks(state, node))
      struck("overlong-wake", (next) => this.#unblock(next, node));
    if (mode === MODE.awake) this.#staleMemory(state, node, emit);
  }

  /** Its reset shows as a wake from deep sleep, and its RTC memory as it was when it last fell asleep. */
  #staleMemory(state: Int32Array, node: number, emit: Emit): void {
    const { layout } = this;
    if (!this.#can(state, "stale-memory")) return;
    const run = this.runs.runs.get(state[layout.node(node, NODE.ref)]!);
    const memory = "next" in run ? run.stale : run.cause === "deep-sleep" ? run.memory : -1;
    if (memory < 0) return;
    const next = this.#spend(state, "stale-memory");
    this.#unblock(next, node);
    next[layout.node(node, NODE.mode)] = MODE.period;
    next[layout.node(node, NODE.ref)] = memory;
    next[layout.node(node, NODE.blockedBy)] = 0;
    emit(next, () => ({ kind: "stale-memory", node }), undefined);
  }

  #reset(next: Int32Array, node: number, cause: CheckedCause): void {
    const { layout } = this;
    this.#unblock(next, node);
    next[layout.busy]! &= ~bit(node);
    next[layout.node(node, NODE.mode)] = MODE.reset;
    next[layout.node(node, NODE.ref)] = 0;
    next[layout.node(node, NODE.blockedBy)] = 0;
    next[layout.node(node, NODE.lag)] = 0;
    next[layout.node(node, NODE.cause)] = CAUSES.indexOf(cause);
  }

  /** Nobody waits any more for a wake of `node` to be over. */
  #unblock(next: Int32Array, node: number): void {
    for (let other = 0; other < this.layout.nodes; other++)
      next[this.layout.node(other, NODE.blockedBy)]! &= ~bit(node);
  }

  #blocks(state: Int32Array, node: number): boolean {
    for (let other = 0; other < this.layout.nodes; other++)
      if ((state[this.layout.node(other, NODE.blockedBy)]! & bit(node)) !== 0) return true;
    return false;
  }

  /** Whether a node's transactions get to a chip: neither is absent, and both are on one side of a cut. */
  #reaches(state: Int32Array, node: number, chip: number): boolean {
    const { layout } = this;
    if ((state[layout.chip(chip, CHIP.flags)]! & CHIP_ABSENT) !== 0) return false;
    const cut = (which: number): boolean =>
      which < layout.nodes && (state[layout.node(which, NODE.flags)]! & NODE_CUT) !== 0;
    return node === chip || (!cut(node) && !cut(chip));
  }

  /** Chips that a node reads, and that keep what it writes. A chip with a worn page does, on its other pages. */
  usableChips(state: Int32Array, node: number): number {
    const { layout } = this;
    let count = 0;
    for (let chip = 0; chip < layout.chips; chip++)
      if (this.#reaches(state, node, chip) && (state[layout.chip(chip, CHIP.flags)]! & CHIP_PROTECTED) === 0)
        count += 1;
    return count;
  }

  /** Whether a chip that acknowledges a write holds it afterwards. */
  keeps(state: Int32Array, chip: number, write: number): boolean {
    const flags = state[this.layout.chip(chip, CHIP.flags)]!;
    return (
      (flags & CHIP_PROTECTED) === 0 &&
      wornPage(flags) !== Math.floor(this.runs.writes.get(write).address / PAGE)
    );
  }

  #put(next: Int32Array, chip: number, write: number): void {
    const at = this.layout.chip(chip, CHIP.content);
    next[at] = this.runs.written(next[at]!, write);
  }

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

  #can(state: Int32Array, fault: FaultClass): boolean {
    const index = this.#faults.get(fault);
    if (index === undefined) return false;
    const left = state[this.layout.faultsLeft]!;
    return this.options.onceEach === true ? (left & bit(index)) !== 0 : left > 0;
  }

  /** From a ring of a few: an emitted state is the receiver's no longer than it takes it. */
  #copy(state: Int32Array): Int32Array {
    this.#at = (this.#at + 1) % COPIES;
    const copy = this.#copies[this.#at]!;
    copy.set(state);
    return copy;
  }

  #spend(state: Int32Array, fault: FaultClass): Int32Array {
    const next = this.#copy(state);
    next[this.layout.faultsLeft]! -= this.options.onceEach === true ? bit(this.#faults.get(fault)!) : 1;
    return next;
  }

  some(state: Int32Array, mode: number): boolean {
    for (let node = 0; node < this.layout.nodes; node++)
      if (state[this.layout.node(node, NODE.mode)] === mode) return true;
    return false;
  }
}

/**
 * Four bits for each other node: the full sleeps that it has begun since the start of the last wake that this node has
 * done, and since the start of the one that it is in.
 */
const lagOf = (lags: number, other: number): number => (lags >> (4 * other)) & 3;
const duringOf = (lags: number, other: number): number => (lags >> (4 * other + 2)) & 3;
const withLag = (lags: number, other: number, since: number, during: number): number =>
  (lags & ~(15 << (4 * other))) | ((Math.min(3, since) | (Math.min(3, during) << 2)) << (4 * other));
const withoutDuring = (lags: number): number => lags & 0x33333333;

/** "wakes and reads", "boots (power-on) and reads": the first effect of a wake. */
const rename = (label: Label, woken: string): Label => ({ ...label, kind: woken + label.kind });
