/**
 * Alarms on the backend itself. Mails are about clusters; alarms are about failures of the parts that send these mails.
 * Each says what it means and where RUNBOOK.md says what to do.
 *
 * Metrics: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html,
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html,
 * https://docs.aws.amazon.com/iot/latest/developerguide/metrics_dimensions.html,
 * https://docs.aws.amazon.com/ses/latest/dg/reputationdashboard-cloudwatch-alarm.html
 */
import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Ha2mConfig } from "../config.ts";
import type { MetricName } from "../contract/metrics.ts";
import { partName } from "../contract/names.ts";
import { RETENTION } from "./failure-queue.ts";
import type { KeptTable } from "./kept-table.ts";

/** A function, with the name of its folder. */
export interface WatchedFunction {
  readonly name: string;
  readonly function: IFunction;
  /** It is invoked asynchronously: events on which it fails go to a queue. */
  readonly asynchronous: boolean;
}

/** A queue of failed messages. */
export interface WatchedQueue {
  /** Its part of the alarm's name: `events-rule-errors`. */
  readonly name: string;
  readonly queue: IQueue;
  /** What a message in it means. */
  readonly holds: string;
  /** The runbook's section on it. */
  readonly section: Section;
}

/**
 * The alarms of `watch: essential`, by what would not be noticed otherwise. Each is on one metric, so that each counts
 * once of the ten that are free.
 */
const ESSENTIAL: ReadonlySet<string> = new Set([
  // Mail. A mail is late: SES refuses it, DynamoDB does not answer, or the code is at fault. Told at the first attempt.
  "send_cluster_mail-errors",
  // A mail is missing, until a person has replayed it.
  "send_cluster_mail-failures",
  // An event never reached the function: a mail may be missing.
  "events-rule-errors",
  // SES refuses one of the recipients: the others have the mail, unless there are none.
  "recipient-refused",
  // SES took the mail, and nobody got it; or SES is about to take none any more.
  "mails-bounce",
  "mails-complained-of",
  // Storage. A reading is not in the table.
  "readings-rule-errors",
  // Readings are lost on the way, where no queue has them.
  "no-readings",
  // The sweep, which alone sees silence, late mails and the other queues: it is not started, or it fails.
  "sweep-missing",
  "sweep_clusters-errors",
]);

/** What is watched, and the topic of the alarms. */
export interface WatchProps {
  readonly config: Ha2mConfig;
  readonly topic: ITopic;
  readonly functions: readonly WatchedFunction[];
  readonly queues: readonly WatchedQueue[];
  /** Names of topic rules, by their part of the alarms' names. */
  readonly rules: Readonly<Record<string, string>>;
  /** The function that is invoked by a schedule. */
  readonly sweep: IFunction;
}

/** Headings of RUNBOOK.md, as anchors. */
type Section =
  | "a-function-failed"
  | "a-function-is-throttled"
  | "a-rule-failed"
  | "a-rule-drops-messages"
  | "an-event-is-lost"
  | "messages-wait-too-long"
  | "mail-refused"
  | "no-readings-at-all"
  | "the-sweep-does-not-run"
  | "mails-bounce";

interface Watched {
  readonly metric: IMetric;
  /** It alarms from this value on. @default 1 */
  readonly atLeast?: number;
  /** It alarms below this value and, unless `missing` says otherwise, without data. */
  readonly below?: number;
  /** @default breaching with `below`, else not breaching */
  readonly missing?: TreatMissingData;
  /** Periods in a row. @default 1 */
  readonly periods?: number;
  /** What it means, in a sentence. */
  readonly means: string;
  readonly section: Section;
}

const SHORTLY = Duration.minutes(5);
const HOUR = Duration.hours(1);
/** How long before its end of retention a message alarms, so that a person can still replay it. */
const RESCUE = Duration.days(3);
/** SES reviews an account at 5 % and 0.1 %, and pauses it at 10 % and 0.5 %. */
const BOUNCES = 0.05;
const COMPLAINTS = 0.001;
/** Sweeps that may be missed: a schedule is started within minutes, and a retry comes after a minute. */
const SWEEPS_MISSED = 3;
/** Sleeps without any reading after which it alarms; the sweep calls one cluster silent after two and a half. */
const SLEEPS_MISSED = 3;

