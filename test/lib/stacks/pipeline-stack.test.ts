import { Match } from "aws-cdk-lib/assertions";
import { exampleConfig, propertiesById, propertiesOf, synthesize } from "../example-app.ts";
import { allow, functionOf, LAMBDA_FUNCTION, pipeline, statementsOf, writeLogs } from "./pipeline-fixture.ts";

const BUS = "<DecisionsBus.Arn>";
const sns = [
  { protocol: "sms", endpoint: "+447700900123" },
  { protocol: "https", endpoint: "https://example.com/alerts" },
];
const { pipeline: withBus } = synthesize({ ...exampleConfig, notify: { event_bus: true } });
const { pipeline: withTopic } = synthesize({ ...exampleConfig, notify: { sns } });
/** Not those of the alarms. */
const noticesOf = (template: typeof pipeline, type: string) =>
  [...propertiesById(template, type)].flatMap(([id, own]) => (id.startsWith("Notices") ? [own] : []));

describe("other ways out", () => {
  test("not asked for -> no bus, no rule, no topic", () => {
    for (const type of ["AWS::Events::EventBus", "AWS::Events::Rule"]) pipeline.resourceCountIs(type, 0);
    expect(noticesOf(pipeline, "AWS::SNS::Topic")).toEqual([]);
  });

  test("an event bus -> gets what send_cluster_mail returns, which may put events there and nowhere else", () => {
    expect(propertiesOf(withBus, "AWS::Events::EventBus")).toEqual([
      { Name: "ha2m", Description: expect.any(String) },
    ]);
    const destinations = propertiesOf(withBus, "AWS::Lambda::EventInvokeConfig").map(
      ({ FunctionName, DestinationConfig }) => [
        FunctionName,
        (DestinationConfig as { OnSuccess?: unknown }).OnSuccess,
      ],
    );
    expect(destinations).toEqual([
      ["<SendClusterMailFunction>", { Destination: BUS }],
      ["<SweepClustersFunction>", undefined],
    ]);
    expect(statementsOf("SendClusterMailRole", withBus).at(-1)).toEqual(
      allow("TellResults", "events:PutEvents", BUS),
    );
    withBus.resourceCountIs("AWS::Events::Rule", 0);
    expect(noticesOf(withBus, "AWS::SNS::Topic")).toEqual([]);
  });
});

describe("notices by SNS", () => {
  test("somebody to tell by SNS -> subscribed to a topic that takes no plain HTTP", () => {
    expect(noticesOf(withTopic, "AWS::SNS::Topic")).toEqual([{ DisplayName: "ha2m" }]);
    expect(noticesOf(withTopic, "AWS::SNS::Subscription")).toEqual(
      sns.map(({ protocol, endpoint }) => ({
        Protocol: protocol,
        Endpoint: endpoint,
        TopicArn: "<NoticesTopic>",
      })),
    );
    expect(noticesOf(withTopic, "AWS::SNS::TopicPolicy")).toMatchObject([
      {
        PolicyDocument: {
          Statement: [{ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }],
        },
      },
    ]);
  });

  test("the rule -> hands the decisions that sent a mail to the function, which lets it and no other", () => {
    expect(propertiesOf(withTopic, "AWS::Events::Rule")).toEqual([
      {
        Name: "ha2m-mails",
        Description: expect.any(String),
        EventBusName: "<DecisionsBus>",
        State: "ENABLED",
        EventPattern: { source: ["lambda"], detail: { responsePayload: { send: [true] } } },
        Targets: [
          {
            Id: "Target0",
            Arn: "<NoticesFunction.Arn>",
            DeadLetterConfig: { Arn: "<NoticesFailures.Arn>" },
            RetryPolicy: { MaximumEventAgeInSeconds: 21_600 },
          },
        ],
      },
    ]);
    expect(
      propertiesOf(withTopic, "AWS::Lambda::Permission").filter(
        ({ Principal }) => Principal === "events.amazonaws.com",
      ),
    ).toEqual([
      {
        Action: "lambda:InvokeFunction",
        FunctionName: "<NoticesFunction.Arn>",
        Principal: "events.amazonaws.com",
        SourceArn: "<NoticesRule.Arn>",
      },
    ]);
  });
});

