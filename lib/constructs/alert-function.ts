/** `send_cluster_mail`: mails people about each incident, once. It is the only function that sends mail. */
import { Duration, Stack, Validations } from "aws-cdk-lib";
import type { EventBus } from "aws-cdk-lib/aws-events";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Ha2mConfig } from "../config.ts";
import { SEND_TIMEOUT_S } from "../contract/time-limits.ts";
import type { AnswerFunction } from "./answer-function.ts";
import { FailureQueue } from "./failure-queue.ts";
import type { KeptTable } from "./kept-table.ts";
import {
  alertsVariable,
  allow,
  clustersVariable,
  LambdaFunction,
  recipientsVariable,
} from "./lambda-function.ts";

/** The configuration of the function, and the resources that it uses. */
export interface AlertFunctionProps {
  readonly config: Ha2mConfig;
  /** Holds the incidents. */
  readonly clustersTable: KeptTable;
  /** Of each cluster that a mail is about, the last day is drawn. */
  readonly readingsTable: KeptTable;
  /** The function behind the links in mails; undefined: mails have none. */
  readonly answer: AnswerFunction | undefined;
  /** Gets each decision; undefined: only the log has it. */
  readonly decisions: EventBus | undefined;
}

/** The function and its failure queue. */
export class AlertFunction extends Construct {
  readonly function: IFunction;
  /** Gets each event on which the last attempt failed, with the error. */
  readonly failureQueue: IQueue;

  constructor(scope: Construct, id: string, props: AlertFunctionProps) {
    super(scope, id);
    const { config, clustersTable, readingsTable, answer, decisions } = props;
    const { mail } = config;
    for (const resource of SES_RESOURCES)
      Validations.of(this).acknowledge({
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:${resource}/*]`,
        reason:
          "Which identities and configuration sets SES asks about is not known at synthesis. A condition limits all of it to one sender.",
      });
    this.failureQueue = new FailureQueue(this, "Failures");
    this.function = new LambdaFunction(this, {
      name: "send_cluster_mail",
      description: "Mails a person, once for each incident, when a cluster needs attention",
      // Shorter than a claim lasts, so that no other attempt takes the claim of one that is still running.
      timeout: Duration.seconds(SEND_TIMEOUT_S),
      config,
      environment: {
        CLUSTERS_TABLE: clustersTable.tableName,
        READINGS_TABLE: readingsTable.tableName,
        CLUSTERS: clustersVariable(config),
        MAIL_FROM: mail.from,
        MAIL_TO: recipientsVariable(config),
        RUNBOOK_URL: mail.runbookUrl,
        ...(mail.subjects === "changing" ? {} : { SUBJECTS: mail.subjects }),
        ALERTS: alertsVariable(config),
        WATCH: config.watch,
        ...(answer === undefined
          ? {}
          : { ANSWER_URL: answer.url, ANSWER_KEY_SECRET_ARN: answer.key.secretArn }),
      },
      may: [
        allow(
          "KeepIncidents",
          ["dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"],
          clustersTable.tableArn,
        ),
        allow("ReadLastDay", ["dynamodb:Query"], readingsTable.tableArn),
        // In the sandbox SES asks about each recipient's identity as well, and where an address is verified beside its
        // domain about the address; an identity that was set up in the console has a configuration set by default. The
        // condition is what limits it: as nobody but this sender.
        allow(
          "SendMail",
          ["ses:SendRawEmail"],
          SES_RESOURCES.map((resource) => anySes(this, resource)),
          {
            StringEquals: { "ses:FromAddress": mail.from },
          },
        ),
        ...(answer === undefined ? [] : [answer.mayReadKey]),
      ],
      asynchronous: {
        maxEventAge: Duration.hours(6),
        failures: this.failureQueue,
        results: decisions,
      },
    });
  }
}

/**
 * Resources about which SES asks the policies: identities of the sender and, in the sandbox, of recipients;
 * configuration sets.
 */
const SES_RESOURCES = ["identity", "configuration-set"] as const;

/** All SES resources of a kind, in this account and region. */
const anySes = (scope: Construct, resource: (typeof SES_RESOURCES)[number]): string =>
  Stack.of(scope).formatArn({ service: "ses", resource, resourceName: "*" });
