/**
 * Lambda's queue and the time that calls take, on a clock of the test's own. Attempts that are due at about the same time
 * are at work at once; which of their calls comes next, how long it takes, and whether the attempt crashes before or after
 * it, is for chance to say.
 */
import { SEND_TIMEOUT_S } from "../../../../lib/contract/time-limits.ts";

export const MINUTE_MS = 60_000;
/** After an attempt has failed. */
const RETRY_AFTER_MS = [60_000, 120_000];
/** What is due within so long is at work at once. Less than an attempt may last. */
const AT_ONCE_MS = 5_000;
const TIMEOUT_MS = SEND_TIMEOUT_S * 1_000;

/** What chance decides in a world; each list is used from its start, and then nothing more happens. */
export interface Chance {
  /** For each external call, whether the attempt crashes before or after it, or not at all. */
  readonly crashes: readonly ("before" | "after" | undefined)[];
  /** Of the calls that wait at once, which is the next. */
  readonly turns: readonly number[];
  /** Minutes in Lambda's queue, for each invocation. */
  readonly delaysMin: readonly number[];
  /** How often an invocation is delivered. */
  readonly copies: readonly number[];
  /** How long SES takes for each mail, ms. @default no time */
  readonly sesMs?: readonly number[];
}

export const CALM: Chance = { crashes: [], turns: [], delaysMin: [], copies: [] };

export type Target = "send" | "sweep";

interface Queued {
  readonly dueMs: number;
  readonly serial: number;
  readonly payload: unknown;
  readonly attempt: number;
  readonly to: Target;
}

/** An attempt at work. */
export interface Attempt {
  readonly payload: unknown;
  readonly to: Target;
  readonly startedMs: number;
  /** Nothing else was at work beside it so far. */
  alone: boolean;
  /** One of its calls did, whatever the function made of that. */
  crashed: boolean;
}

/** A call that waits for its turn: it takes effect then, or the attempt is over. */
interface Waiting {
  readonly readyMs: number;
  readonly turn: () => void;
}

export class Crashed extends Error {}

/** Runs one attempt. @throws what it failed with: it is made again, and in the end lost */
type Run = (attempt: Attempt) => Promise<void>;

export class Schedule {
  nowMs: number;
  /** What failed for good, of the sender. */
  readonly lost: unknown[] = [];
  /** Nothing goes wrong any more. */
  calm = false;
  externalCalls = 0;
  #chance: Chance;
  readonly #run: Run;
  readonly #taken = { crashes: 0, turns: 0, delays: 0, copies: 0, ses: 0, serial: 0 };
  #queue: Queued[] = [];
  #waiting: Waiting[] = [];
  readonly #atWork = new Set<Attempt>();
  /** The call that has its turn. */
  #call: Promise<unknown> = Promise.resolve();
  /** What no test expects. */
  #unexpected: { readonly error: unknown } | undefined;

  constructor(startMs: number, chance: Chance, run: Run) {
    this.nowMs = startMs;
    this.#chance = chance;
    this.#run = run;
  }

