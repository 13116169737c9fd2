/** `send_cluster_mail`: tells a person what happened, once. The only one that sends mail. */
import { Duration } from "aws-cdk-lib";
import type { EventBus } from "aws-cdk-lib/aws-events";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { IEmailIdentity } from "aws-cdk-lib/aws-ses";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Ha2mConfig } from "../config.ts";
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

/** What the function is told, and what it works on. */
export interface AlertFunctionProps {
  readonly config: Ha2mConfig;
  /** Holds the incidents. */
  readonly clustersTable: KeptTable;
  /** The verified sender, or its domain. */
  readonly sender: IEmailIdentity;
  /** Where the links in a mail lead; undefined: mails have none. */
  readonly answer: AnswerFunction | undefined;
  /** Gets each decision; undefined: nobody but the log. */
  readonly decisions: EventBus | undefined;
}

/** The function and its failure queue. */
export class AlertFunction extends Construct {
  readonly function: IFunction;
  /** Gets each event that the last attempt failed on, with the error. */
  readonly failureQueue: IQueue;

  constructor(scope: Construct, id: string, props: AlertFunctionProps) {
    super(scope, id);
    const { config, clustersTable, sender, answer, decisions } = props;
    const { mail } = config;
    this.failureQueue = new FailureQueue(this, "Failures");
    this.function = new LambdaFunction(this, {
      name: "send_cluster_mail",
      description: "Tells a person, once, when a cluster needs a hand",
      // Shorter than a claim's life, so that nobody takes the claim of a living attempt.
      timeout: Duration.seconds(10),
      config,
      environment: {
        CLUSTERS_TABLE: clustersTable.tableName,
        CLUSTERS: clustersVariable(config),
        MAIL_FROM: mail.from,
        MAIL_TO: recipientsVariable(config),
        RUNBOOK_URL: mail.runbookUrl,
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
        // A domain identity alone would let the function write as anybody of the domain.
        allow("SendMail", ["ses:SendRawEmail"], sender.emailIdentityArn, {
          StringEquals: { "ses:FromAddress": mail.from },
        }),
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
