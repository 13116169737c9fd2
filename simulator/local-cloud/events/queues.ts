/**
 * The queues of the template, in memory. Error actions, failure destinations and schedules put into them what failed.
 * Not emulated: SendMessage for other clients, delays, retention, redrive, FIFO.
 */
import type { CloudClock, EpochMs } from "../clock.ts";
import type { CloudLog, LogLevel } from "../cloud-log.ts";
import { madeUpId } from "../random-id.ts";
import type { ResolvedResource } from "../template/assembly.ts";
import { type Account, queueUrl } from "../template/resource-types.ts";
import { queuedText } from "./queued-text.ts";

/** A message in a queue; `at` is when it was sent. */
export interface QueuedMessage {
  readonly id: string;
  readonly at: EpochMs;
  readonly body: string;
  /** By name: the attributes that its sender gave it; all are texts. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** A queue and its messages. */
export interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly messages: readonly QueuedMessage[];
}

/** A message as a receiver gets it. */
export interface ReceivedMessage extends QueuedMessage {
  /** Identifies this delivery; invalid when the message is delivered again. */
  readonly receipt: string;
  readonly timesReceived: number;
}

interface KeptMessage extends QueuedMessage {
  timesReceived: number;
  /** Until when it is hidden from receivers, in epoch milliseconds. */
  hiddenUntil: number;
}

interface KeptQueue extends Queue {
  readonly messages: KeptMessage[];
  sent: number;
}

const receiptOf = ({ id, timesReceived }: KeptMessage): string => `${id}/${timesReceived}`;

/** SQS: the template's queues, with visibility timeouts. */
export class Queues {
  readonly #queues: readonly KeptQueue[];
  readonly #clock: CloudClock;
  readonly #log: CloudLog;
  readonly #changed: (queue: Queue) => void;

  /** @param changed called with each queue whose messages come, go, or are hidden */
  constructor(
    resources: readonly ResolvedResource[],
    account: Account,
    clock: CloudClock,
    log: CloudLog,
    changed: (queue: Queue) => void = () => {},
  ) {
    this.#queues = resources.map(({ name, arn }) => ({
      name,
      arn,
      url: queueUrl({ ...account, name }),
      messages: [],
      sent: 0,
    }));
    this.#clock = clock;
    this.#log = log;
    this.#changed = changed;
  }

  get all(): readonly Queue[] {
    return this.#queues;
  }

  /** A queue by its ARN or URL. @throws Error when the template has no such queue. */
  find(arnOrUrl: string): Queue {
    return this.#of(arnOrUrl);
  }

  /** Puts a message into a queue. @throws Error when the template has no such queue. */
  send(arnOrUrl: string, body: string, attributes: Readonly<Record<string, string>> = {}): void {
    const queue = this.#of(arnOrUrl);
    const at = this.#clock.now();
    queue.sent += 1;
    const id = madeUpId(`${queue.arn} ${queue.sent}`);
    queue.messages.push({ id, at, body, attributes, timesReceived: 0, hiddenUntil: at });
    this.#note("warn", queue, at, "message-queued", `message ${queue.sent} arrived: ${queuedText(body)}`);
    this.#changed(queue);
  }

  /** Number of messages that are hidden from receivers now. @throws Error when the template has no such queue. */
  hidden(arnOrUrl: string): number {
    const nowMs = this.#clock.now();
    return this.#of(arnOrUrl).messages.filter(({ hiddenUntil }) => hiddenUntil > nowMs).length;
  }

  /**
   * Delivers up to `max` messages, oldest first, and hides them for `hideMs` milliseconds.
   * @throws Error as `hidden`
   */
  receive(arnOrUrl: string, max: number, hideMs: number): ReceivedMessage[] {
    const nowMs = this.#clock.now();
    const queue = this.#of(arnOrUrl);
    const found = queue.messages.filter(({ hiddenUntil }) => hiddenUntil <= nowMs).slice(0, max);
    const received = found.map((message) => {
      message.timesReceived += 1;
      message.hiddenUntil = nowMs + hideMs;
      return { ...message, receipt: receiptOf(message) };
    });
    if (received.length > 0) this.#changed(queue);
    return received;
  }

  /**
   * Hides a delivered message for `hideMs`.
   * @returns false: it is gone, or has been delivered again since.
   * @throws Error as `hidden`
   */
  hide(arnOrUrl: string, receipt: string, hideMs: number): boolean {
    const queue = this.#of(arnOrUrl);
    const message = queue.messages.find((kept) => receiptOf(kept) === receipt);
    if (message === undefined) return false;
    message.hiddenUntil = this.#clock.now() + hideMs;
    this.#changed(queue);
    return true;
  }

  /** Deletes a delivered message, unless it is gone or has been delivered again since. @throws Error as `hidden` */
  delete(arnOrUrl: string, receipt: string): void {
    const queue = this.#of(arnOrUrl);
    const i = queue.messages.findIndex((kept) => receiptOf(kept) === receipt);
    if (i < 0) return;
    queue.messages.splice(i, 1);
    const text = `a message was deleted, ${queue.messages.length} are left`;
    this.#note("info", queue, this.#clock.now(), "message-deleted", text);
    this.#changed(queue);
  }

  #of(arnOrUrl: string): KeptQueue {
    const queue = this.#queues.find(({ arn, url }) => arn === arnOrUrl || url === arnOrUrl);
    if (queue === undefined) throw new Error(`the template has no queue ${arnOrUrl}`);
    return queue;
  }

  #note(level: LogLevel, { name }: Queue, at: EpochMs, code: string, text: string): void {
    this.#log({ at, level, source: `queue ${name}`, code, text });
  }
}
