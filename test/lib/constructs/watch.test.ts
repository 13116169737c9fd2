import { readFileSync } from "node:fs";
import { exampleConfig, propertiesOf, synthesize } from "../example-app.ts";

const { pipeline } = synthesize();
const { pipeline: whole } = synthesize({
  ...exampleConfig,
  notify: { sns: [{ protocol: "sms", endpoint: "+447700900123" }] },
  answer: { links: true },
});

interface AlarmProperties {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly Namespace?: string;
  readonly MetricName?: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
  readonly Metrics?: readonly { readonly Expression: string; readonly Period: number }[];
  readonly Statistic?: string;
  readonly Period?: number;
  readonly EvaluationPeriods: number;
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly TreatMissingData: string;
}

const alarmsOf = (template: typeof pipeline) =>
  propertiesOf(template, "AWS::CloudWatch::Alarm") as unknown as AlarmProperties[];

const COMPARED: Readonly<Record<string, string>> = {
  GreaterThanOrEqualToThreshold: ">=",
  LessThanThreshold: "<",
};

/** When it goes off, in a line: metric, statistic, period, comparison, what no data means. */
function conditionOf(alarm: AlarmProperties): string {
  const [query] = alarm.Metrics ?? [];
  const dimensions = (alarm.Dimensions ?? []).map(({ Name, Value }) => `${Name}=${Value}`);
  const metric =
    query?.Expression ??
    [`${alarm.Statistic} of ${alarm.Namespace} ${alarm.MetricName}`, ...dimensions].join(" ");
  const over = `${alarm.EvaluationPeriods} x ${query?.Period ?? alarm.Period} s`;
  return `${metric}, ${over}: ${COMPARED[alarm.ComparisonOperator]} ${alarm.Threshold}, ${alarm.TreatMissingData}`;
}

const conditionsOf = (template: typeof pipeline): Record<string, string> =>
  Object.fromEntries(alarmsOf(template).map((alarm) => [alarm.AlarmName, conditionOf(alarm)]));

const ofFunction = (name: string, logicalId: string) => {
  const once = (metric: string) =>
    `Sum of AWS/Lambda ${metric} FunctionName=<${logicalId}>, 1 x 300 s: >= 1, notBreaching`;
  return {
    [`ha2m-${name}-errors`]: once("Errors"),
    [`ha2m-${name}-throttles`]: once("Throttles"),
    [`ha2m-${name}-lost`]: once("DestinationDeliveryFailures"),
  };
};

const ofQueue = (name: string, logicalId: string) => ({
  [`ha2m-${name}`]: `Maximum of AWS/SQS ApproximateNumberOfMessagesVisible QueueName=<${logicalId}.QueueName>, 1 x 300 s: >= 1, notBreaching`,
  [`ha2m-${name}-age`]: `Maximum of AWS/SQS ApproximateAgeOfOldestMessage QueueName=<${logicalId}.QueueName>, 1 x 300 s: >= ${11 * 86_400}, notBreaching`,
});

const ofRule = (name: string, ruleName: string) => ({
  [`ha2m-${name}-rule-failures`]: `SELECT SUM(Failure) FROM "AWS/IoT" WHERE RuleName = '${ruleName}', 1 x 300 s: >= 1, notBreaching`,
  [`ha2m-${name}-rule-unreadable`]: `Sum of AWS/IoT ParseError RuleName=${ruleName}, 1 x 300 s: >= 1, notBreaching`,
  [`ha2m-${name}-rule-throttled`]: `Sum of AWS/IoT RuleMessageThrottled RuleName=${ruleName}, 1 x 300 s: >= 1, notBreaching`,
});

const readingsStored =
  "SampleCount of AWS/DynamoDB SuccessfulRequestLatency Operation=PutItem TableName=<OutputRefReadings>";

