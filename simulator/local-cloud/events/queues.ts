/**
 * The queues of the template, in memory: where error actions, failure destinations and schedules put what went wrong.
 * Not emulated: SendMessage for other clients, delays, retention, redrive, FIFO.
 */
import type { CloudClock, EpochMs } from "../clock.ts";
import type { CloudLog, LogLevel } from "../cloud-log.ts";
import { madeUpId } from "../random-id.ts";
import type { ResolvedResource } from "../template/assembly.ts";
import { type Account, queueUrl } from "../template/resource-types.ts";
import { queuedText } from "./queued-text.ts";

/** A message in a queue, and since when it is there. */
export interface QueuedMessage {
  readonly id: string;
  readonly at: EpochMs;
  readonly body: string;
  /** The sender's, by name; all are texts. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** A queue and what is in it. */
export interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly messages: readonly QueuedMessage[];
}

/** A message as it is handed out. */
export interface ReceivedMessage extends QueuedMessage {
  /** Good for one message, and until that is handed out again. */
  readonly receipt: string;
  readonly timesReceived: number;
}

interface KeptMessage extends QueuedMessage {
  timesReceived: number;
  /** Hidden from other receivers until then, epoch ms. */
  hiddenUntil: number;
}

interface KeptQueue extends Queue {
  readonly messages: KeptMessage[];
  sent: number;
}

const receiptOf = ({ id, timesReceived }: KeptMessage): string => `${id}/${timesReceived}`;

/** SQS: the template's queues, visibility timeouts and retention. */
export class Queues {
  readonly #queues: readonly KeptQueue[];
  readonly #clock: CloudClock;
  readonly #log: CloudLog;
  readonly #changed: (queue: Queue) => void;

  /** @param changed is told of each queue whose messages come, go, or are hidden */
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

  /** By ARN or URL. @throws Error when the template has no such queue. */
  find(arnOrUrl: string): Queue {
    return this.#of(arnOrUrl);
  }

  /** @throws Error when the template has no such queue. */
  send(arnOrUrl: string, body: string, attributes: Readonly<Record<string, string>> = {}): void {
    const queue = this.#of(arnOrUrl);
    const at = this.#clock.now();
    queue.sent += 1;
    const id = madeUpId(`${queue.arn} ${queue.sent}`);
    queue.messages.push({ id, at, body, attributes, timesReceived: 0, hiddenUntil: at });
    this.#note("warn", queue, at, "message-queued", `message ${queue.sent} arrived: ${queuedText(body)}`);
    this.#changed(queue);
  }

  /** Messages that are hidden from receivers now. @throws Error when the template has no such queue. */
  hidden(arnOrUrl: string): number {
    const nowMs = this.#clock.now();
    return this.#of(arnOrUrl).messages.filter(({ hiddenUntil }) => hiddenUntil > nowMs).length;
  }

  /** Hands out up to `max` messages, oldest first, and hides them for `hideMs`. @throws Error as `hidden` */
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

  /** False: the message is gone, or was handed out to somebody else since. @throws Error as `hidden` */
  hide(arnOrUrl: string, receipt: string, hideMs: number): boolean {
    const queue = this.#of(arnOrUrl);
    const message = queue.messages.find((kept) => receiptOf(kept) === receipt);
    if (message === undefined) return false;
    message.hiddenUntil = this.#clock.now() + hideMs;
    this.#changed(queue);
    return true;
  }

  /** What is gone, or was handed out to somebody else since, stays as it is. @throws Error as `hidden` */
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
