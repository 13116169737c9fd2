/**
 * Faults of AWS, injected at a rate. They are seeded: the same calls in the same order meet the same faults. Only calls
 * with the rights of a role meet any; those of the account's owner do not.
 */
import { createHash } from "node:crypto";
import type { CloudClock } from "./clock.ts";
import type { CloudLog } from "./cloud-log.ts";

/** By its name in `--chaos`: what each kind does. */
export const CHAOS = {
  "function-crash": "an attempt of a function ends early",
  "dynamodb-throttle": "DynamoDB refuses a request",
  "ses-throttle": "SES refuses a mail: rate exceeded",
  "ses-reject": "SES refuses a mail: rejected",
  duplicate: "a rule delivers twice",
  late: "a rule delivers up to 10 min late",
} as const;

/** Name of a kind of fault, as in `--chaos`. */
export type ChaosKind = keyof typeof CHAOS;
/** All kinds, in the order of `CHAOS`. */
export const CHAOS_KINDS = Object.keys(CHAOS) as readonly ChaosKind[];

/** How often each kind comes, and the seed. */
export interface ChaosOptions {
  /** By kind: its probability, 0 to 1, each time it could come; absent: 0. */
  readonly rates: Readonly<Partial<Record<ChaosKind, number>>>;
  readonly seed: number;
}

/** Where an attempt ends: at its request of that number, from 1 on; if it makes fewer, before its result. */
export interface CrashPoint {
  readonly request: number;
  readonly moment: "before" | "after";
}

const LATE_MIN_MS = 30_000;
const LATE_MAX_MS = 600_000;
/**
 * Requests of an attempt among which a crash is drawn: as many as `send_cluster_mail` makes for a mail, and one more.
 */
const REQUESTS = 5;

/** Draws the faults and counts them. The same seed and the same calls give the same faults. */
export class Chaos {
  readonly #options: ChaosOptions;
  readonly #clock: CloudClock;
  readonly #log: CloudLog;
  readonly #drawn = new Map<string, number>();
  readonly #struck = new Map<ChaosKind, number>();
  #over = false;

  constructor(options: ChaosOptions, clock: CloudClock, log: CloudLog) {
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
  }

  /** How often each kind has come so far. */
  get struck(): Readonly<Partial<Record<ChaosKind, number>>> {
    return Object.fromEntries(this.#struck);
  }

  /** Ends all faults from now on. */
  end(): void {
    this.#over = true;
  }

  /** Whether a fault of this kind comes now. @param what it would strike, for the log */
  strikes(kind: ChaosKind, what: string): boolean {
    const rate = this.#options.rates[kind] ?? 0;
    if (this.#over || rate === 0 || this.#draw(kind) >= rate) return false;
    this.#struck.set(kind, (this.#struck.get(kind) ?? 0) + 1);
    this.#log({
      at: this.#clock.now(),
      level: "info",
      source: "chaos",
      code: "chaos",
      text: `${kind}: ${what}`,
      fields: { kind },
    });
    return true;
  }

  crashPoint(functionName: string): CrashPoint | undefined {
    if (!this.strikes("function-crash", functionName)) return undefined;
    return {
      request: 1 + Math.floor(this.#draw("crash request") * REQUESTS),
      moment: this.#draw("crash moment") < 0.5 ? "before" : "after",
    };
  }

  /** When a message reaches a rule's actions, once for each delivery: milliseconds from now, 0 for at once. */
  deliveries(what: string): readonly number[] {
    const once = () =>
      this.strikes("late", what)
        ? Math.floor(LATE_MIN_MS + this.#draw("how late") * (LATE_MAX_MS - LATE_MIN_MS))
        : 0;
    return this.strikes("duplicate", what) ? [once(), once()] : [once()];
  }

  /** One of several choices, each equally likely. */
  oneOf<T>(choices: readonly [T, ...T[]]): T {
    return choices[Math.floor(this.#draw("choice") * choices.length)] ?? choices[0];
  }

  /** A number in [0, 1). Each purpose has its own sequence, so that kinds do not affect one another. */
  #draw(purpose: string): number {
    const n = this.#drawn.get(purpose) ?? 0;
    this.#drawn.set(purpose, n + 1);
    const bytes = createHash("sha256").update(`${this.#options.seed} ${purpose} ${n}`).digest();
    return bytes.readUInt32BE(0) / 2 ** 32;
  }
}