/** The alarms of a deployment: those of `watch: essential`, or all. */
export class Watch extends Construct {
  readonly alarms: readonly Alarm[];
  readonly #name: string;
  readonly #topic: ITopic;
  readonly #runbookUrl: string;

  constructor(scope: Construct, id: string, props: WatchProps) {
    super(scope, id);
    this.#name = props.config.name;
    this.#topic = props.topic;
    this.#runbookUrl = props.config.mail.runbookUrl;
    const watched: Readonly<Record<string, Watched>> = {
      ...Object.assign({}, ...props.functions.map(ofFunction)),
      ...Object.assign({}, ...props.queues.map(ofQueue)),
      ...Object.assign({}, ...Object.entries(props.rules).map(ofRule)),
      "no-readings": noReadings(props),
      "sweep-missing": {
        metric: props.sweep.metricInvocations({
          period: Duration.minutes(props.config.alerts.sweepMinutes),
          statistic: Stats.SUM,
        }),
        below: 1,
        periods: SWEEPS_MISSED,
        means: `sweep_clusters has not been started for ${SWEEPS_MISSED * props.config.alerts.sweepMinutes} minutes: nobody would hear of a silent cluster, and reminders and some RESOLVED mails stay away.`,
        section: "the-sweep-does-not-run",
      },
      "recipient-refused": {
        metric: refusedRecipients(props.config.name),
        means: "SES refused a recipient of a mail. The other recipients, if any, have it.",
        section: "mail-refused",
      },
      "mails-bounce": {
        metric: reputation("BounceRate"),
        atLeast: BOUNCES,
        means: "5 % of this account's mails bounce. SES may pause the account; then no mail is sent.",
        section: "mails-bounce",
      },
      "mails-complained-of": {
        metric: reputation("ComplaintRate"),
        atLeast: COMPLAINTS,
        means:
          "0.1 % of this account's mails are marked as spam. SES may pause the account; then no mail is sent.",
        section: "mails-bounce",
      },
    };
    this.alarms = Object.entries(watched)
      .filter(([name]) => props.config.watch === "full" || ESSENTIAL.has(name))
      .map(([name, one]) => this.#makeAlarm(name, one));
  }

  #makeAlarm(
    name: string,
    { metric, atLeast = 1, below, missing, periods = 1, means, section }: Watched,
  ): Alarm {
    const alarm = new Alarm(this, name, {
      alarmName: partName(this.#name, name),
      alarmDescription: `${means} What to do: ${this.#runbookUrl}#${section}`,
      metric,
      evaluationPeriods: periods,
      threshold: below ?? atLeast,
      comparisonOperator:
        below === undefined
          ? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
          : ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData:
        missing ?? (below === undefined ? TreatMissingData.NOT_BREACHING : TreatMissingData.BREACHING),
    });
    alarm.addAlarmAction(new SnsAction(this.#topic));
    alarm.addOkAction(new SnsAction(this.#topic));
    return alarm;
  }
}

function ofFunction({ name, function: target, asynchronous }: WatchedFunction): Record<string, Watched> {
  const sum = { period: SHORTLY, statistic: Stats.SUM };
  return {
    [`${name}-errors`]: {
      metric: target.metricErrors(sum),
      means: `An attempt of ${name} failed. ${asynchronous ? "It is retried twice; then the event goes to the failure queue." : "The caller got an error; nothing is retried."}`,
      section: "a-function-failed",
    },
    [`${name}-throttles`]: {
      metric: target.metricThrottles(sum),
      means: `${name} was not started at once: the account has no concurrency left. ${asynchronous ? "Lambda retries for hours." : "The caller was refused."}`,
      section: "a-function-is-throttled",
    },
    ...(asynchronous
      ? {
          [`${name}-lost`]: {
            metric: target.metric("DestinationDeliveryFailures", sum),
            means: `An event that ${name} failed on could not be put into its failure queue, and is lost.`,
            section: "an-event-is-lost" as const,
          },
        }
      : {}),
  };
}

function ofQueue({ name, queue, holds, section }: WatchedQueue): Record<string, Watched> {
  const most = { period: SHORTLY, statistic: Stats.MAXIMUM };
  const kept = RETENTION.toDays();
  return {
    [name]: {
      metric: queue.metricApproximateNumberOfMessagesVisible(most),
      means: `${holds} Nothing is lost while it waits, for ${kept} days.`,
      section,
    },
    [`${name}-age`]: {
      metric: queue.metricApproximateAgeOfOldestMessage(most),
      atLeast: RETENTION.minus(RESCUE).toSeconds(),
      means: `A message has been in ${name} for ${kept - RESCUE.toDays()} days. SQS deletes it after ${kept}.`,
      section: "messages-wait-too-long",
    },
  };
}

function ofRule([name, ruleName]: [string, string]): Record<string, Watched> {
  const metric = (metricName: string) =>
    new Metric({
      namespace: "AWS/IoT",
      metricName,
      dimensionsMap: { RuleName: ruleName },
      period: SHORTLY,
      statistic: Stats.SUM,
    });
  return {
    [`${name}-rule-failures`]: {
      // By a query over all actions of the rule: which values ActionType has is documented nowhere.
      metric: new MathExpression({
        expression: `SELECT SUM(Failure) FROM "AWS/IoT" WHERE RuleName = '${ruleName}'`,
        label: `Failure of ${ruleName}`,
        period: SHORTLY,
      }),
      means: `An action of the rule ${ruleName} failed. The message is in its error queue, unless the action was to put it there.`,
      section: "a-rule-failed",
    },
    [`${name}-rule-unreadable`]: {
      metric: metric("ParseError"),
      means: `The rule ${ruleName} got a message that is not JSON. It is in no queue, so it is lost.`,
      section: "a-rule-drops-messages",
    },
    [`${name}-rule-throttled`]: {
      metric: metric("RuleMessageThrottled"),
      means: `AWS IoT dropped messages to the rule ${ruleName}, because there were too many. They are in no queue, so they are lost.`,
      section: "a-rule-drops-messages",
    },
  };
}

/**
 * By the sweep's count, which is 0 where nothing was stored: alarms on DynamoDB's own metrics ignore missing data,
 * whatever they are told of it, and would stay as they are when nothing is written any more. Where the sweep itself
 * says nothing, another alarm does. Before a node was ever heard of there is no count, and no alarm.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html (TreatMissingData)
 */
function noReadings({ config }: WatchProps): Watched {
  const shortestSleepS = Math.min(...[...config.clusters.values()].map(({ sleepS }) => sleepS));
  const hours = Math.max(1, Math.ceil((SLEEPS_MISSED * shortestSleepS) / HOUR.toSeconds()));
  const metricName: MetricName = "readings";
  return {
    // Of the highest count: several clusters write one each.
    metric: new Metric({
      namespace: config.name,
      metricName,
      statistic: Stats.MAXIMUM,
      period: HOUR,
    }),
    below: 1,
    missing: TreatMissingData.IGNORE,
    periods: hours,
    means: `No reading of any cluster has been stored for ${hours === 1 ? "an hour" : `${hours} hours`}: all clusters are silent, or readings do not reach the table.`,
    section: "no-readings-at-all",
  };
}

/** Recipients that SES refused, counted once for each mail. */
const refusedRecipients = (namespace: string): Metric =>
  new Metric({
    namespace,
    metricName: "refused_recipients" satisfies MetricName,
    statistic: Stats.SUM,
    period: SHORTLY,
  });

/** Readings stored in an hour, of all clusters: DynamoDB's count of successful puts, which is free. */
export const readingsStored = (table: KeptTable): Metric =>
  new Metric({
    namespace: "AWS/DynamoDB",
    metricName: "SuccessfulRequestLatency",
    dimensionsMap: { TableName: table.tableName, Operation: "PutItem" },
    statistic: Stats.SAMPLE_COUNT,
    period: HOUR,
  });

/**
 * SES's rate of the whole account in this region; there is no finer one, and no data before the first bounce or
 * complaint.
 */
const reputation = (rate: "BounceRate" | "ComplaintRate"): Metric =>
  new Metric({
    namespace: "AWS/SES",
    metricName: `Reputation.${rate}`,
    statistic: Stats.MAXIMUM,
    period: HOUR,
  });
