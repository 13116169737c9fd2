/**
 * The shipped wake cycle, one reply at a time. A node amid its wake is the replies that it has had so far: its generator
 * is run anew from them when its next effect is not known yet, and never otherwise.
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
  /** It acts: connects, reports, publishes. */
  | { readonly kind: "act"; readonly effect: "connect" | "report" | "publish-reading" }
  | { readonly kind: "done"; readonly memory: number; readonly sleep: "period" | "settle" };

/** A wake under way. */
export interface LocalRun {
  readonly self: number;
  readonly memory: number;
  readonly cause: ResetCause;
  readonly boot: number;
  /** A content's number + `FIRST_CONTENT` for what was read; 1 and 0 for yes and no; 0 for a chip that does not answer. */
  readonly replies: readonly number[];
}

export interface Advance {
  readonly action: Action;
  /** What the node decided on the way here, if it just did. */
  readonly decision: Decision | undefined;
}

export const FIRST_CONTENT = 2;
/** More than there are contents, writes or replies: two numbers make one key. */
export const MANY = 2 ** 24;

export class LocalRuns {
  readonly memories = new Interner<unknown>();
  /** What chips hold: their bytes as far as the protocol reads them. */
  readonly contents = new Interner<Uint8Array>();
  readonly runs = new Interner<LocalRun>();
  readonly #protocol: Protocol;
  readonly #seats: readonly Seat[];
  readonly #advances: (Advance | undefined)[] = [];
  /** By run and reply. */
  readonly #replied = new Map<number, number>();
  /** By content and write: what the chip holds afterwards. */
  readonly #written = new Map<number, number>();
  readonly #writes = new Interner<{ readonly address: number; readonly bytes: Uint8Array }>();

  constructor(protocol: Protocol, seats: readonly Seat[]) {
    this.#protocol = protocol;
    this.#seats = seats;
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

  /** The same wake with one reply more. */
  reply(id: number, reply: number): number {
    const key = id * MANY + reply;
    let next = this.#replied.get(key);
    if (next === undefined) {
      const run = this.runs.get(id);
      next = this.run({ ...run, replies: [...run.replies, reply] });
      this.#replied.set(key, next);
    }
    return next;
  }

  /** The number of a write of `bytes` at `address`. */
  write(address: number, bytes: Uint8Array): number {
    return this.#writes.id(`${address} ${Buffer.from(bytes).toString("latin1")}`, () => ({ address, bytes }));
  }

  /** What a chip that held `content` holds after a write. */
  written(content: number, write: number): number {
    const key = content * MANY + write;
    let next = this.#written.get(key);
    if (next === undefined) {
      const { address, bytes } = this.#writes.get(write);
      const held = this.contents.get(content).slice();
      held.set(bytes, address);
      next = this.content(held);
      this.#written.set(key, next);
    }
    return next;
  }

  advance(id: number): Advance {
    this.#advances[id] ??= this.#play(this.runs.get(id));
    return this.#advances[id];
  }

  #play({ self, memory, cause, boot, replies }: LocalRun): Advance {
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
      if (given === replies.length) return { action: this.#actionOf(effect), decision };
      step = cycle.next(this.#replyTo(effect, replies[given++]!));
    }
    const { memory: kept, sleep } = step.value;
    return { action: { kind: "done", memory: this.memory(kept), sleep }, decision };
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
        return { kind: "act", effect: effect.do };
      case "decide":
        throw new Error("a decision is no action");
    }
  }
}

/** Bytes that pass no CRC. */
export const garbage = (length: number): Uint8Array => new Uint8Array(length).fill(0x5a);
