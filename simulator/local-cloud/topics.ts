/**
 * SNS topics: what is published is told to the log, with whom it would have gone to. Nothing leaves this machine.
 * Not emulated: delivery, confirmation of subscriptions, filter policies, topic policies, the API for other clients.
 */
import type { CloudClock } from "./clock.ts";
import type { CloudLog } from "./cloud-log.ts";
import type { ResolvedResource } from "./template/assembly.ts";
import { TemplateError } from "./template/intrinsics.ts";

export class Topics {
  /** By ARN: name, and a text for each subscriber. */
  readonly #topics: ReadonlyMap<string, { readonly name: string; readonly subscribers: readonly string[] }>;
  readonly #clock: CloudClock;
  readonly #log: CloudLog;

  constructor(
    topics: readonly ResolvedResource[],
    subscriptions: readonly ResolvedResource[],
    clock: CloudClock,
    log: CloudLog,
  ) {
    this.#topics = new Map(
      topics.map(({ name, arn }) => {
        const subscribers = subscriptions
          .filter(({ properties }) => properties.TopicArn === arn)
          .map(({ properties }) => `${properties.Protocol} ${properties.Endpoint}`);
        return [arn, { name, subscribers }];
      }),
    );
    this.#clock = clock;
    this.#log = log;
  }

  /** @throws TemplateError when the template has no such topic. */
  publish(topicArn: string, message: string): void {
    const topic = this.#topics.get(topicArn);
    if (topic === undefined) throw new TemplateError(`the template has no topic ${topicArn}`);
    const { name, subscribers } = topic;
    const to = subscribers.length === 0 ? "nobody" : subscribers.join(", ");
    this.#log({
      at: this.#clock.now(),
      level: "info",
      source: `topic ${name}`,
      code: "notice-published",
      text: `to ${to}: ${message}`,
      fields: { message, subscribers },
    });
  }
}
