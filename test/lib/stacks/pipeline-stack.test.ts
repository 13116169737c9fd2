import { isDeepStrictEqual } from "node:util";
import { Match } from "aws-cdk-lib/assertions";
import { eventsSql, lateReadingsSql, readingsSql } from "../../../lib/constructs/rule-sql.ts";
import { exampleConfig, propertiesById, propertiesOf, synthesize } from "../example-app.ts";

const { pipeline } = synthesize();

const rule = (name: string) =>
  propertiesOf(pipeline, "AWS::IoT::TopicRule").find(({ RuleName }) => RuleName === name)?.TopicRulePayload;
const role = (service: string, ruleName = "") =>
  propertiesOf(pipeline, "AWS::IAM::Role").filter((properties) => {
    const trust = JSON.stringify(properties.AssumeRolePolicyDocument);
    return trust.includes(service) && trust.includes(ruleName);
  });
const allow = (Sid: string, Action: string | string[], Resource: string | string[]) => ({
  Sid,
  Effect: "Allow",
  Action,
  Resource,
});
const inline = (Statement: object[]) => [
  { PolicyName: "Actions", PolicyDocument: { Version: "2012-10-17", Statement } },
];

describe("the readings rule", () => {
  test("its actions -> one item in each table, errors to its queue", () => {
    const RoleArn = "<ReadingsRuleRole.Arn>";
    expect(rule("ha2m_readings")).toEqual({
      Description: expect.any(String),
      AwsIotSqlVersion: "2016-03-23",
      Sql: readingsSql(10),
      Actions: [
        { DynamoDBv2: { RoleArn, PutItem: { TableName: "<OutputRefReadings>" } } },
        { DynamoDBv2: { RoleArn, PutItem: { TableName: "<OutputRefClusters>" } } },
      ],
      ErrorAction: { Sqs: { RoleArn, QueueUrl: "<ReadingsRuleErrors>" } },
    });
  });

  test("its role -> put items into the two tables, send to its own queue, and nothing else", () => {
    expect(role("iot.amazonaws.com", "ha2m_readings").map(({ Policies }) => Policies)).toEqual([
      inline([
        allow("PutItems", "dynamodb:PutItem", ["<OutputFnGetAttClustersArn>", "<OutputFnGetAttReadingsArn>"]),
        allow("KeepErrors", "sqs:SendMessage", "<ReadingsRuleErrors.Arn>"),
      ]),
    ]);
  });
});

describe("the rule of late readings", () => {
  const RoleArn = "<LateReadingsRuleRole.Arn>";

  test("its actions -> an item in the readings table alone; errors to where readings that failed are", () => {
    expect(rule("ha2m_late_readings")).toEqual({
      Description: expect.any(String),
      AwsIotSqlVersion: "2016-03-23",
      Sql: lateReadingsSql(10),
      Actions: [{ DynamoDBv2: { RoleArn, PutItem: { TableName: "<OutputRefReadings>" } } }],
      ErrorAction: { Sqs: { RoleArn, QueueUrl: "<ReadingsRuleErrors>" } },
    });
  });

  test("its role -> put readings, send to that queue, and nothing else: no heartbeat", () => {
    expect(role("iot.amazonaws.com", "ha2m_late_readings").map(({ Policies }) => Policies)).toEqual([
      inline([
        allow("PutItems", "dynamodb:PutItem", "<OutputFnGetAttReadingsArn>"),
        allow("KeepErrors", "sqs:SendMessage", "<ReadingsRuleErrors.Arn>"),
      ]),
    ]);
  });
});

describe("the events rule", () => {
  test("its action -> send_cluster_mail, errors to its queue", () => {
    expect(rule("ha2m_events")).toEqual({
      Description: expect.any(String),
      AwsIotSqlVersion: "2016-03-23",
      Sql: eventsSql(),
      Actions: [{ Lambda: { FunctionArn: "<SendClusterMailFunction.Arn>" } }],
      ErrorAction: { Sqs: { RoleArn: "<EventsRuleRole.Arn>", QueueUrl: "<EventsRuleErrors>" } },
    });
  });

  test("its role -> send to its own queue, and nothing else", () => {
    expect(role("iot.amazonaws.com", "ha2m_events").map(({ Policies }) => Policies)).toEqual([
      inline([allow("KeepErrors", "sqs:SendMessage", "<EventsRuleErrors.Arn>")]),
    ]);
  });

  test("the function's permission -> for this rule of this account, and there before the rule", () => {
    expect(propertiesOf(pipeline, "AWS::Lambda::Permission")).toEqual([
      {
        Action: "lambda:InvokeFunction",
        FunctionName: "<SendClusterMailFunction.Arn>",
        Principal: "iot.amazonaws.com",
        SourceAccount: "<AWS::AccountId>",
        SourceArn: "arn:<AWS::Partition>:iot:<AWS::Region>:<AWS::AccountId>:rule/ha2m_events",
      },
    ]);
    const [permission] = Object.keys(pipeline.findResources("AWS::Lambda::Permission"));
    pipeline.hasResource("AWS::IoT::TopicRule", {
      Properties: { RuleName: "ha2m_events" },
      DependsOn: [permission],
    });
  });
});

