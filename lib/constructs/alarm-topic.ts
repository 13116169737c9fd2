/**
 * Where alarms go: an SNS topic, which writes to people by itself. It must not be our own way of sending mail, because
 * that is among the things that an alarm is about.
 */
import { Annotations, ArnFormat, Aws, Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type ITopic, Subscription, SubscriptionProtocol, Topic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { partName } from "../contract/names.ts";
import { warningId } from "../mail-advice.ts";

/** Whose alarms go to the topic, and who subscribes to it. */
export interface AlarmTopicProps {
  /** The deployment's; its alarms, and no others, may publish. */
  readonly name: string;
  /** Addresses that get each alarm; SNS asks each of them to confirm. */
  readonly email: readonly string[];
}

/**
 * The topic and its subscribers. Not encrypted with a key: CloudWatch cannot publish through AWS's own key for SNS, and
 * one of our own costs a dollar a month to hide that a queue is not empty.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
 */
export class AlarmTopic extends Construct {
  readonly topic: ITopic;

  constructor(scope: Construct, id: string, { name, email }: AlarmTopicProps) {
    super(scope, id);
    const topic = new Topic(this, "Topic", { displayName: `${name} alarms`, enforceSSL: true });
    const alarms = Stack.of(this).formatArn({
      service: "cloudwatch",
      resource: "alarm",
      resourceName: partName(name, "*"),
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    // A topic with a policy of its own has lost the one that lets the whole account publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: "AlarmsMayPublish",
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [topic.topicArn],
        conditions: {
          StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID },
          ArnLike: { "aws:SourceArn": alarms },
        },
      }),
    );
    for (const [i, endpoint] of email.entries())
      new Subscription(this, `Email${i}`, { topic, protocol: SubscriptionProtocol.EMAIL, endpoint });
    if (email.length === 0)
      Annotations.of(this).addWarningV2(
        warningId("alarms-untold"),
        'nobody is told of an alarm: when mails no longer go out, nothing says so. Take "alarms": {"email": []} out of ha2m in cdk.json to tell the first recipient, or write there whom to tell, for example {"email": ["you@example.com"]}. Or say that you know: "acknowledged": ["alarms-untold"]',
      );
    this.topic = topic;
  }
}
