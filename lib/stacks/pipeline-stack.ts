/**
 * The stack from a node's message to a table or a mail. It can be deleted and made anew: it has only logs and
 * unprocessed failures.
 */
import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { EventBus } from "aws-cdk-lib/aws-events";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import type { Ha2mConfig } from "../config.ts";
import { AlarmTopic } from "../constructs/alarm-topic.ts";
import { AlertFunction } from "../constructs/alert-function.ts";
import { AnswerFunction } from "../constructs/answer-function.ts";
import { Dashboard } from "../constructs/dashboard.ts";
import { Decisions, Notices } from "../constructs/decisions.ts";
import type { KeptTable } from "../constructs/kept-table.ts";
import { eventsSql, lateReadingsSql, readingsSql } from "../constructs/rule-sql.ts";
import { SweepFunction } from "../constructs/sweep-function.ts";
import { TopicRule } from "../constructs/topic-rule.ts";
import { Watch, type WatchedQueue } from "../constructs/watch.ts";
import { ruleNames } from "../contract/names.ts";

/** The configuration, and the tables of the data stack. */
export interface PipelineStackProps extends StackProps {
  readonly config: Ha2mConfig;
  readonly tables: { readonly readings: KeptTable; readonly clusters: KeptTable };
}

/** The constructs of the stack; undefined: the configuration does not ask for that one. */
interface Parts {
  readonly answer: AnswerFunction | undefined;
  readonly decisions: EventBus | undefined;
  readonly alert: AlertFunction;
  readonly notices: Notices | undefined;
  readonly readings: TopicRule;
  readonly events: TopicRule;
  readonly sweep: SweepFunction;
}

/** `Ha2mPipeline`: the rules, the functions, the alarms, and the channels other than mail. */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, { config, tables, ...props }: PipelineStackProps) {
    super(scope, id, { description: "ha2m: from messages to tables and mails", ...props });
    const mails = addMails(this, config, tables);
    const rules = addRules(this, config, tables, mails.alert);
    const sweep = addSweep(this, config, tables, { ...mails, ...rules });
    const parts = { ...mails, ...rules, sweep };
    const { topic } = new AlarmTopic(this, "AlarmTopic", { name: config.name, email: config.alarms.email });
    const { alarms } = addWatch(this, config, topic, parts);
    if (config.watch === "full")
      new Dashboard(this, "Dashboard", {
        name: config.name,
        runbookUrl: config.mail.runbookUrl,
        alarms,
        readingsTable: tables.readings,
        sweepMinutes: config.alerts.sweepMinutes,
      });
    addOutputs(this, config, topic, parts);
  }
}

/** Adds the function that sends mails, the one behind their links, and the channels of its decisions. */
function addMails(
  scope: Construct,
  config: Ha2mConfig,
  { clusters: clustersTable, readings: readingsTable }: PipelineStackProps["tables"],
): Pick<Parts, "answer" | "decisions" | "alert" | "notices"> {
  const { name, notify } = config;
  const answer = config.answer.links
    ? new AnswerFunction(scope, "AnswerMail", { config, clustersTable })
    : undefined;
  const decisions =
    notify.eventBus || notify.sns.length > 0 ? new Decisions(scope, "Decisions", { name }).bus : undefined;
  const alert = new AlertFunction(scope, "SendClusterMail", {
    config,
    clustersTable,
    readingsTable,
    answer,
    decisions,
  });
  const notices =
    decisions === undefined || notify.sns.length === 0
      ? undefined
      : new Notices(scope, "Notices", { config, bus: decisions });
  return { answer, decisions, alert, notices };
}

/** Adds the topic rules. The rule of late readings shares the error queue of the readings rule. */
function addRules(
  scope: Construct,
  { name, retention }: Ha2mConfig,
  tables: PipelineStackProps["tables"],
  alert: AlertFunction,
): Pick<Parts, "readings" | "events"> {
  const rules = ruleNames(name);
  const readings = new TopicRule(scope, "ReadingsRule", {
    ruleName: rules.readings,
    description: "Stores each reading, and the node's heartbeat",
    sql: readingsSql(retention.readingsDays, name),
    putInto: [tables.readings, tables.clusters],
  });
  new TopicRule(scope, "LateReadingsRule", {
    ruleName: rules.late,
    description: "Stores each replayed reading, without a heartbeat",
    sql: lateReadingsSql(retention.readingsDays, name),
    putInto: [tables.readings],
    errorQueue: readings.errorQueue,
  });
  const events = new TopicRule(scope, "EventsRule", {
    ruleName: rules.events,
    description: "Passes each event to send_cluster_mail",
    sql: eventsSql(name),
    invoke: [alert.function],
  });
  return { readings, events };
}

