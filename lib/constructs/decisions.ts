/**
 * Ways out beside mail: an EventBridge bus that gets every decision of `send_cluster_mail`, for whoever wants to build on
 * it, and an SNS topic that gets one plain line for each mail that was sent.
 *
 * The events are those of Lambda's own success destination: `detail.requestPayload` is what the function was asked,
 * `detail.responsePayload` what it decided, `{ send, why, kind, cluster, incident, subject }`. They come when the mail is out, and never instead of it.
 */
import { ArnFormat, Aws, Duration, Stack } from "aws-cdk-lib";
import { EventBus, EventField, Rule, RuleTargetInput } from "aws-cdk-lib/aws-events";
import { SnsTopic } from "aws-cdk-lib/aws-events-targets";
import { PolicyDocument, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Subscription, SubscriptionProtocol, Topic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Subscription as Subscriber } from "../config.ts";
import { partName } from "../contract/names.ts";
import { FailureQueue } from "./failure-queue.ts";
import { allow } from "./lambda-function.ts";

const PROTOCOLS = {
  sms: SubscriptionProtocol.SMS,
  email: SubscriptionProtocol.EMAIL,
  https: SubscriptionProtocol.HTTPS,
} as const;
/** As long as an event waits in `send_cluster_mail`'s own queue. */
const OUTDATED = Duration.hours(6);

/** The bus that decisions go to. */
export class Decisions extends Construct {
  readonly bus: EventBus;

  /** @param name the deployment's, and the bus's */
  constructor(scope: Construct, id: string, { name }: { readonly name: string }) {
    super(scope, id);
    this.bus = new EventBus(this, "Bus", {
      eventBusName: name,
      description: "ha2m: an event for each decision of send_cluster_mail, sent or not",
    });
  }
}

/** Whom to tell, of which decisions. */
export interface NoticesProps {
  /** The deployment's. */
  readonly name: string;
  readonly bus: EventBus;
  readonly subscribers: readonly Subscriber[];
}

/** A line by SNS for each mail. */
export class Notices extends Construct {
  /** Gets each event whose line could not be published. */
  readonly failureQueue: IQueue;

  constructor(scope: Construct, id: string, { name, bus, subscribers }: NoticesProps) {
    super(scope, id);
    this.failureQueue = new FailureQueue(this, "Failures");
    const topic = new Topic(this, "Topic", { displayName: name, enforceSSL: true });
    for (const [i, { protocol, endpoint }] of subscribers.entries())
      new Subscription(this, `Subscriber${i}`, { topic, protocol: PROTOCOLS[protocol], endpoint });
    const ruleName = partName(name, "mails");
    new Rule(this, "Rule", {
      ruleName,
      description: "Tells the topic of each mail",
      eventBus: bus,
      eventPattern: { source: ["lambda"], detail: { responsePayload: { send: [true] } } },
      targets: [
        new SnsTopic(topic, {
          message: RuleTargetInput.fromText(EventField.fromPath("$.detail.responsePayload.subject")),
          role: this.#makeRole(topic, `${name}/${ruleName}`),
          deadLetterQueue: this.failureQueue,
          maxEventAge: OUTDATED,
        }),
      ],
    });
  }

  /** May be assumed for this rule alone. */
  #makeRole(topic: Topic, resourceName: string) {
    const ruleArn = Stack.of(this).formatArn({
      service: "events",
      resource: "rule",
      resourceName,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    return new Role(this, "Role", {
      assumedBy: new ServicePrincipal("events.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID, "aws:SourceArn": ruleArn } },
      }),
      inlinePolicies: {
        Actions: new PolicyDocument({ statements: [allow("Notify", ["sns:Publish"], topic.topicArn)] }),
      },
    }).withoutPolicyUpdates();
  }
}