test.each(["ha2m_readings", "ha2m_late_readings", "ha2m_events"])(
  "the role of %s -> only for this rule of this account",
  (name) => {
    expect(role("iot.amazonaws.com", name).map((properties) => properties.AssumeRolePolicyDocument)).toEqual([
      {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: "sts:AssumeRole",
            Principal: { Service: "iot.amazonaws.com" },
            Condition: {
              StringEquals: { "aws:SourceAccount": "<AWS::AccountId>" },
              ArnLike: {
                "aws:SourceArn": `arn:<AWS::Partition>:iot:<AWS::Region>:<AWS::AccountId>:rule/${name}`,
              },
            },
          },
        ],
      },
    ]);
  },
);

const CLUSTERS_TABLE = "<OutputFnGetAttClustersArn>";
const LAMBDA_FUNCTION = {
  Runtime: "nodejs24.x",
  Architectures: ["arm64"],
  Handler: "index.handler",
  MemorySize: 256,
};
const ALERTS = '{"sweep_minutes":15,"reminders_max":5,"storm_limit":5,"battery_empty_mv":4600}';

const functionOf = (name: string, of = pipeline) =>
  propertiesOf(of, "AWS::Lambda::Function").find(({ FunctionName }) => FunctionName === `ha2m-${name}`);
/** What a role may do. */
function statementsOf(id: string, of = pipeline): object[] {
  const { Policies = [] } = propertiesById(of, "AWS::IAM::Role").get(id) ?? {};
  return (Policies as { PolicyDocument: { Statement: object[] } }[]).flatMap(
    ({ PolicyDocument }) => PolicyDocument.Statement,
  );
}
const writeLogs = (logs: string) =>
  allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], `<${logs}.Arn>`);

describe("send_cluster_mail", () => {
  const ses = (resource: string) => `arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:${resource}/*`;
  const sendMail = {
    ...allow("SendMail", "ses:SendRawEmail", [ses("configuration-set"), ses("identity")]),
    Condition: { StringEquals: { "ses:FromAddress": exampleConfig.mail.from } },
  };
  const statements = [
    writeLogs("SendClusterMailLogs"),
    allow("KeepIncidents", ["dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"], CLUSTERS_TABLE),
    sendMail,
    allow("KeepFailures", "sqs:SendMessage", "<SendClusterMailFailures.Arn>"),
  ];

  test("its function -> pinned runtime, limits and environment", () => {
    expect(functionOf("send_cluster_mail")).toMatchObject({
      ...LAMBDA_FUNCTION,
      Timeout: 15,
      LoggingConfig: { LogGroup: "<SendClusterMailLogs>" },
      Role: "<SendClusterMailRole.Arn>",
    });
    expect(functionOf("send_cluster_mail")?.Environment).toEqual({
      Variables: {
        NAME: "ha2m",
        CLUSTERS_TABLE: "<OutputRefClusters>",
        CLUSTERS: JSON.stringify(exampleConfig.clusters),
        MAIL_FROM: "ha2m@example.com",
        MAIL_TO: "you@example.com,me@example.org",
        RUNBOOK_URL: "https://example.com/RUNBOOK.md",
        ALERTS,
        WATCH: "essential",
      },
    });
  });

  test("its role -> its logs, its table, its sender, its queue, and nothing else", () => {
    expect(statementsOf("SendClusterMailRole")).toEqual(statements);
  });

  test("its failures -> two more attempts within six hours, then the queue", () => {
    expect(propertiesOf(pipeline, "AWS::Lambda::EventInvokeConfig")).toContainEqual({
      FunctionName: "<SendClusterMailFunction>",
      Qualifier: "$LATEST",
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 21_600,
      DestinationConfig: { OnFailure: { Destination: "<SendClusterMailFailures.Arn>" } },
    });
  });

  test("a recipient with quiet hours -> all recipients as JSON, the hours in the names of the configuration", () => {
    const quiet = { from: "22:00", to: "07:00", time_zone: "Europe/London" };
    const to = ["you@example.com", { address: "me@example.org", quiet }];
    const { pipeline: withQuiet } = synthesize({
      ...exampleConfig,
      mail: { ...exampleConfig.mail, to },
    });
    for (const name of ["send_cluster_mail", "sweep_clusters"])
      expect(functionOf(name, withQuiet)?.Environment).toMatchObject({
        Variables: { MAIL_TO: JSON.stringify(to) },
      });
  });

  test("a domain as identity -> the function still writes from the one address only", () => {
    const mail = { ...exampleConfig.mail, identity: "example.com" };
    const ofDomain = synthesize({ ...exampleConfig, mail }).pipeline;
    expect(statementsOf("SendClusterMailRole", ofDomain)).toEqual(statements);
  });
});