describe("the function that tells subscribers", () => {
  test("the function's failures -> two more attempts within six hours, then the queue", () => {
    expect(propertiesOf(withTopic, "AWS::Lambda::EventInvokeConfig")).toContainEqual({
      FunctionName: "<NoticesFunction>",
      Qualifier: "$LATEST",
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 21_600,
      DestinationConfig: { OnFailure: { Destination: "<NoticesFailures.Arn>" } },
    });
  });

  test("the function -> publishes to this topic, and does nothing else", () => {
    expect(functionOf("tell_subscribers", withTopic)).toMatchObject({
      ...LAMBDA_FUNCTION,
      Timeout: 10,
      Environment: { Variables: { NOTICES_TOPIC_ARN: "<NoticesTopic>" } },
    });
    expect(statementsOf("NoticesRole", withTopic)).toEqual([
      writeLogs("NoticesLogs"),
      allow("TellSubscribers", "sns:Publish", "<NoticesTopic>"),
      allow("KeepFailures", "sqs:SendMessage", "<NoticesFailures.Arn>"),
    ]);
  });
});

test("every log -> kept as long as configured, without a custom resource", () => {
  expect(propertiesOf(pipeline, "AWS::Logs::LogGroup")).toEqual([
    { LogGroupName: "/aws/lambda/ha2m-send_cluster_mail", RetentionInDays: 30 },
    { LogGroupName: "/aws/lambda/ha2m-sweep_clusters", RetentionInDays: 30 },
  ]);
  pipeline.resourceCountIs("AWS::Lambda::Function", 2);
});

test("no role -> has permissions besides its inline ones, whatever is configured", () => {
  const notify = { sns: [{ protocol: "sms", endpoint: "+447700900123" }] };
  const { pipeline: whole } = synthesize({ ...exampleConfig, notify, answer: { links: true } });
  pipeline.resourceCountIs("AWS::IAM::Role", 6);
  whole.resourceCountIs("AWS::IAM::Role", 8);
  for (const template of [pipeline, whole]) {
    template.resourceCountIs("AWS::IAM::Policy", 0);
    template.allResourcesProperties("AWS::IAM::Role", { ManagedPolicyArns: Match.absent() });
  }
});

test("every queue -> encrypted, kept for 14 days, and closed to plain HTTP", () => {
  pipeline.resourceCountIs("AWS::SQS::Queue", 4);
  pipeline.allResourcesProperties("AWS::SQS::Queue", {
    SqsManagedSseEnabled: true,
    MessageRetentionPeriod: 14 * 86_400,
  });
  const queues = [
    "<SendClusterMailFailures>",
    "<ReadingsRuleErrors>",
    "<EventsRuleErrors>",
    "<SweepClustersFailures>",
  ];
  expect(propertiesOf(pipeline, "AWS::SQS::QueuePolicy")).toEqual(
    queues.map((queue) => ({
      Queues: [queue],
      PolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Deny",
            Principal: { AWS: "*" },
            Action: "sqs:*",
            Resource: `${queue.slice(0, -1)}.Arn>`,
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        ],
      },
    })),
  );
});

test("outputs -> the function, the four queues, the rule that a replay needs and the topic of the alarms", () => {
  expect(Object.keys(pipeline.toJSON().Outputs).sort()).toEqual([
    "AlarmRecipients",
    "AlarmTopicArn",
    "EventsRuleErrors",
    "LateReadingsRuleName",
    "ReadingsRuleErrors",
    "SendClusterMailFailures",
    "SendClusterMailName",
    "SweepClustersFailures",
  ]);
});
