/**
 * The shipped wake cycle, one reply at a time. A node amid its wake is represented by the replies that it has had so
 * far. Its generator is replayed with them only when its next effect is not known yet.
 *
 * Once a wake has nothing left to read, it is represented by what it may still do (`Tail`), and no longer by what it
 * has read: two wakes that do the same from then on are one.
 */
import type { Decision, Effect, Reply } from "../protocol/effects.ts";
import type { NodeContext, Protocol, ResetCause, WakeResult } from "../protocol/protocol.ts";
import { garbage } from "./garbage.ts";
import { Interner } from "./interner.ts";
import { CAUSES, type CheckedCause } from "./layout.ts";
import { PairMap } from "./pair-map.ts";
import { SequenceSet } from "./sequence-set.ts";

/**
 * What a node does next. `raise-busy` and `lower-busy` are steps of the model only where the protocol relies on that
 * line.
 */
export type Action =
  | { readonly kind: "raise-busy" | "lower-busy" }
  | { readonly kind: "read"; readonly chip: number }
  /**
   * `write` and `torn` are numbers of writes: the one that is due, and the one that stands for a power loss amid it.
   * `verified`: it is read back, so that an acknowledged write that is not kept counts as failed.
   */
  | {
      readonly kind: "write";
      readonly chip: number;
      readonly write: number;
      readonly torn: number;
      readonly verified: boolean;
    }
  /** Connects, reports or publishes. */
  | { readonly kind: "act" }
  | { readonly kind: "done"; readonly memory: number; readonly sleep: "period" | "settle" };

/** A wake that may still read. */
export interface LocalRun {
  readonly self: number;
  readonly memory: number;
  readonly cause: ResetCause;
  readonly boot: number;
  /** As in `Start`, at most `COLD_STARTS`. */
  readonly coldStarts: number;
  /**
   * A content's number + `FIRST_CONTENT` for what was read; 1 and 0 for yes and no; 0 for a chip that does not answer.
   */
  readonly replies: readonly number[];
}

/** The part of a decision that the laws are about. */
export interface Decided {
  readonly term: number;
  readonly expelled: readonly number[];
  /** It suspects a node. It is no part of a run's key: two wakes that differ in this alone are one. */
  readonly suspects: boolean;
}

/** A wake that does not read any more. */
export interface Tail {
  readonly self: number;
  readonly boot: number;
  readonly action: Action;
  readonly decided: Decided | undefined;
  /** By reply: the number of the run that follows. */
  readonly next: readonly number[];
  /** Number of the memory that the wake started with, for the fault `stale-memory`; -1: not needed. */
  readonly stale: number;
}

/** What a node does next in its wake, and what it has decided. */
export interface Advance {
  readonly action: Action;
  /** The decision between its last action and this one; undefined: there was none. */
  readonly decided: Decided | undefined;
  /** The boot that the node has raised its flash to in this wake; undefined: it has not. */
  readonly keptBoot?: number | undefined;
}

/** A write of at most one page, at a word address. */
export interface PageWrite {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** Which wakes count as one. */
export interface LocalRunsOptions {
  /** Wakes that do the same from now on are one. */
  readonly tails: boolean;
  /** Unless they started with different memories, to which the fault `stale-memory` may go back. */
  readonly keepsMemory: boolean;
}

/** Masks of the chips that a wake may still read, and write. */
export interface Footprint {
  readonly reads: number;
  readonly writes: number;
}

/** A reply from this number on is `FIRST_CONTENT` plus the number of a content; the lower ones are 0 and 1. */
export const FIRST_CONTENT = 2;
const NONE = -1;
/** Mask of every chip. */
const ALL = 0xff;

/** Gives each run and each tail a number, and finds it again. */
class NumberedRuns {
  readonly #set = new SequenceSet();
  readonly #runs: (LocalRun | Tail)[] = [];
  readonly #key: number[] = [];

