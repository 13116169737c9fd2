/** The queue in which messages that could not be processed wait for a person. */
import { Duration, Validations } from "aws-cdk-lib";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

/** How long a message is kept: SQS's maximum. */
export const RETENTION = Duration.days(14);

/** An SQS queue that keeps failed messages for 14 days; encrypted, TLS only. */
export class FailureQueue extends Queue {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: RETENTION,
    });
    Validations.of(this).acknowledge({
      id: "AwsSolutions-SQS3",
      reason:
        "This queue is where failures end: an alarm tells a person to read it. No consumer can fail on it.",
    });
  }
}