describe("sweep_clusters", () => {
  const group = "arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule-group/ha2m";

  test("its function -> pinned runtime, limits and environment", () => {
    expect(functionOf("sweep_clusters")).toMatchObject({
      ...LAMBDA_FUNCTION,
      Timeout: 30,
      LoggingConfig: { LogGroup: "<SweepClustersLogs>" },
      Role: "<SweepClustersRole.Arn>",
    });
    expect(functionOf("sweep_clusters")?.Environment).toEqual({
      Variables: {
        NAME: "ha2m",
        CLUSTERS_TABLE: "<OutputRefClusters>",
        READINGS_TABLE: "<OutputRefReadings>",
        CLUSTERS: JSON.stringify(exampleConfig.clusters),
        MAIL_TO: "you@example.com,me@example.org",
        ALERTS,
        WATCH: "essential",
        SEND_FUNCTION: "<SendClusterMailFunction>",
        QUEUES: JSON.stringify({
          "errors of the readings rule": "<ReadingsRuleErrors>",
          "errors of the events rule": "<EventsRuleErrors>",
          "failures of send_cluster_mail": "<SendClusterMailFailures>",
          "failures of sweep_clusters": "<SweepClustersFailures>",
        }),
      },
    });
  });

  test("its role -> its logs, its table, to count readings and failures, to invoke send_cluster_mail, its queue, and nothing else", () => {
    expect(statementsOf("SweepClustersRole")).toEqual([
      writeLogs("SweepClustersLogs"),
      allow("ReadClusters", ["dynamodb:PutItem", "dynamodb:Query"], CLUSTERS_TABLE),
      allow("CountReadings", "dynamodb:Query", "<OutputFnGetAttReadingsArn>"),
      allow("SignalMail", "lambda:InvokeFunction", "<SendClusterMailFunction.Arn>"),
      allow("CountFailures", "sqs:GetQueueAttributes", [
        "<EventsRuleErrors.Arn>",
        "<ReadingsRuleErrors.Arn>",
        "<SendClusterMailFailures.Arn>",
        "<SweepClustersFailures.Arn>",
      ]),
      allow("KeepFailures", "sqs:SendMessage", "<SweepClustersFailures.Arn>"),
    ]);
  });

  test("its schedule -> every 15 minutes, tells when it was due, and keeps what could not be started", () => {
    expect(propertiesOf(pipeline, "AWS::Scheduler::Schedule")).toEqual([
      {
        Name: "ha2m-sweep_clusters",
        Description: expect.any(String),
        GroupName: "<SweepClustersGroup>",
        ScheduleExpression: "rate(15 minutes)",
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: {
          Arn: "<SweepClustersFunction.Arn>",
          RoleArn: "<SweepClustersScheduleRole.Arn>",
          Input: '{"scheduled_time":"<aws.scheduler.scheduled-time>"}',
          RetryPolicy: { MaximumEventAgeInSeconds: 3_600, MaximumRetryAttempts: 10 },
          DeadLetterConfig: { Arn: "<SweepClustersFailures.Arn>" },
        },
      },
    ]);
    expect(propertiesOf(pipeline, "AWS::Scheduler::ScheduleGroup")).toEqual([{ Name: "ha2m" }]);
  });

  test.each([
    [1, "rate(1 minute)"],
    [60, "rate(60 minutes)"],
  ])("a sweep every %d minutes -> %s", (sweep_minutes, ScheduleExpression) => {
    synthesize({ ...exampleConfig, alerts: { sweep_minutes } }).pipeline.hasResourceProperties(
      "AWS::Scheduler::Schedule",
      { ScheduleExpression },
    );
  });

  test("its schedule's role -> start this function, send to this queue, for this group of this account alone", () => {
    expect(statementsOf("SweepClustersScheduleRole")).toEqual([
      allow("Sweep", "lambda:InvokeFunction", "<SweepClustersFunction.Arn>"),
      allow("KeepFailures", "sqs:SendMessage", "<SweepClustersFailures.Arn>"),
    ]);
    expect(
      role("scheduler.amazonaws.com").map(({ AssumeRolePolicyDocument }) => AssumeRolePolicyDocument),
    ).toEqual([
      {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: "sts:AssumeRole",
            Principal: { Service: "scheduler.amazonaws.com" },
            Condition: {
              StringEquals: { "aws:SourceAccount": "<AWS::AccountId>", "aws:SourceArn": group },
            },
          },
        ],
      },
    ]);
  });

  test("its failures -> two more attempts within an hour, then the queue", () => {
    expect(propertiesOf(pipeline, "AWS::Lambda::EventInvokeConfig")).toContainEqual({
      FunctionName: "<SweepClustersFunction>",
      Qualifier: "$LATEST",
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 3_600,
      DestinationConfig: { OnFailure: { Destination: "<SweepClustersFailures.Arn>" } },
    });
  });
});