  id(run: LocalRun | Tail): number {
    const key = this.#key;
    key.length = 0;
    if ("next" in run) keyOfTail(run, key);
    else keyOfRun(run, key);
    const id = this.#set.id(key, key.length);
    if (id === this.#runs.length) this.#runs.push(run);
    return id;
  }

  get(id: number): LocalRun | Tail {
    return this.#runs[id]!;
  }

  get size(): number {
    return this.#runs.length;
  }
}

const KINDS = ["raise-busy", "lower-busy", "read", "write", "act", "done"] as const;

function keyOfRun({ self, memory, cause, boot, coldStarts, replies }: LocalRun, key: number[]): void {
  key.push(0, self, memory, CAUSES.indexOf(cause as CheckedCause), boot, coldStarts);
  for (const reply of replies) key.push(reply);
}

function keyOfTail({ self, boot, action, decided, next, stale }: Tail, key: number[]): void {
  key.push(1, self, boot, stale, KINDS.indexOf(action.kind));
  if (action.kind === "read") key.push(action.chip);
  else if (action.kind === "write") key.push(action.chip, action.write, action.torn, action.verified ? 1 : 0);
  else if (action.kind === "done") key.push(action.memory, action.sleep === "period" ? 0 : 1);
  if (decided === undefined) key.push(0);
  else {
    key.push(1 + decided.expelled.length, decided.term);
    for (const node of decided.expelled) key.push(node);
  }
  for (const after of next) key.push(after);
}

/**
 * Every wake that the model has met, and what it does next. The numbers of memories, contents, runs and writes in a
 * state are this object's.
 */
export class LocalRuns {
  readonly memories = new Interner<unknown>();
  /** The bytes that chips hold, as far as the protocol reads them. */
  readonly contents = new Interner<Uint8Array>();
  readonly runs = new NumberedRuns();
  readonly writes = new Interner<PageWrite>();
  readonly #protocol: Protocol;
  readonly #seats: readonly NodeContext[];
  readonly #options: LocalRunsOptions;
  readonly #advances: (Advance | undefined)[] = [];
  readonly #tails: number[] = [];
  readonly #footprints: (Footprint | undefined)[] = [];
  /** By run and reply. */
  readonly #replied = new PairMap();
  /** By content and write: what the chip holds afterwards. */
  readonly #written = new PairMap();

  constructor(protocol: Protocol, seats: readonly NodeContext[], options: LocalRunsOptions) {
    this.#protocol = protocol;
    this.#seats = seats;
    this.#options = options;
  }

  /** The number of an RTC memory. */
  memory(memory: unknown): number {
    return this.memories.id(JSON.stringify(memory), () => memory);
  }

  /** The number of a chip's content. */
  content(bytes: Uint8Array): number {
    return this.contents.id(Buffer.from(bytes).toString("latin1"), () => bytes);
  }

  /** The number of a wake that may still read. */
  run(run: LocalRun): number {
    return this.runs.id(run);
  }

  /** The number of a wake that does not read any more. */
  tail(tail: Tail): number {
    return this.runs.id(tail);
  }

  /** The number of the same wake with one more reply. */
  reply(id: number, reply: number): number {
    const known = this.#replied.get(id, reply);
    if (known !== NONE) return known;
    const run = this.runs.get(id);
    const next = "next" in run ? run.next[reply]! : this.#tailOf(this.#longer(run, reply));
    this.#replied.add(id, reply, next);
    return next;
  }

  /** The number of a write of `bytes` at `address`. */
  write(address: number, bytes: Uint8Array): number {
    return this.writes.id(`${address} ${Buffer.from(bytes).toString("latin1")}`, () => ({ address, bytes }));
  }

  /** The number of the content of a chip that held `content`, after a write. */
  written(content: number, write: number): number {
    const known = this.#written.get(content, write);
    if (known !== NONE) return known;
    const { address, bytes } = this.writes.get(write);
    const held = this.contents.get(content).slice();
    held.set(bytes, address);
    const next = this.content(held);
    this.#written.add(content, write, next);
    return next;
  }

  /** What run `id` does next. */
  advance(id: number): Advance {
    if (this.#advances[id] === undefined) this.#play(id);
    return this.#advances[id]!;
  }

  /**
   * The chips that run `id` may still touch. A wake reads the chips in their order, each once, before it writes any.
   */
  footprint(id: number): Footprint {
    this.#footprints[id] ??= this.#makeFootprint(id);
    return this.#footprints[id];
  }

  #makeFootprint(id: number): Footprint {
    const run = this.runs.get(id);
    if (!("next" in run)) {
      const { action } = this.advance(id);
      return { reads: action.kind === "read" ? ALL & ~((1 << action.chip) - 1) : ALL, writes: ALL };
    }
    const own = run.action.kind === "write" ? 1 << run.action.chip : 0;
    return { reads: 0, writes: run.next.reduce((mask, next) => mask | this.footprint(next).writes, own) };
  }

  #longer(run: LocalRun, reply: number): number {
    return this.run({ ...run, replies: [...run.replies, reply] });
  }

