/**
 * The virtual clock, and the queue of what waits for it.
 *
 * A device is a task: a generator that yields how long it waits, and is resumed with the present instant. Where it
 * needs the real world (an MQTT broker, a function), it yields a promise through `outside`; no virtual time passes
 * until that settles, so real latencies never change what happens when.
 */
import { after, type Instant, type Micros, START } from "./time.ts";

/** What a task waits for: a span of virtual time, or a promise of the real world. */
export type Wait = Micros | Promise<void>;
/**
 * A generator that runs in virtual time: it yields what it waits for, is resumed with the instant at which that is
 * over, and returns its result.
 */
export type Task<Result = void> = Generator<Wait, Result, Instant>;

/** A started task, as its owner controls it. */
export interface Process {
  readonly name: string;
  /** Ends the task at this instant, between two of its steps: a reset, a dead battery. */
  kill(): void;
  /**
   * Stops it where it waits. @returns a function that ends this hold; when all have ended the task goes on, at once if
   * what it waits for has passed
   */
  hold(): () => void;
  readonly running: boolean;
}

interface Entry {
  readonly at: Instant;
  readonly serial: number;
  /** A promise holds virtual time still until it settles. */
  readonly run: () => void | Promise<void>;
}

// Events of one instant fire in the order in which they were scheduled; every golden timeline depends on it.
const firesBefore = (x: Entry, y: Entry): boolean => x.at < y.at || (x.at === y.at && x.serial < y.serial);

/**
 * The only clock of a run, and its queue. Events of one instant fire in the order in which they were scheduled.
 */
export class Engine {
  #now: Instant = START;
  #horizon: Instant = START;
  #serial = 0;
  #stopped = false;
  readonly #queue: Entry[] = [];

  get now(): Instant {
    return this.#now;
  }

  /**
   * Schedules `run` for `when`. @returns a function that cancels it
   * @throws Error when `when` has passed: time does not run backwards.
   */
  at(when: Instant, run: () => void | Promise<void>): () => void {
    if (when < this.#now) throw new Error(`cannot schedule at ${when} µs: it is ${this.#now} µs already`);
    let cancelled = false;
    this.#push({ at: when, serial: this.#serial++, run: () => (cancelled ? undefined : run()) });
    return () => {
      cancelled = true;
    };
  }

  /** Schedules a task's start for this instant: after all that is scheduled for it already. */
  spawn(name: string, task: Task): Process {
    let running = true;
    const holds = new Set<object>();
    let due = false;
    const step = (): void | Promise<void> => {
      due = holds.size > 0;
      if (due) return;
      while (running) {
        const { done, value } = task.next(this.#now);
        if (done) {
          running = false;
          return;
        }
        if (typeof value !== "number") return value.then(() => (running ? step() : undefined));
        const wake = after(this.#now, value);
        if (!this.#isNext(wake)) {
          this.#push({ at: wake, serial: this.#serial++, run: step });
          return;
        }
        // Nothing else happens before then: no need to go through the queue.
        this.#now = wake;
      }
    };
    this.#push({ at: this.#now, serial: this.#serial++, run: step });
    return {
      name,
      kill: () => {
        running = false;
      },
      hold: () => {
        const hold = {};
        holds.add(hold);
        return () => {
          holds.delete(hold);
          if (!due || holds.size > 0) return;
          due = false;
          this.#push({ at: this.#now, serial: this.#serial++, run: step });
        };
      },
      get running() {
        return running;
      },
    };
  }

  /**
   * Lets `span` pass at once if nothing else is due in it. It saves the running task a yield through all its
   * generators.
   * @returns false: no time has passed, and the task must yield
   */
  pass(span: Micros): boolean {
    const wake = after(this.#now, span);
    if (!this.#isNext(wake)) return false;
    this.#now = wake;
    return true;
  }

  /**
   * Runs all that is due up to and including `until`, and leaves the clock there.
   * @returns `stopped`: `stop` ended it early
   */
  async run(until: Instant): Promise<"reached" | "stopped"> {
    this.#horizon = until;
    this.#stopped = false;
    for (let next = this.#queue[0]; next !== undefined && next.at <= until; next = this.#queue[0]) {
      this.#pop();
      this.#now = next.at;
      const pending = next.run();
      if (pending !== undefined) await pending;
      if (this.#stopped) return "stopped";
    }
    this.#now = until;
    return "reached";
  }

  /** Ends `run` after the event that is under way. */
  stop(): void {
    this.#stopped = true;
  }

  #isNext(wake: Instant): boolean {
    const head = this.#queue[0];
    return wake <= this.#horizon && (head === undefined || wake < head.at);
  }

  #push(entry: Entry): void {
    const queue = this.#queue;
    let hole = queue.length;
    queue.push(entry);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!firesBefore(entry, queue[parent]!)) break;
      queue[hole] = queue[parent]!;
      hole = parent;
    }
    queue[hole] = entry;
  }

  #pop(): void {
    const queue = this.#queue;
    const last = queue.pop()!;
    if (queue.length === 0) return;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= queue.length) break;
      if (child + 1 < queue.length && firesBefore(queue[child + 1]!, queue[child]!)) child += 1;
      if (!firesBefore(queue[child]!, last)) break;
      queue[hole] = queue[child]!;
      hole = child;
    }
    queue[hole] = last;
  }
}

/** Waits for the real world; a rejection is thrown inside the task. A plain value is returned without a wait. */
export function* outside<T>(work: T | Promise<T>): Task<T> {
  if (!(work instanceof Promise)) return work;
  let outcome: { ok: true; value: T } | { ok: false; error: unknown } | undefined;
  yield work.then(
    (value) => {
      outcome = { ok: true, value };
    },
    (error: unknown) => {
      outcome = { ok: false, error };
    },
  );
  if (outcome?.ok) return outcome.value;
  throw outcome?.error ?? new Error("a task was resumed before what it waits for had settled");
}
