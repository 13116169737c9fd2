/**
 * The shipped wake cycle, one reply at a time. A node amid its wake is the replies that it has had so far: its generator
 * is run anew from them when its next effect is not known yet, and never otherwise.
 *
 * Once nothing is left to be read, two wakes that will do the same from there on are one: what was read is forgotten, and
 * the wake is all that it may still come to (`Tail`).
 */
import type { Decision, Effect, Reply } from "../protocol/effects.ts";
import type { NodeContext, Protocol, ResetCause, WakeResult } from "../protocol/protocol.ts";
import { Interner } from "./interner.ts";
import { CAUSES, type CheckedCause } from "./layout.ts";
import { PairMap } from "./pair-map.ts";
import { SequenceSet } from "./sequence-set.ts";

/** What a node does next. `lower` and the wait for the busy line are steps only where the protocol relies on that line. */
export type Action =
  | { readonly kind: "raise-busy" | "lower-busy" }
  | { readonly kind: "read"; readonly chip: number }
  /**
   * `write` and `torn` are numbers of writes: what is to be written, and what stands there when power goes amid it.
   * `verified`: it is read back, so that an acknowledged write that is not kept counts as failed.
   */
  | {
      readonly kind: "write";
      readonly chip: number;
      readonly write: number;
      readonly torn: number;
      readonly verified: boolean;
    }
  /** It acts: connects, reports, publishes. All of it is one action, and works or does not. */
  | { readonly kind: "act" }
  | { readonly kind: "done"; readonly memory: number; readonly sleep: "period" | "settle" };

/** A wake that has still something to read. */
export interface LocalRun {
  readonly self: number;
  readonly memory: number;
  readonly cause: ResetCause;
  readonly boot: number;
  /** A content's number + `FIRST_CONTENT` for what was read; 1 and 0 for yes and no; 0 for a chip that does not answer. */
  readonly replies: readonly number[];
}

/** What of a decision the laws are about. */
export interface Decided {
  readonly term: number;
  readonly expelled: readonly number[];
  /** It suspects a node. Two wakes that differ in nothing else are one. */
  readonly suspects: boolean;
}

/** A wake that reads nothing any more. */
export interface Tail {
  readonly self: number;
  readonly boot: number;
  readonly action: Action;
  readonly decided: Decided | undefined;
  /** By reply: the number of the run that follows. */
  readonly next: readonly number[];
  /** Of the memory that the wake started with, for a reset that shows as a wake from deep sleep; -1: not asked for. */
  readonly stale: number;
}

/** Where a node in its wake has come to: what it does next. */
export interface Advance {
  readonly action: Action;
  /** What the node decided on the way here, if it just did. */
  readonly decided: Decided | undefined;
}

/** A write of at most one page, at a word address. */
export interface PageWrite {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** Which wakes a model may take for one. */
export interface LocalRunsOptions {
  /** Wakes that will do the same from now on are one. */
  readonly tails: boolean;
  /** A wake may have to go back to the memory that it started with. */
  readonly keepsMemory: boolean;
}

/** Masks of the chips that a wake may still read, and write. */
export interface Footprint {
  readonly reads: number;
  readonly writes: number;
}

/** The lowest number that stands for a chip's content as a reply; those below it are replies without one. */
export const FIRST_CONTENT = 2;
const NONE = -1;
/** Every chip. */
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

function keyOfRun({ self, memory, cause, boot, replies }: LocalRun, key: number[]): void {
  key.push(0, self, memory, CAUSES.indexOf(cause as CheckedCause), boot);
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
 * Every wake that the model has met, as the replies that it has had; the shipped cycle is replayed to see what it does
 * next.
 */
export class LocalRuns {
  readonly memories = new Interner<unknown>();
  /** What chips hold: their bytes as far as the protocol reads them. */
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

  memory(memory: unknown): number {
    return this.memories.id(JSON.stringify(memory), () => memory);
  }

  content(bytes: Uint8Array): number {
    return this.contents.id(Buffer.from(bytes).toString("latin1"), () => bytes);
  }

  run(run: LocalRun): number {
    return this.runs.id(run);
  }

  tail(tail: Tail): number {
    return this.runs.id(tail);
  }

  /** The same wake with one reply more. */
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

  /** What a chip that held `content` holds after a write. */
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

  advance(id: number): Advance {
    if (this.#advances[id] === undefined) this.#play(id);
    return this.#advances[id]!;
  }

  /** Of all that a wake may still come to. A wake reads the chips in their order, each once, before it writes any. */
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

  /** The tail that a run is as good as; the run itself where it may still read. */
  #tailOf(id: number): number {
    this.#tails[id] ??= this.#makeTail(id);
    return this.#tails[id] === NONE ? id : this.#tails[id];
  }

  #makeTail(id: number): number {
    const run = this.runs.get(id) as LocalRun;
    const { action, decided } = this.advance(id);
    if (!this.#options.tails || action.kind === "read" || action.kind === "raise-busy") return NONE;
    const next: number[] = [];
    const replies = action.kind === "done" ? [] : action.kind === "lower-busy" ? [0] : [0, 1];
    for (const reply of replies) {
      let after = this.#longer(run, reply);
      // Nothing in acting concerns another node: it works throughout, or not at all.
      if (action.kind === "act")
        while (this.advance(after).action.kind === "act")
          after = this.#longer(this.runs.get(after) as LocalRun, reply);
      const tail = this.#tailOf(after);
      if (this.#tails[after] === NONE) return NONE;
      next.push(tail);
    }
    const stale = this.#options.keepsMemory && run.cause === "deep-sleep" ? run.memory : NONE;
    return this.tail({ self: run.self, boot: run.boot, action, decided, next, stale });
  }

  /** Runs the wake anew, up to what it does next; and on from there, since what follows a yes will be asked for too. */
  #play(id: number): void {
    let run = this.runs.get(id);
    if ("next" in run) {
      this.#advances[id] = run;
      return;
    }
    const { self, memory, cause, boot } = run;
    const cycle = this.#protocol.wake(this.#seats[self]!, this.memories.get(memory), { cause, boot });
    let step = cycle.next();
    let decision: Decision | undefined;
    for (let given = 0, at = id; ; ) {
      if (!step.done && step.value.do === "decide") {
        decision = step.value.decision;
        step = cycle.next(undefined);
        continue;
      }
      if (given === run.replies.length) {
        const action = step.done ? this.#doneOf(step.value) : this.#actionOf(step.value);
        // Only the last thing that happened before the action counts.
        this.#advances[at] = { action, decided: decidedOf(decision) };
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
    return this.contents.get(reply - FIRST_CONTENT).slice(effect.address, effect.address + effect.length);
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
        throw new Error("a decision is no action");
    }
  }
}

const decidedOf = (decision: Decision | undefined): Decided | undefined =>
  decision && {
    term: decision.term,
    expelled: decision.changes.flatMap(({ kind, node }) => (kind === "expelled" ? [node] : [])),
    suspects: decision.changes.some(({ kind }) => kind === "suspected"),
  };

/** Bytes that pass no CRC. */
export const garbage = (length: number): Uint8Array => new Uint8Array(length).fill(0x5a);