  /** The number of the tail that represents a run; of the run itself where it may still read. */
  #tailOf(id: number): number {
    this.#tails[id] ??= this.#makeTail(id);
    return this.#tails[id] === NONE ? id : this.#tails[id];
  }

  #makeTail(id: number): number {
    const run = this.runs.get(id) as LocalRun;
    const { action, decided, keptBoot } = this.advance(id);
    if (!this.#options.tails || action.kind === "read" || action.kind === "raise-busy") return NONE;
    const next: number[] = [];
    const replies = action.kind === "done" ? [] : action.kind === "lower-busy" ? [0] : [0, 1];
    for (const reply of replies) {
      let after = this.#longer(run, reply);
      // No part of acting concerns another node, so that it is one step: all of it works, or none.
      if (action.kind === "act")
        while (this.advance(after).action.kind === "act")
          after = this.#longer(this.runs.get(after) as LocalRun, reply);
      const tail = this.#tailOf(after);
      if (this.#tails[after] === NONE) return NONE;
      next.push(tail);
    }
    const stale = this.#options.keepsMemory && run.cause === "deep-sleep" ? run.memory : NONE;
    return this.tail({ self: run.self, boot: keptBoot ?? run.boot, action, decided, next, stale });
  }

  /** Replays the wake up to its next action, and on from there with successful replies, which will be asked for too. */
  #play(id: number): void {
    let run = this.runs.get(id);
    if ("next" in run) {
      this.#advances[id] = run;
      return;
    }
    const { self, memory, cause, boot, coldStarts } = run;
    const start = { cause, boot, coldStarts };
    const cycle = this.#protocol.wake(this.#seats[self]!, this.memories.get(memory), start);
    let step = cycle.next();
    let decision: Decision | undefined;
    let keptBoot: number | undefined;
    for (let given = 0, at = id; ; ) {
      if (!step.done && step.value.do === "decide") {
        decision = step.value.decision;
        step = cycle.next(undefined);
        continue;
      }
      if (!step.done && step.value.do === "keep-boot") {
        keptBoot = step.value.boot;
        step = cycle.next(undefined);
        continue;
      }
      if (given === run.replies.length) {
        const action = step.done ? this.#doneOf(step.value) : this.#actionOf(step.value);
        // Only the decision right before this action: `decision` is cleared after each reply.
        this.#advances[at] = { action, decided: decidedOf(decision), keptBoot };
        if (step.done || !this.#options.tails || action.kind === "read" || action.kind === "raise-busy")
          return;
        run = { ...run, replies: [...run.replies, action.kind === "lower-busy" ? 0 : 1] };
        at = this.run(run);
        if (this.#advances[at] !== undefined) return;
      }
      if (step.done) throw new Error("a wake that is done has been replied to");
      step = cycle.next(this.#replyTo(step.value, run.replies[given++]!));
      decision = undefined;
    }
  }

  #doneOf({ memory, sleep }: WakeResult<unknown>): Action {
    return { kind: "done", memory: this.memory(memory), sleep };
  }

  #replyTo(effect: Effect, reply: number): Reply {
    if (effect.do === "raise-busy" || effect.do === "lower-busy") return undefined;
    if (effect.do !== "read") return reply === 1;
    if (reply < FIRST_CONTENT) return undefined;
    const bytes = this.contents.get(reply - FIRST_CONTENT);
    const { address, length } = effect;
    return address === 0 && length === bytes.length ? bytes : bytes.slice(address, address + length);
  }

  #actionOf(effect: Effect): Action {
    switch (effect.do) {
      case "raise-busy":
      case "lower-busy":
        return { kind: effect.do };
      case "read":
        return { kind: "read", chip: effect.chip };
      case "write": {
        const { chip, address, bytes, verify } = effect;
        const torn = this.write(address, garbage(bytes.length));
        return { kind: "write", chip, write: this.write(address, bytes), torn, verified: verify === true };
      }
      case "connect":
      case "report":
      case "publish-reading":
        return { kind: "act" };
      case "decide":
      case "keep-boot":
        throw new Error(`${effect.do} is no action`);
    }
  }
}

const decidedOf = (decision: Decision | undefined): Decided | undefined =>
  decision && {
    term: decision.term,
    expelled: decision.changes.flatMap(({ kind, node }) => (kind === "expelled" ? [node] : [])),
    suspects: decision.changes.some(({ kind }) => kind === "suspected"),
  };
