import { readFileSync } from "node:fs";
import { exampleConfig, propertiesOf, synthesize } from "../example-app.ts";

const { pipeline } = synthesize();
const everything = { ...exampleConfig, watch: "full" };
const { pipeline: full } = synthesize(everything);
const { pipeline: whole } = synthesize({
  ...everything,
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

const readingsCounted = "Maximum of ha2m readings";
const ESSENTIAL = [
  "ha2m-events-rule-errors",
  "ha2m-mails-bounce",
  "ha2m-mails-complained-of",
  "ha2m-no-readings",
  "ha2m-readings-rule-errors",
  "ha2m-recipient-refused",
  "ha2m-send_cluster_mail-errors",
  "ha2m-send_cluster_mail-failures",
  "ha2m-sweep-missing",
  "ha2m-sweep_clusters-errors",
];

test("the backend, watched in full -> an alarm on each function, queue and rule, on readings, sweeps and SES, and no other", () => {
  expect(conditionsOf(full)).toEqual({
    ...ofFunction("send_cluster_mail", "SendClusterMailFunction"),
    ...ofFunction("sweep_clusters", "SweepClustersFunction"),
    ...ofQueue("send_cluster_mail-failures", "SendClusterMailFailures"),
    ...ofQueue("sweep_clusters-failures", "SweepClustersFailures"),
    ...ofQueue("readings-rule-errors", "ReadingsRuleErrors"),
    ...ofQueue("events-rule-errors", "EventsRuleErrors"),
    ...ofRule("readings", "ha2m_readings"),
    ...ofRule("events", "ha2m_events"),
    "ha2m-no-readings": `${readingsCounted}, 1 x 3600 s: < 1, ignore`,
    "ha2m-sweep-missing":
      "Sum of AWS/Lambda Invocations FunctionName=<SweepClustersFunction>, 3 x 900 s: < 1, breaching",
    "ha2m-recipient-refused": "Sum of ha2m refused_recipients, 1 x 300 s: >= 1, notBreaching",
    "ha2m-mails-bounce": "Maximum of AWS/SES Reputation.BounceRate, 1 x 3600 s: >= 0.05, notBreaching",
    "ha2m-mails-complained-of":
      "Maximum of AWS/SES Reputation.ComplaintRate, 1 x 3600 s: >= 0.001, notBreaching",
  });
});

test("nothing said of it -> the alarms that say first that mail or storage fails, as they are in full", () => {
  const conditions = conditionsOf(pipeline);
  expect(Object.keys(conditions).sort()).toEqual(ESSENTIAL);
  expect(conditionsOf(full)).toMatchObject(conditions);
});

test.each([
  ["nothing else configured", pipeline],
  ["everything else configured", synthesize({ ...everything, watch: "essential" }).pipeline],
  [
    "links and notices besides",
    synthesize({
      ...exampleConfig,
      notify: { event_bus: true, sns: [{ protocol: "sms", endpoint: "+447700900123" }] },
      answer: { links: true },
    }).pipeline,
  ],
])(
  "essential, %s -> ten metrics in alarms at most, no query, no dashboard: what is free of charge",
  (_, one) => {
    const alarms = alarmsOf(one);
    expect(alarms.length).toBeGreaterThan(5);
    expect(alarms.length).toBeLessThanOrEqual(10);
    // An alarm on an expression is billed by the metrics in it, one on a query by those that it finds.
    expect(alarms.filter(({ Metrics }) => Metrics !== undefined)).toEqual([]);
    one.resourceCountIs("AWS::CloudWatch::Dashboard", 0);
  },
);

test("DynamoDB's own metrics -> in no alarm: it would ignore missing data, and never tell that nothing is written", () => {
  for (const one of [pipeline, full])
    expect(alarmsOf(one).filter(({ Namespace }) => Namespace === "AWS/DynamoDB")).toEqual([]);
});

test("every queue and function of the template -> watched in full, whatever is configured", () => {
  for (const template of [full, whole]) {
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
  const { pipeline: answering } = synthesize({ ...everything, answer: { links: true } });
  const { "ha2m-answer_mail-lost": _, ...rest } = ofFunction("answer_mail", "AnswerMailFunction");
  const added = Object.entries(conditionsOf(answering)).filter(([name]) => !(name in conditionsOf(full)));
  expect(Object.fromEntries(added)).toEqual(rest);
});

test.each([
  [{ kitchen: { nodes: 2, sleep_s: 86_400 }, shed: { nodes: 2, sleep_s: 3_000 } }, 3],
  [{ kitchen: { nodes: 2, sleep_s: 86_400 } }, 72],
])(
  "clusters %j -> silence is alarming after %d hours: three sleeps of the one that sleeps least",
  (clusters, hours) => {
    const { pipeline: slow } = synthesize({ ...exampleConfig, clusters });
    expect(conditionsOf(slow)["ha2m-no-readings"]).toBe(`${readingsCounted}, ${hours} x 3600 s: < 1, ignore`);
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
