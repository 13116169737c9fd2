/**
 * The shipped wake cycle, one reply at a time. A node amid its wake is the replies that it has had so far: its generator
 * is run anew from them when its next effect is not known yet, and never otherwise.
 *
 * Once nothing is left to be read, two wakes that will do the same from there on are one: what was read is forgotten, and
 * the wake is all that it may still come to (`Tail`).
 */
import type { Decision, Effect, Reply } from "../protocol/effects.ts";
import type { Protocol, ResetCause, Seat } from "../protocol/protocol.ts";
import { Interner } from "./interner.ts";

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

export interface Advance {
  readonly action: Action;
  /** What the node decided on the way here, if it just did. */
  readonly decided: Decided | undefined;
}

export interface PageWrite {
  readonly address: number;
  readonly bytes: Uint8Array;
}

export interface LocalRunsOptions {
  /** Wakes that will do the same from now on are one. */
  readonly tails: boolean;
  /** A wake may have to go back to the memory that it started with. */
  readonly keepsMemory: boolean;
}

export const FIRST_CONTENT = 2;
const NONE = -1;

export class LocalRuns {
  readonly memories = new Interner<unknown>();
  /** What chips hold: their bytes as far as the protocol reads them. */
  readonly contents = new Interner<Uint8Array>();
  readonly runs = new Interner<LocalRun | Tail>();
  readonly writes = new Interner<PageWrite>();
  readonly #protocol: Protocol;
  readonly #seats: readonly Seat[];
  readonly #options: LocalRunsOptions;
  readonly #advances: (Advance | undefined)[] = [];
  readonly #tails: number[] = [];
  /** By run: by reply. */
  readonly #replied: (Map<number, number> | undefined)[] = [];
  /** By content: by write, what the chip holds afterwards. */
  readonly #written: (Map<number, number> | undefined)[] = [];

  constructor(protocol: Protocol, seats: readonly Seat[], options: LocalRunsOptions) {
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
    const { self, memory, cause, boot, replies } = run;
    return this.runs.id(`${self} ${memory} ${cause} ${boot} ${replies.join()}`, () => run);
  }

  tail(tail: Tail): number {
    return this.runs.id(`tail ${JSON.stringify(tail)}`, () => tail);
  }

  /** The same wake with one reply more. */
  reply(id: number, reply: number): number {
    this.#replied[id] ??= new Map();
    const replied = this.#replied[id];
    let next = replied.get(reply);
    if (next === undefined) {
      const run = this.runs.get(id);
      next = "next" in run ? run.next[reply]! : this.#tailOf(this.#longer(run, reply));
      replied.set(reply, next);
    }
    return next;
  }

  /** The number of a write of `bytes` at `address`. */
  write(address: number, bytes: Uint8Array): number {
    return this.writes.id(`${address} ${Buffer.from(bytes).toString("latin1")}`, () => ({ address, bytes }));
  }

  /** What a chip that held `content` holds after a write. */
  written(content: number, write: number): number {
    this.#written[content] ??= new Map();
    const written = this.#written[content];
    let next = written.get(write);
    if (next === undefined) {
      const { address, bytes } = this.writes.get(write);
      const held = this.contents.get(content).slice();
      held.set(bytes, address);
      next = this.content(held);
      written.set(write, next);
    }
    return next;
  }

  advance(id: number): Advance {
    this.#advances[id] ??= this.#play(this.runs.get(id));
    return this.#advances[id];
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

  #play(run: LocalRun | Tail): Advance {
    if ("next" in run) return run;
    const { self, memory, cause, boot, replies } = run;
    const cycle = this.#protocol.wake(this.#seats[self]!, this.memories.get(memory), { cause, boot });
    let step = cycle.next();
    let decision: Decision | undefined;
    for (let given = 0; !step.done; ) {
      const effect = step.value;
      if (effect.do === "decide") {
        // Only the last thing that happened before the action counts.
        if (given === replies.length) decision = effect.decision;
        step = cycle.next(undefined);
        continue;
      }
      if (given === replies.length) return { action: this.#actionOf(effect), decided: decidedOf(decision) };
      step = cycle.next(this.#replyTo(effect, replies[given++]!));
    }
    const { memory: kept, sleep } = step.value;
    return { action: { kind: "done", memory: this.memory(kept), sleep }, decided: decidedOf(decision) };
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
  };

/** Bytes that pass no CRC. */
export const garbage = (length: number): Uint8Array => new Uint8Array(length).fill(0x5a);
