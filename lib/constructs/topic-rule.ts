/**
 * An IoT topic rule with a role of its own, and a queue for every message that an action could not process.
 *
 * Errors in the SQL itself go to AWS IoT logging, not to the queue. The Lambda action succeeds when the event is
 * queued, so that a failing function needs its own failure destination.
 * https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html
 */
import { ArnFormat, Aws, Stack } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnTopicRule } from "aws-cdk-lib/aws-iot";
import { CfnPermission, type IFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { FailureQueue } from "./failure-queue.ts";
import type { KeptTable } from "./kept-table.ts";
import { SQL_VERSION } from "./rule-sql.ts";

/** A rule: which messages, which fields, and where they go. */
export interface TopicRuleProps {
  /** Name of letters, digits and `_`; explicit, so that role and permission can name the rule before it exists. */
  readonly ruleName: string;
  readonly description: string;
  readonly sql: string;
  /**
   * Tables that get the selected fields as an item, key attributes included.
   * @default - none
   */
  readonly putInto?: readonly KeptTable[];
  /**
   * Functions that get the selected fields as their event.
   * @default - none
   */
  readonly invoke?: readonly IFunction[];
  /** Gets each message on which an action failed. @default - a queue of its own */
  readonly errorQueue?: IQueue;
}

/** The rule, its role, its error queue, and the permission to invoke each function. */
export class TopicRule extends Construct {
  /** Gets each message on which an action failed, with the reason (errorAction). */
  readonly errorQueue: IQueue;

  constructor(scope: Construct, id: string, props: TopicRuleProps) {
    super(scope, id);
    const { putInto = [], invoke = [] } = props;
    this.errorQueue = props.errorQueue ?? new FailureQueue(this, "Errors");
    const ruleArn = Stack.of(this).formatArn({
      service: "iot",
      resource: "rule",
      resourceName: props.ruleName,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    const { roleArn } = this.#makeRole(ruleArn, putInto);
    const rule = new CfnTopicRule(this, "Rule", {
      ruleName: props.ruleName,
      topicRulePayload: {
        description: props.description,
        awsIotSqlVersion: SQL_VERSION,
        sql: props.sql,
        actions: [
          ...putInto.map(({ tableName }) => ({ dynamoDBv2: { roleArn, putItem: { tableName } } })),
          ...invoke.map(({ functionArn }) => ({ lambda: { functionArn } })),
        ],
        errorAction: { sqs: { roleArn, queueUrl: this.errorQueue.queueUrl } },
      },
    });
    // Else the rule could exist before its permission, and send its first messages to the error queue.
    for (const permission of this.#permitInvoking(ruleArn, invoke)) rule.addResourceDependency(permission);
  }

  /**
   * The rule's role, which can be assumed for this rule alone. Its permissions are inline, so that they exist when the
   * role does.
   */
  #makeRole(ruleArn: string, putInto: readonly KeptTable[]): Role {
    const statements = [
      ...(putInto.length === 0
        ? []
        : [
            new PolicyStatement({
              sid: "PutItems",
              actions: ["dynamodb:PutItem"],
              resources: putInto.map(({ tableArn }) => tableArn),
            }),
          ]),
      new PolicyStatement({
        sid: "KeepErrors",
        actions: ["sqs:SendMessage"],
        resources: [this.errorQueue.queueArn],
      }),
    ];
    return new Role(this, "Role", {
      // https://docs.aws.amazon.com/iot/latest/developerguide/iot-create-role.html
      assumedBy: new ServicePrincipal("iot.amazonaws.com", {
        conditions: {
          StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID },
          ArnLike: { "aws:SourceArn": ruleArn },
        },
      }),
      inlinePolicies: { Actions: new PolicyDocument({ statements }) },
    });
  }

  #permitInvoking(ruleArn: string, functions: readonly IFunction[]): CfnPermission[] {
    return functions.map(
      ({ functionArn }, i) =>
        new CfnPermission(this, `Invoke${i}`, {
          action: "lambda:InvokeFunction",
          functionName: functionArn,
          principal: "iot.amazonaws.com",
          sourceArn: ruleArn,
          sourceAccount: Aws.ACCOUNT_ID,
        }),
    );
  }
}
