/**
 * `sweep_clusters`: finds, every few minutes, what no event reports, such as silence. It reads, and signals
 * `send_cluster_mail`; it sends no mail itself.
 */
import { ArnFormat, Aws, Duration, Stack, Validations } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { CfnSchedule, CfnScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Ha2mConfig } from "../config.ts";
import { partName } from "../contract/names.ts";
import { FailureQueue } from "./failure-queue.ts";
import type { KeptTable } from "./kept-table.ts";
import {
  alertsVariable,
  allow,
  clustersVariable,
  LambdaFunction,
  recipientsVariable,
} from "./lambda-function.ts";

/** The tables and queues that the function checks, and the function that it signals. */
export interface SweepFunctionProps {
  readonly config: Ha2mConfig;
  /** Heartbeats and incidents. */
  readonly clustersTable: KeptTable;
  /** Its readings are counted once an hour, for each cluster. */
  readonly readingsTable: KeptTable;
  /** `send_cluster_mail`. */
  readonly sender: IFunction;
  /** Queues of the backend's failures, besides this function's own, by their names in mails. */
  readonly queues: Readonly<Record<string, IQueue>>;
}

/**
 * The sweep's event. Scheduler inserts when the sweep was due, which is its *now*, so that a retry decides the same.
 */
const INPUT = { scheduled_time: "<aws.scheduler.scheduled-time>" };
/** Latest start of a sweep: after an hour, later sweeps have found everything that it would find. */
const OUTDATED = Duration.hours(1);

/** The function, its schedule and their failure queue. */
export class SweepFunction extends Construct {
  readonly function: IFunction;
  /** Gets each sweep that failed, and each that Scheduler could not start. */
  readonly failureQueue: IQueue;

  constructor(scope: Construct, id: string, props: SweepFunctionProps) {
    super(scope, id);
    const { config, clustersTable, readingsTable, sender } = props;
    this.failureQueue = new FailureQueue(this, "Failures");
    const queues = { ...props.queues, "failures of sweep_clusters": this.failureQueue };
    Validations.of(this).acknowledge(
      {
        id: "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:iot:<AWS::Region>:<AWS::AccountId>:cert/*]",
        reason:
          "Ids of certificates that are attached by hand are not known at synthesis. It only reads them.",
      },
      {
        id: "AwsSolutions-IAM5[Resource::*]",
        reason: "ListThingPrincipals knows no resource in IAM. It only lists which certificates a thing has.",
      },
    );
    this.function = new LambdaFunction(this, {
      name: "sweep_clusters",
      description: "Finds clusters that have gone silent, and mails that are due",
      timeout: Duration.seconds(30),
      config,
      environment: {
        CLUSTERS_TABLE: clustersTable.tableName,
        READINGS_TABLE: readingsTable.tableName,
        CLUSTERS: clustersVariable(config),
        // Whose mails wait for the end of quiet hours.
        MAIL_TO: recipientsVariable(config),
        ALERTS: alertsVariable(config),
        WATCH: config.watch,
        SEND_FUNCTION: sender.functionName,
        QUEUES: Stack.of(this).toJsonString(
          Object.fromEntries(Object.entries(queues).map(([name, { queueUrl }]) => [name, queueUrl])),
        ),
      },
      may: [
        // Puts battery samples. dynamodb:LeadingKeys would bound the partition, and the samples stand in the partitions
        // that the incidents stand in; no condition key knows a sort key, so nothing that helps could be said here.
        allow("ReadClusters", ["dynamodb:PutItem", "dynamodb:Query"], clustersTable.tableArn),
        allow("CountReadings", ["dynamodb:Query"], readingsTable.tableArn),
        allow("SignalMail", ["lambda:InvokeFunction"], sender.functionArn),
        new PolicyStatement({
          sid: "CountFailures",
          actions: ["sqs:GetQueueAttributes"],
          resources: Object.values(queues).map(({ queueArn }) => queueArn),
        }),
        ...this.#mayReadCertificates(),
      ],
      asynchronous: { maxEventAge: OUTDATED, failures: this.failureQueue },
    });
    this.#schedule(config);
  }

  /**
   * The Service Authorization Reference names no resource type for ListThingPrincipals, and says that such an action needs
   * `*`; the table in the AWS IoT developer guide names the thing. `*` is right by both.
   * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiot.html
   */
  #mayReadCertificates(): readonly PolicyStatement[] {
    const certificates = Stack.of(this).formatArn({ service: "iot", resource: "cert", resourceName: "*" });
    return [
      allow("FindCertificates", ["iot:ListThingPrincipals"], "*"),
      allow("ReadCertificates", ["iot:DescribeCertificate"], certificates),
    ];
  }

  #schedule({ name, alerts: { sweepMinutes: minutes } }: Ha2mConfig): void {
    // A group of its own, because Scheduler says on whose behalf it assumes a role by the group, and no finer.
    // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    const group = new CfnScheduleGroup(this, "Group", { name });
    const groupArn = Stack.of(this).formatArn({
      service: "scheduler",
      resource: "schedule-group",
      resourceName: name,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    const role = new Role(this, "ScheduleRole", {
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: {
          StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID, "aws:SourceArn": groupArn },
        },
      }),
      inlinePolicies: {
        Actions: new PolicyDocument({
          statements: [
            allow("Sweep", ["lambda:InvokeFunction"], this.function.functionArn),
            allow("KeepFailures", ["sqs:SendMessage"], this.failureQueue.queueArn),
          ],
        }),
      },
    });
    new CfnSchedule(this, "Schedule", {
      name: partName(name, "sweep_clusters"),
      description: "Sweeps the clusters",
      groupName: group.ref,
      scheduleExpression: `rate(${minutes} ${minutes === 1 ? "minute" : "minutes"})`,
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: this.function.functionArn,
        roleArn: role.roleArn,
        input: JSON.stringify(INPUT),
        retryPolicy: { maximumEventAgeInSeconds: OUTDATED.toSeconds(), maximumRetryAttempts: 10 },
        deadLetterConfig: { arn: this.failureQueue.queueArn },
      },
    });
  }
}
