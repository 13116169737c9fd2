/**
 * The topic of the alarms. SNS mails its subscribers by itself: the backend's own mails would not do, because alarms
 * are about their failure too.
 */
import { Annotations, ArnFormat, Aws, Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type ITopic, Subscription, SubscriptionProtocol, Topic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { partName } from "../contract/names.ts";
import { warningId } from "../mail-advice.ts";

/** Which alarms may publish to the topic, and who subscribes to it. */
export interface AlarmTopicProps {
  /** The deployment's name: only its alarms may publish. */
  readonly name: string;
  /** Addresses that get each alarm; SNS asks each of them to confirm. */
  readonly email: readonly string[];
}

/**
 * The topic and its subscribers. It is not encrypted with a key: CloudWatch cannot publish through AWS's own key for
 * SNS, and a key of the account's costs a dollar a month to hide that a queue is not empty.
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
    // A policy replaces the default one, by which the whole account may publish.
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
