/**
 * `send_cluster_mail`: tells a person what an event means, once. Its failures wait in a queue; its role can do what it
 * needs and nothing else.
 */
import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, type IFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { NodejsFunction, OutputFormat } from "aws-cdk-lib/aws-lambda-nodejs";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { IEmailIdentity } from "aws-cdk-lib/aws-ses";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Ha2mConfig } from "../config.ts";
import { FailureQueue } from "./failure-queue.ts";

const FUNCTION_NAME = "ha2m-send_cluster_mail";

/** What the function is told, and what it works on. */
export interface AlertFunctionProps {
  readonly config: Ha2mConfig;
  /** Holds the incidents. */
  readonly clustersTable: TableV2;
  /** The verified sender, or its domain. */
  readonly sender: IEmailIdentity;
}

/** The function with its role, log group and failure queue. */
export class AlertFunction extends Construct {
  readonly function: IFunction;
  /** Gets each event that the last attempt failed on, with the error. */
  readonly failureQueue: IQueue;

  constructor(scope: Construct, id: string, props: AlertFunctionProps) {
    super(scope, id);
    this.failureQueue = new FailureQueue(this, "Failures");
    const logGroup = new LogGroup(this, "Logs", {
      logGroupName: `/aws/lambda/${FUNCTION_NAME}`,
      retention: props.config.retention.logsDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.function = new NodejsFunction(this, "Function", {
      functionName: FUNCTION_NAME,
      description: "Tells a person, once, when a cluster needs a hand",
      entry: "lambda/send_cluster_mail/handler.ts",
      handler: "handler",
      depsLockFilePath: "package-lock.json",
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 256,
      // Shorter than a claim's life, so that nobody takes the claim of a living attempt.
      timeout: Duration.seconds(10),
      // Two retries, after one and two minutes; then the queue.
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
      onFailure: new SqsDestination(this.failureQueue),
      logGroup,
      // Immutable: the role's statements below are all there is, whatever a construct would like to add.
      role: this.#makeRole(logGroup, props).withoutPolicyUpdates(),
      environment: environmentOf(props),
      // An option of version 2 of the SDK; version 3 keeps connections by itself.
      awsSdkConnectionReuse: false,
      bundling: {
        format: OutputFormat.CJS,
        target: "node24",
        minify: true,
        // The SDK's ES modules can be tree-shaken, its CommonJS ones cannot.
        mainFields: ["module", "main"],
        // The bundle holds the SDK in the version that the tests ran with, not the one that the runtime happens to have.
        externalModules: [],
      },
    });
  }

  #makeRole(logGroup: LogGroup, { config, clustersTable, sender }: AlertFunctionProps): Role {
    const statements = [
      new PolicyStatement({
        sid: "WriteLogs",
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [logGroup.logGroupArn],
      }),
      new PolicyStatement({
        sid: "KeepIncidents",
        actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
        resources: [clustersTable.tableArn],
      }),
      new PolicyStatement({
        sid: "SendMail",
        actions: ["ses:SendRawEmail"],
        resources: [sender.emailIdentityArn],
        // A domain identity alone would let the function write as anybody of the domain.
        conditions: { StringEquals: { "ses:FromAddress": config.mail.from } },
      }),
      new PolicyStatement({
        sid: "KeepFailures",
        actions: ["sqs:SendMessage"],
        resources: [this.failureQueue.queueArn],
      }),
    ];
    return new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      description: `Execution role of ${FUNCTION_NAME} in ${Stack.of(this).stackName}`,
      inlinePolicies: { Actions: new PolicyDocument({ statements }) },
    });
  }
}

/** Parsed again by `lambda/send_cluster_mail/core/config.ts`. */
function environmentOf({ config: { clusters, mail }, clustersTable }: AlertFunctionProps) {
  const written = Object.fromEntries(
    [...clusters].map(([id, { nodes, sleepS }]) => [id, { nodes, sleep_s: sleepS }]),
  );
  return {
    CLUSTERS_TABLE: clustersTable.tableName,
    CLUSTERS: JSON.stringify(written),
    MAIL_FROM: mail.from,
    MAIL_TO: mail.to.map(({ address }) => address).join(","),
    RUNBOOK_URL: mail.runbookUrl,
  };
}
