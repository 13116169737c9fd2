/**
 * Takes messages from the broker and from HTTP publish to the rules engine. It bounds the work that is under way, and a
 * cloud that ends finishes first what it has acknowledged.
 */

import type { CloudClock } from "../clock.ts";
import type { CloudLog } from "../cloud-log.ts";
import type { Functions } from "../functions/template-functions.ts";
import { Admission } from "./admission.ts";
import type { PublishedMessage } from "./broker-gate.ts";
import { NO_CLIENT_ID, type TopicRules } from "./topic-rules.ts";

/** Most rules that run and function events that run or wait, together. A message may have 128 KB. */
const WORK_MAX = 100;

/** Work that a cloud left undone when it ended, in words for a person. */
export interface NotDone {
  readonly count: number;
  readonly what: string;
}

type WorkOfFunctions = Pick<Functions, "queued" | "pendingRetries" | "onDone" | "idle">;

/** The rules and functions, and how much work they may have. */
export interface IntakeOptions {
  readonly rules: TopicRules;
  readonly functions: WorkOfFunctions;
  readonly clock: CloudClock;
  readonly log: CloudLog;
  /** Most rules that run and function events that run or wait, together. @default 100 */
  readonly workMax?: number;
}

/** Takes messages to the rules, and knows when all work that follows from them is done. */
export class Intake {
  readonly #rules: TopicRules;
  readonly #functions: WorkOfFunctions;
  readonly #admission: Admission;
  #messagesIn = 0;
  #ending = false;

  constructor({ rules, functions, clock, log, workMax = WORK_MAX }: IntakeOptions) {
    this.#rules = rules;
    this.#functions = functions;
    this.#admission = new Admission({
      max: workMax,
      load: () => rules.running + functions.queued,
      onFull: () =>
        log({
          at: clock.now(),
          level: "warn",
          source: "rules",
          code: "publishers-wait",
          text: `${workMax} rules and events are in progress: publishers wait for their PUBACK until some are done`,
        }),
    });
    rules.onDone(() => this.#admission.freed());
    functions.onDone(() => this.#admission.freed());
  }

  /** Number of messages given to the rules so far. */
  get messagesIn(): number {
    return this.#messagesIn;
  }

  /** Gives a message to the rules at once. */
  accept(message: PublishedMessage): void {
    this.#messagesIn += 1;
    this.#rules.accept(message);
  }

  /** Runs the task when there is room for one more message. */
  admit(task: () => void): void {
    this.#admission.admit(task);
  }

  /** Takes a message that came by HTTP when there is room. @throws Error when the cloud ends */
  publish(topic: string, payload: Uint8Array, principal: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.admit(() => {
        if (this.#ending) return reject(new Error("the cloud is shutting down"));
        this.accept({ topic, payload, clientId: NO_CLIENT_ID, principal });
        resolve();
      });
    });
  }

  /** Resolves when no rule or function runs. A retry that waits for the clock does not count as running. */
  async idle(): Promise<void> {
    while (this.#rules.running + this.#functions.queued > 0) {
      await this.#rules.idle();
      await this.#functions.idle();
    }
  }

  /**
   * Accepts nothing more, and resolves when nothing runs or `limit` has resolved. The broker must be closed already; a
   * message that waits for room is refused. @returns the work that was not done
   */
  async drain(limit: Promise<unknown>): Promise<NotDone[]> {
    this.#ending = true;
    const waiting = this.#admission.waiting;
    this.#admission.release();
    await Promise.race([this.idle(), limit]);
    return [
      {
        count: waiting,
        what: "messages that were waiting: they got no PUBACK, so clients send them again",
      },
      {
        count: this.#rules.running,
        what: "unfinished rules: what they store may be missing",
      },
      { count: this.#functions.queued, what: "unfinished events of functions" },
      {
        count: this.#functions.pendingRetries,
        what: "failed events of functions, waiting for a retry",
      },
      { count: this.#rules.late, what: "messages delayed by --chaos" },
    ].filter(({ count }) => count > 0);
  }
}
