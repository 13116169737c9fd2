/** Where a message waits that could not be processed, until a person looks at it. */
import { Duration, Validations } from "aws-cdk-lib";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

/** The longest that SQS keeps a message. */
export const RETENTION = Duration.days(14);

/** An SQS queue, encrypted, TLS only, that keeps what failed for 14 days. */
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