test("the backend -> an alarm on each function, queue and rule, on readings, sweeps and SES, and no other", () => {
  expect(conditionsOf(pipeline)).toEqual({
    ...ofFunction("send_cluster_mail", "SendClusterMailFunction"),
    ...ofFunction("sweep_clusters", "SweepClustersFunction"),
    ...ofQueue("send_cluster_mail-failures", "SendClusterMailFailures"),
    ...ofQueue("sweep_clusters-failures", "SweepClustersFailures"),
    ...ofQueue("readings-rule-errors", "ReadingsRuleErrors"),
    ...ofQueue("events-rule-errors", "EventsRuleErrors"),
    ...ofRule("readings", "ha2m_readings"),
    ...ofRule("events", "ha2m_events"),
    "ha2m-no-readings": `${readingsStored}, 1 x 3600 s: < 1, breaching`,
    "ha2m-sweep-missing":
      "Sum of AWS/Lambda Invocations FunctionName=<SweepClustersFunction>, 3 x 900 s: < 1, breaching",
    "ha2m-mails-bounce": "Maximum of AWS/SES Reputation.BounceRate, 1 x 3600 s: >= 0.05, notBreaching",
    "ha2m-mails-complained-of":
      "Maximum of AWS/SES Reputation.ComplaintRate, 1 x 3600 s: >= 0.001, notBreaching",
  });
});

test("every queue and function of the template -> watched, whatever is configured", () => {
  for (const template of [pipeline, whole]) {
    const queues = Object.keys(template.findResources("AWS::SQS::Queue")).length;
    for (const metric of ["ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"])
      expect(
        new Set(
          alarmsOf(template).flatMap((one) => (one.MetricName === metric ? one.Dimensions![0]!.Value : [])),
        ).size,
      ).toBe(queues);
    const functions = Object.keys(template.findResources("AWS::Lambda::Function")).length;
    expect(alarmsOf(template).filter(({ MetricName }) => MetricName === "Errors")).toHaveLength(functions);
  }
});

test("a function that somebody waits for -> errors and throttles; nothing of it goes to a queue", () => {
  const { pipeline: answering } = synthesize({ ...exampleConfig, answer: { links: true } });
  const { "ha2m-answer_mail-lost": _, ...rest } = ofFunction("answer_mail", "AnswerMailFunction");
  const added = Object.entries(conditionsOf(answering)).filter(([name]) => !(name in conditionsOf(pipeline)));
  expect(Object.fromEntries(added)).toEqual(rest);
});

test.each([
  [{ kitchen: { nodes: 2, sleep_s: 86_400 }, shed: { nodes: 2, sleep_s: 3_000 } }, 3],
  [{ kitchen: { nodes: 2, sleep_s: 86_400 } }, 72],
])(
  "clusters %j -> silence is alarming after %d hours: three sleeps of the one that sleeps least",
  (clusters, hours) => {
    const { pipeline: slow } = synthesize({ ...exampleConfig, clusters });
    expect(conditionsOf(slow)["ha2m-no-readings"]).toBe(
      `${readingsStored}, ${hours} x 3600 s: < 1, breaching`,
    );
  },
);

test("sweeps each hour -> missed after three hours", () => {
  const { pipeline: hourly } = synthesize({ ...exampleConfig, alerts: { sweep_minutes: 60 } });
  expect(conditionsOf(hourly)["ha2m-sweep-missing"]).toContain("3 x 3600 s");
});

test("every alarm -> says what it means, links a section that the runbook has, and tells the topic of both changes", () => {
  const anchors = [...readFileSync("RUNBOOK.md", "utf8").matchAll(/^## (.+)$/gm)].map(
    ([, heading]) => `#${heading!.replaceAll(" ", "-")}`,
  );
  for (const alarm of alarmsOf(whole)) {
    const [, means, url, anchor] = /^(.{30,}\.) What to do: (.+)(#.+)$/.exec(alarm.AlarmDescription) ?? [];
    expect({ means, url }).toEqual({ means: expect.any(String), url: exampleConfig.mail.runbook_url });
    expect(anchors).toContain(anchor);
    expect(alarm).toMatchObject({ AlarmActions: ["<AlarmTopic>"], OKActions: ["<AlarmTopic>"] });
  }
});
