/**
 * The queues of the template, in memory: where error actions and failure destinations put what went wrong.
 * Not emulated: the SQS API for other clients, visibility, retention, redrive.
 */
import type { CloudClock, EpochMs } from "./clock.ts";
import type { CloudLog } from "./cloud-log.ts";
import { queuedText } from "./queued-text.ts";
import type { ResolvedResource } from "./template/assembly.ts";
import { type Account, queueUrl } from "./template/resource-types.ts";

export interface QueuedMessage {
  readonly at: EpochMs;
  readonly body: string;
}

export interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly messages: readonly QueuedMessage[];
}

export class Queues {
  readonly #queues: readonly (Queue & { readonly messages: QueuedMessage[] })[];
  readonly #clock: CloudClock;
  readonly #log: CloudLog;

  constructor(resources: readonly ResolvedResource[], account: Account, clock: CloudClock, log: CloudLog) {
    this.#queues = resources.map(({ name, arn }) => ({
      name,
      arn,
      url: queueUrl({ ...account, name }),
      messages: [],
    }));
    this.#clock = clock;
    this.#log = log;
  }

  get all(): readonly Queue[] {
    return this.#queues;
  }

  /** By ARN or URL. @throws Error when the template has no such queue. */
  find(arnOrUrl: string): Queue {
    return this.#of(arnOrUrl);
  }

  /** @throws Error when the template has no such queue. */
  send(arnOrUrl: string, body: string): void {
    const queue = this.#of(arnOrUrl);
    const at = this.#clock.now();
    queue.messages.push({ at, body });
    const text = `message ${queue.messages.length} arrived: ${queuedText(body)}`;
    this.#log({ at, level: "warn", source: `queue ${queue.name}`, code: "message-queued", text });
  }

  #of(arnOrUrl: string) {
    const queue = this.#queues.find(({ arn, url }) => arn === arnOrUrl || url === arnOrUrl);
    if (queue === undefined) throw new Error(`the template has no queue ${arnOrUrl}`);
    return queue;
  }
}