describe("links to answer", () => {
  const { pipeline: answering } = synthesize({ ...exampleConfig, answer: { links: true } });
  const KEY = "<AnswerMailKey>";

  test("not asked for -> no function that anybody can reach, and no secret", () => {
    for (const type of ["AWS::Lambda::Url", "AWS::SecretsManager::Secret"]) pipeline.resourceCountIs(type, 0);
    expect(functionOf("answer_mail")).toBeUndefined();
  });

  test("the function -> synchronous, with a URL that everybody may call and nothing else", () => {
    expect(functionOf("answer_mail", answering)).toMatchObject({
      ...LAMBDA_FUNCTION,
      Timeout: 10,
      LoggingConfig: { LogGroup: "<AnswerMailLogs>" },
      Environment: {
        Variables: { NAME: "ha2m", CLUSTERS_TABLE: "<OutputRefClusters>", ANSWER_KEY_SECRET_ARN: KEY },
      },
    });
    expect(propertiesOf(answering, "AWS::Lambda::Url")).toEqual([
      { AuthType: "NONE", TargetFunctionArn: "<AnswerMailFunction.Arn>" },
    ]);
    const permissions = propertiesOf(answering, "AWS::Lambda::Permission");
    expect(permissions.filter(({ FunctionName }) => FunctionName === "<AnswerMailFunction.Arn>")).toEqual([
      {
        Action: "lambda:InvokeFunctionUrl",
        FunctionName: "<AnswerMailFunction.Arn>",
        FunctionUrlAuthType: "NONE",
        Principal: "*",
      },
      {
        Action: "lambda:InvokeFunction",
        FunctionName: "<AnswerMailFunction.Arn>",
        InvokedViaFunctionUrl: true,
        Principal: "*",
      },
    ]);
    expect(propertiesOf(answering, "AWS::Lambda::EventInvokeConfig")).toHaveLength(2);
  });

  test("its role -> its logs, to update items, to read its key, and nothing else", () => {
    expect(statementsOf("AnswerMailRole", answering)).toEqual([
      writeLogs("AnswerMailLogs"),
      allow("AnswerIncidents", "dynamodb:UpdateItem", CLUSTERS_TABLE),
      allow("ReadKey", "secretsmanager:GetSecretValue", KEY),
    ]);
  });

  test("the key -> generated, long, of letters and digits, and gone with the stack", () => {
    expect(propertiesOf(answering, "AWS::SecretsManager::Secret")).toEqual([
      {
        Description: expect.any(String),
        GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true },
      },
    ]);
    answering.hasResource("AWS::SecretsManager::Secret", { DeletionPolicy: "Delete" });
  });

  test("send_cluster_mail -> knows the URL, and may read the key besides what it may anyway", () => {
    expect(functionOf("send_cluster_mail", answering)?.Environment).toMatchObject({
      Variables: { ANSWER_URL: "<AnswerMailUrl.FunctionUrl>", ANSWER_KEY_SECRET_ARN: KEY },
    });
    const added = statementsOf("SendClusterMailRole", answering).filter(
      (statement) => !statementsOf("SendClusterMailRole").some((own) => isDeepStrictEqual(own, statement)),
    );
    expect(added).toEqual([allow("ReadKey", "secretsmanager:GetSecretValue", KEY)]);
  });
});

describe("other ways out", () => {
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