function addSweep(
  scope: Construct,
  config: Ha2mConfig,
  tables: PipelineStackProps["tables"],
  { alert, notices, readings, events }: Omit<Parts, "sweep">,
): SweepFunction {
  return new SweepFunction(scope, "SweepClusters", {
    config,
    clustersTable: tables.clusters,
    readingsTable: tables.readings,
    sender: alert.function,
    // The names in mails.
    queues: {
      "errors of the readings rule": readings.errorQueue,
      "errors of the events rule": events.errorQueue,
      "failures of send_cluster_mail": alert.failureQueue,
      ...(notices === undefined ? {} : { "failures of SNS notices": notices.failureQueue }),
    },
  });
}

/** Adds the alarms on the functions, on the queues of failures, and on the rules. */
function addWatch(
  scope: Construct,
  config: Ha2mConfig,
  topic: ITopic,
  { answer, alert, notices, readings, events, sweep }: Parts,
): Watch {
  const rules = ruleNames(config.name);
  return new Watch(scope, "Watch", {
    config,
    topic,
    functions: [
      { name: "send_cluster_mail", function: alert.function, asynchronous: true },
      { name: "sweep_clusters", function: sweep.function, asynchronous: true },
      ...(answer === undefined
        ? []
        : [{ name: "answer_mail", function: answer.function, asynchronous: false }]),
      ...(notices === undefined
        ? []
        : [{ name: "tell_subscribers", function: notices.function, asynchronous: true }]),
    ],
    queues: [
      failuresOf("send_cluster_mail", alert.failureQueue),
      failuresOf("sweep_clusters", sweep.failureQueue),
      errorsOf("readings", readings.errorQueue),
      errorsOf("events", events.errorQueue),
      ...(notices === undefined ? [] : [failuresOfNotices(notices.failureQueue)]),
    ],
    // Not the rule of late readings: it works only while a person replays messages.
    rules: { readings: rules.readings, events: rules.events },
    sweep: sweep.function,
  });
}

const failuresOf = (name: string, queue: IQueue): WatchedQueue => ({
  name: `${name}-failures`,
  queue,
  holds: `${name} failed for good on the events in its failure queue.`,
  section: "a-function-failed",
});

const errorsOf = (name: string, queue: IQueue): WatchedQueue => ({
  name: `${name}-rule-errors`,
  queue,
  holds: `The ${name} rule failed on the messages in its error queue.`,
  section: "a-rule-failed",
});

const failuresOfNotices = (queue: IQueue): WatchedQueue => ({
  name: "notices-failures",
  queue,
  holds: "Notices of sent mails could not be passed to SNS.",
  section: "a-function-failed",
});

function addOutputs(
  scope: Construct,
  { name, alarms }: Ha2mConfig,
  topic: ITopic,
  { answer, decisions, alert, notices, readings, events, sweep }: Parts,
): void {
  const output = (outputId: string, value: string, description: string) =>
    new CfnOutput(scope, outputId, { value, description });
  output("SendClusterMailName", alert.function.functionName, "The function that sends the mails");
  output("SendClusterMailFailures", alert.failureQueue.queueUrl, "Events that the function failed on");
  output("SweepClustersFailures", sweep.failureQueue.queueUrl, "Sweeps that failed or were not started");
  output("ReadingsRuleErrors", readings.errorQueue.queueUrl, "Readings that could not be stored");
  output("LateReadingsRuleName", ruleNames(name).late, "Stores readings that npm run replay publishes again");
  output("EventsRuleErrors", events.errorQueue.queueUrl, "Events that could not be passed to the function");
  if (answer !== undefined) output("AnswerUrl", answer.url, "Where the links in mails lead");
  if (decisions !== undefined)
    output("DecisionsBus", decisions.eventBusName, "Gets an event for each decision");
  output("AlarmTopicArn", topic.topicArn, "Gets each alarm of the backend");
  if (alarms.email.length > 0)
    output(
      "AlarmRecipients",
      alarms.email.join(", "),
      "They get alarms once they have confirmed, within two days, the mail that SNS sends them",
    );
  if (notices !== undefined)
    output(
      "NoticesFailures",
      notices.failureQueue.queueUrl,
      "Notices of sent mails that could not be passed to SNS",
    );
}