  /** An asynchronous invocation, with what chance makes of it. */
  invoke(payload: unknown, to: Target, atMs: number): void {
    const { delaysMin, copies } = this.#chance;
    const times = this.calm || to === "sweep" ? 1 : (copies[this.#taken.copies++] ?? 1);
    for (let copy = 0; copy < times; copy++) {
      const delayMin = this.calm || to === "sweep" ? 0 : (delaysMin[this.#taken.delays++] ?? 0);
      this.#enqueue({ dueMs: atMs + delayMin * MINUTE_MS, payload, attempt: 0, to });
    }
  }

  /** What becomes of the next external calls. */
  crashNext(crashes: Chance["crashes"]): void {
    this.#chance = { ...this.#chance, crashes };
    this.#taken.crashes = 0;
  }

  /** As if every attempt that is still to be made had failed too. */
  dropRetries(): void {
    this.#queue = this.#queue.filter(({ attempt }) => attempt === 0);
  }

  get lastDueMs(): number {
    return this.#queue.at(-1)?.dueMs ?? this.nowMs;
  }

  /** How long SES takes for this mail, ms. */
  nextSesMs(): number {
    return this.calm ? 0 : (this.#chance.sesMs?.[this.#taken.ses++] ?? 0);
  }

  /**
   * Waits until a call has taken its time and has its turn, takes effect at once, and may crash on either side. Lambda
   * ends an attempt at its time limit: what it had asked for by then may have happened all the same.
   * @param takesMs how long the call takes @throws Crashed
   */
  async through<T>(attempt: Attempt, effect: () => Promise<T>, takesMs = 0): Promise<T> {
    const endMs = attempt.startedMs + TIMEOUT_MS;
    const asked = this.nowMs < endMs;
    const readyMs = Math.min(this.nowMs + takesMs, Math.max(endMs, this.nowMs));
    await new Promise<void>((turn) => this.#waiting.push({ readyMs, turn }));
    this.externalCalls += 1;
    const crash = this.calm ? undefined : this.#chance.crashes[this.#taken.crashes++];
    if (crash === "before" || !asked) {
      attempt.crashed = true;
      throw new Crashed("before");
    }
    const made = effect();
    this.#call = made.catch(() => undefined);
    const result = await made;
    if (crash === "after" || this.nowMs >= endMs) {
      attempt.crashed = true;
      throw new Crashed("after");
    }
    return result;
  }

  /** Lets everything happen that is due by then. Calls that take longer are still under way. */
  async until(endMs: number): Promise<void> {
    for (;;) {
      await settled();
      if (this.#unexpected !== undefined) throw this.#unexpected.error;
      const firstMs = Math.min(
        this.#queue[0]?.dueMs ?? Number.POSITIVE_INFINITY,
        ...this.#waiting.map(({ readyMs }) => readyMs),
      );
      if (firstMs === Number.POSITIVE_INFINITY && this.#atWork.size > 0) continue;
      if (firstMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, firstMs);
      this.#start(firstMs + AT_ONCE_MS);
      await settled();
      await this.#next(firstMs + AT_ONCE_MS);
    }
    this.nowMs = Math.max(this.nowMs, endMs);
  }

  #start(untilMs: number): void {
    const starting = this.#queue.filter(({ dueMs }) => dueMs <= untilMs);
    if (starting.length === 0) return;
    this.#queue = this.#queue.filter(({ dueMs }) => dueMs > untilMs);
    const alone = starting.length === 1 && this.#atWork.size === 0;
    for (const one of this.#atWork) one.alone = false;
    for (const one of starting) void this.#attempt(one, alone);
  }

  /** One call at a time: which of two reaches the table first is for chance to say, and not for this machine. */
  async #next(untilMs: number): Promise<void> {
    const ready = this.#waiting.filter(({ readyMs }) => readyMs <= untilMs);
    const next = ready[this.#pick(ready.length)];
    if (next === undefined) return;
    this.#waiting = this.#waiting.filter((one) => one !== next);
    this.nowMs = Math.max(this.nowMs, next.readyMs);
    next.turn();
    await settled();
    await this.#call;
  }

  #pick(among: number): number {
    if (among === 0) return 0;
    return (this.#chance.turns[this.#taken.turns++] ?? 0) % among;
  }

  async #attempt({ payload, attempt, to }: Queued, alone: boolean): Promise<void> {
    const own: Attempt = { payload, to, startedMs: this.nowMs, alone, crashed: false };
    this.#atWork.add(own);
    try {
      await this.#run(own);
    } catch (error) {
      if (!isExpected(error)) this.#unexpected ??= { error };
      const waitMs = RETRY_AFTER_MS[attempt];
      if (waitMs !== undefined)
        this.#enqueue({ dueMs: this.nowMs + waitMs, payload, attempt: attempt + 1, to });
      else if (to === "send") this.lost.push(payload);
    } finally {
      this.#atWork.delete(own);
    }
  }

  #enqueue(one: Omit<Queued, "serial">): void {
    this.#queue.push({ ...one, serial: this.#taken.serial++ });
    this.#queue.sort((x, y) => x.dueMs - y.dueMs || x.serial - y.serial);
  }
}

/** What an attempt may fail with while nothing is wrong with the function. A sweep's failures come together. */
function isExpected(error: unknown): boolean {
  const causes = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
  return causes.every(
    (cause) =>
      cause instanceof Crashed ||
      (cause instanceof Error && ["ClaimContended", "RecipientsRefused"].includes(cause.name)),
  );
}

/** Until every attempt waits for its turn, or for the table. */
async function settled(): Promise<void> {
  await new Promise((done) => setImmediate(done));
}
