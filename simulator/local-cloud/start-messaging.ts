/** Starts messaging: SQS queues, SNS topics, and the alarms that watch queues and publish to topics. */
import { Alarms } from "./alarms/alarms.ts";
import { QueueMetrics } from "./alarms/queue-metrics.ts";
import type { CloudContext } from "./cloud-context.ts";
import { Queues } from "./events/queues.ts";
import { Topics } from "./events/sns-topics.ts";
import { TopicPolicies } from "./policy/topic-policies.ts";

/** Sends to a queue on behalf of a role. @throws Error when there is no such queue, or the role may not send to it. */
export type SendToQueue = (
  queueArnOrUrl: string,
  roleArn: string,
  body: string,
  attributes?: Readonly<Record<string, string>>,
) => void;

/** The queues, topics and alarms of the template. */
export interface Messaging {
  readonly queues: Queues;
  readonly topics: Topics;
  /** Evaluate nothing before their `start`. */
  readonly alarms: Alarms;
  readonly send: SendToQueue;
}

/**
 * Reads them from the template.
 * @throws TemplateError when a queue, topic or alarm has something that is not emulated
 */
export function startMessaging({ assembly, roles, clock, log, onStop }: CloudContext): Messaging {
  const { account } = assembly;
  const queues = new Queues(assembly.resources("AWS::SQS::Queue"), account, clock, log, (queue) =>
    queueMetrics.changed(queue),
  );
  const topics = new Topics(
    assembly.resources("AWS::SNS::Topic"),
    assembly.resources("AWS::SNS::Subscription"),
    clock,
    log,
  );
  const topicPolicies = new TopicPolicies(assembly.resources("AWS::SNS::TopicPolicy"), account);
  const alarms = new Alarms(
    assembly.resources("AWS::CloudWatch::Alarm"),
    account,
    {
      publish: (topicArn, alarmArn, { message, subject }) => {
        topicPolicies.demandForAlarm(topicArn, alarmArn);
        topics.publish(topicArn, message, subject);
      },
    },
    clock,
    log,
  );
  onStop(() => alarms.stop());
  const queueMetrics = new QueueMetrics(clock, alarms, ({ arn }) => queues.hidden(arn));
  onStop(() => queueMetrics.stop());
  const send: SendToQueue = (queueArnOrUrl, roleArn, body, attributes) => {
    const { arn } = queues.find(queueArnOrUrl);
    roles.demand(roleArn, { action: "sqs:SendMessage", resource: arn });
    queues.send(arn, body, attributes);
  };
  return { queues, topics, alarms, send };
}
