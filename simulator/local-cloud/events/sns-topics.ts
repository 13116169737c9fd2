/**
 * SNS topics. A message that is published goes to the log, with the subscribers that would have got it: nothing leaves
 * this machine.
 *
 * Subscriptions of the template count as confirmed, because no person gets a message by which to confirm one. A later
 * one has to be confirmed with the token that the log shows. `policy/topic-policies.ts` decides whether an alarm may
 * publish. Not emulated: delivery, filter policies, expiry of tokens.
 */
import type { CloudClock } from "../clock.ts";
import type { CloudLog } from "../cloud-log.ts";
import { madeUpId } from "../random-id.ts";
import type { ResolvedResource } from "../template/assembly.ts";
import { TemplateError } from "../template/intrinsics.ts";

/** A subscription of a topic: who gets its messages, and by which protocol. */
export interface Subscription {
  readonly arn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly confirmed: boolean;
}

interface KeptSubscription extends Subscription {
  confirmed: boolean;
  readonly token: string;
}

interface Topic {
  readonly name: string;
  readonly arn: string;
  readonly subscriptions: KeptSubscription[];
}

/** Protocols whose subscriptions have to be confirmed. */
const TO_BE_CONFIRMED = ["email", "email-json", "http", "https"];

/** SNS: the template's topics and their subscriptions. */
export class Topics {
  readonly #topics: ReadonlyMap<string, Topic>;
  readonly #clock: CloudClock;
  readonly #log: CloudLog;
  #published = 0;

  constructor(
    topics: readonly ResolvedResource[],
    subscriptions: readonly ResolvedResource[],
    clock: CloudClock,
    log: CloudLog,
  ) {
    this.#topics = new Map(topics.map(({ name, arn }) => [arn, { name, arn, subscriptions: [] }]));
    for (const { properties } of subscriptions)
      this.#topics
        .get(String(properties.TopicArn))
        ?.subscriptions.push(
          made(String(properties.TopicArn), properties.Protocol, properties.Endpoint, true),
        );
    this.#clock = clock;
    this.#log = log;
  }

  /** The subscriptions of a topic; undefined: there is no such topic. */
  subscriptions(topicArn: string): readonly Subscription[] | undefined {
    return this.#topics.get(topicArn)?.subscriptions;
  }

  /**
   * Adds a subscription; where it exists already, only logs its token again.
   * @throws TemplateError when there is no such topic
   */
  subscribe(topicArn: string, protocol: string, endpoint: string): Subscription {
    const topic = this.#of(topicArn);
    const confirmed = !TO_BE_CONFIRMED.includes(protocol);
    const known = topic.subscriptions.find(
      (kept) => kept.protocol === protocol && kept.endpoint === endpoint,
    );
    const subscription = known ?? made(topicArn, protocol, endpoint, confirmed);
    if (known === undefined) topic.subscriptions.push(subscription);
    if (!subscription.confirmed) {
      const text = `to ${protocol} ${endpoint}: confirm with aws sns confirm-subscription --topic-arn ${topicArn} --token ${subscription.token}`;
      this.#note(topic, "confirmation-asked", text, { token: subscription.token });
    }
    return subscription;
  }

  /** Confirms a subscription. @returns undefined: none of the topic has that token */
  confirm(topicArn: string, token: string): Subscription | undefined {
    const found = this.#topics.get(topicArn)?.subscriptions.find((kept) => kept.token === token);
    if (found !== undefined) found.confirmed = true;
    return found;
  }

  /**
   * Publishes a message. @param subject a mail's subject, which the log shows in place of the message. @returns its id
   * @throws TemplateError when the template has no such topic.
   */
  publish(topicArn: string, message: string, subject?: string): string {
    const topic = this.#of(topicArn);
    const subscribers = topic.subscriptions
      .filter(({ confirmed }) => confirmed)
      .map(({ protocol, endpoint }) => `${protocol} ${endpoint}`);
    const to = subscribers.length === 0 ? "nobody" : subscribers.join(", ");
    this.#note(topic, "notice-published", `to ${to}: ${subject ?? message}`, {
      message,
      subscribers,
      ...(subject === undefined ? {} : { subject }),
    });
    return madeUpId(`${topicArn} message ${this.#published++}`);
  }

  #of(topicArn: string): Topic {
    const topic = this.#topics.get(topicArn);
    if (topic === undefined) throw new TemplateError(`the template has no topic ${topicArn}`);
    return topic;
  }

  #note({ name }: Topic, code: string, text: string, fields: Readonly<Record<string, unknown>>): void {
    this.#log({ at: this.#clock.now(), level: "info", source: `topic ${name}`, code, text, fields });
  }
}

function made(topicArn: string, protocol: unknown, endpoint: unknown, confirmed: boolean): KeptSubscription {
  const id = madeUpId(`${topicArn} ${protocol} ${endpoint}`);
  return {
    arn: `${topicArn}:${id}`,
    protocol: String(protocol),
    endpoint: String(endpoint),
    confirmed,
    token: id.replaceAll("-", ""),
  };
}
