/**
 * What goes wrong in AWS now and then, brought about here at a rate: seeded, so that the same calls in the same order meet
 * the same. Calls with the rights of a role alone are struck; whoever looks at the cloud from outside is not.
 */
import { createHash } from "node:crypto";
import type { CloudClock } from "./clock.ts";
import type { CloudLog } from "./cloud-log.ts";

/** What each kind does, by the name that a person gives it. */
export const CHAOS = {
  "function-crash": "an attempt of a function ends early",
  "dynamodb-throttle": "DynamoDB refuses a request",
  "ses-throttle": "SES refuses a mail: too many",
  "ses-reject": "SES refuses a mail: rejected",
  duplicate: "a rule delivers twice",
  late: "a rule delivers up to 10 min late",
} as const;

/** What can go wrong by chance, by its name in `--chaos`. */
export type ChaosKind = keyof typeof CHAOS;
/** All of them, in the order of the list above. */
export const CHAOS_KINDS = Object.keys(CHAOS) as readonly ChaosKind[];

/** How often each kind comes about, and the seed of it. */
export interface ChaosOptions {
  /** 0 to 1, by kind; what is not there does not happen. */
  readonly rates: Readonly<Partial<Record<ChaosKind, number>>>;
  readonly seed: number;
}

/** Where an attempt ends: at a request, from 1, or before its result when it makes fewer. */
export interface CrashPoint {
  readonly request: number;
  readonly moment: "before" | "after";
}

const LATE_MIN_MS = 30_000;
const LATE_MAX_MS = 600_000;
/** As many as `send_cluster_mail` makes for a mail, and one more. */
const REQUESTS = 5;

/** Draws what goes wrong, and counts it. The same seed and the same calls give the same. */
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

  /** From now on everything works. */
  end(): void {
    this.#over = true;
  }

  /** Whether this kind comes now; `what` it strikes is for the log. */
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

  /** Of a message to a rule's actions: when each delivery comes, ms from now; 0 is at once. */
  deliveries(what: string): readonly number[] {
    const once = () =>
      this.strikes("late", what)
        ? Math.floor(LATE_MIN_MS + this.#draw("how late") * (LATE_MAX_MS - LATE_MIN_MS))
        : 0;
    return this.strikes("duplicate", what) ? [once(), once()] : [once()];
  }

  /** One of several, each as likely. */
  oneOf<T>(choices: readonly [T, ...T[]]): T {
    return choices[Math.floor(this.#draw("choice") * choices.length)] ?? choices[0];
  }

  /** 0 to 1, the nth of its purpose: kinds do not disturb one another. */
  #draw(purpose: string): number {
    const n = this.#drawn.get(purpose) ?? 0;
    this.#drawn.set(purpose, n + 1);
    const bytes = createHash("sha256").update(`${this.#options.seed} ${purpose} ${n}`).digest();
    return bytes.readUInt32BE(0) / 2 ** 32;
  }
}
