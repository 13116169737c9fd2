/**
 * SQS's metrics of a queue, written at each change, and every five minutes while it holds a message. SQS itself writes
 * them each minute, and for hours after a queue is empty.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
import type { CloudClock } from "../clock.ts";
import type { Queue } from "../events/queues.ts";
import type { Metrics } from "./metric.ts";

/** The period of the template's alarms, in milliseconds. */
const EVERY_MS = 300_000;

/** Writes how many messages each queue holds, and how old the oldest is. */
export class QueueMetrics {
  readonly #clock: CloudClock;
  readonly #metrics: Metrics;
  readonly #hidden: (queue: Queue) => number;
  readonly #waiting = new Map<Queue, () => void>();

  /** @param hidden how many messages of a queue are hidden from receivers now */
  constructor(clock: CloudClock, metrics: Metrics, hidden: (queue: Queue) => number) {
    this.#clock = clock;
    this.#metrics = metrics;
    this.#hidden = hidden;
  }

  readonly changed = (queue: Queue): void => {
    this.#waiting.get(queue)?.();
    this.#waiting.delete(queue);
    const at = this.#clock.now();
    const count = (metric: string, value: number): void =>
      this.#metrics.take({ namespace: "AWS/SQS", metric, dimensions: { QueueName: queue.name }, value, at });
    const [oldest] = queue.messages;
    count("ApproximateNumberOfMessagesVisible", queue.messages.length - this.#hidden(queue));
    count("ApproximateAgeOfOldestMessage", oldest === undefined ? 0 : (at - oldest.at) / 1_000);
    if (oldest !== undefined)
      this.#waiting.set(
        queue,
        this.#clock.schedule(EVERY_MS, () => this.changed(queue)),
      );
  };

  stop(): void {
    for (const cancel of this.#waiting.values()) cancel();
    this.#waiting.clear();
  }
}
