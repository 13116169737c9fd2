/**
 * Channels other than mail: an EventBridge bus that gets every decision of `send_cluster_mail`, for other programs, and
 * an SNS topic that gets one plain line for each mail that was sent.
 *
 * The events are those of Lambda's own success destination: `detail.requestPayload` is what the function was asked,
 * `detail.responsePayload` what it decided, `{ send, why, kind, cluster, incident, subject, mails }`: `mails` is each
 * mail that is out, `{ cluster, incident, kind, subject }`. They come when the mails are out, and never instead of
 * them.
 */
import { Duration } from "aws-cdk-lib";
import { EventBus, Rule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as InvokeFunction } from "aws-cdk-lib/aws-events-targets";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Subscription, SubscriptionProtocol, Topic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Ha2mConfig } from "../config.ts";
import { partName } from "../contract/names.ts";
import { FailureQueue } from "./failure-queue.ts";
import { allow, LambdaFunction } from "./lambda-function.ts";

const PROTOCOLS = {
  sms: SubscriptionProtocol.SMS,
  email: SubscriptionProtocol.EMAIL,
  https: SubscriptionProtocol.HTTPS,
} as const;
/** How long an event may wait: as long as in `send_cluster_mail`'s own queue. */
const OUTDATED = Duration.hours(6);

/** The bus that gets every decision. */
export class Decisions extends Construct {
  readonly bus: EventBus;

  /** @param name of the deployment, and so of the bus */
  constructor(scope: Construct, id: string, { name }: { readonly name: string }) {
    super(scope, id);
    this.bus = new EventBus(this, "Bus", {
      eventBusName: name,
      description: "ha2m: an event for each decision of send_cluster_mail, sent or not",
    });
  }
}

/** The subscribers, and the bus of the decisions. */
export interface NoticesProps {
  readonly config: Ha2mConfig;
  readonly bus: EventBus;
}

/** A line by SNS for each mail: a rule of the bus invokes `tell_subscribers`, which publishes to the topic. */
export class Notices extends Construct {
  readonly function: IFunction;
  /** Gets each event that could not be published to the topic, from the function or from its rule. */
  readonly failureQueue: IQueue;

  constructor(scope: Construct, id: string, { config, bus }: NoticesProps) {
    super(scope, id);
    this.failureQueue = new FailureQueue(this, "Failures");
    const topic = new Topic(this, "Topic", { displayName: config.name, enforceSSL: true });
    for (const [i, { protocol, endpoint }] of config.notify.sns.entries())
      new Subscription(this, `Subscriber${i}`, { topic, protocol: PROTOCOLS[protocol], endpoint });
    this.function = new LambdaFunction(this, {
      name: "tell_subscribers",
      description: "Sends one line by SNS for each mail that was sent",
      timeout: Duration.seconds(10),
      config,
      environment: { NOTICES_TOPIC_ARN: topic.topicArn },
      may: [allow("TellSubscribers", ["sns:Publish"], topic.topicArn)],
      asynchronous: { maxEventAge: OUTDATED, failures: this.failureQueue },
    });
    new Rule(this, "Rule", {
      ruleName: partName(config.name, "mails"),
      description: "Passes each sent mail to tell_subscribers",
      eventBus: bus,
      eventPattern: { source: ["lambda"], detail: { responsePayload: { send: [true] } } },
      // By the function's own policy. EventBridge keeps to such for functions and topics, and a topic's may have no
      // condition, so that it could not say on whose behalf.
      // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
      targets: [
        new InvokeFunction(this.function, { deadLetterQueue: this.failureQueue, maxEventAge: OUTDATED }),
      ],
    });
  }
}
