import { Match } from "aws-cdk-lib/assertions";
import { eventsSql, readingsSql } from "../../../lib/constructs/rule-sql.ts";
import { exampleConfig, propertiesOf, synthesize } from "../example-app.ts";

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

test.each(["ha2m_readings", "ha2m_events"])(
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

describe("send_cluster_mail", () => {
  const sendMail = (pipelineOf = pipeline) =>
    propertiesOf(pipelineOf, "AWS::IAM::Role").flatMap(({ Policies }) =>
      (Policies as { PolicyDocument: { Statement: { Sid: string }[] } }[]).flatMap(({ PolicyDocument }) =>
        PolicyDocument.Statement.filter(({ Sid }) => Sid === "SendMail"),
      ),
    );
  const mailStatement = (identity: string) => ({
    ...allow("SendMail", "ses:SendRawEmail", identity),
    Condition: { StringEquals: { "ses:FromAddress": exampleConfig.mail.from } },
  });
  const sender = "arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:identity/<Sender>";

  test("its function -> pinned runtime, limits and environment", () => {
    expect(propertiesOf(pipeline, "AWS::Lambda::Function")).toEqual([
      expect.objectContaining({
        FunctionName: "ha2m-send_cluster_mail",
        Handler: "index.handler",
        Runtime: "nodejs24.x",
        Architectures: ["arm64"],
        MemorySize: 256,
        Timeout: 10,
        LoggingConfig: { LogGroup: "<SendClusterMailLogs>" },
        Role: "<SendClusterMailRole.Arn>",
        Environment: {
          Variables: {
            CLUSTERS_TABLE: "<OutputRefClusters>",
            CLUSTERS: JSON.stringify(exampleConfig.clusters),
            MAIL_FROM: "ha2m@example.com",
            MAIL_TO: "you@example.com,me@example.org",
            RUNBOOK_URL: "https://example.com/RUNBOOK.md",
          },
        },
      }),
    ]);
  });

  test("its role -> its logs, its table, its sender, its queue, and nothing else", () => {
    expect(role("lambda.amazonaws.com").map(({ Policies }) => Policies)).toEqual([
      inline([
        allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], "<SendClusterMailLogs.Arn>"),
        allow(
          "KeepIncidents",
          ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
          "<OutputFnGetAttClustersArn>",
        ),
        mailStatement(sender),
        allow("KeepFailures", "sqs:SendMessage", "<SendClusterMailFailures.Arn>"),
      ]),
    ]);
  });

  test("its failures -> two more attempts within six hours, then the queue", () => {
    expect(propertiesOf(pipeline, "AWS::Lambda::EventInvokeConfig")).toEqual([
      {
        FunctionName: "<SendClusterMailFunction>",
        Qualifier: "$LATEST",
        MaximumRetryAttempts: 2,
        MaximumEventAgeInSeconds: 21_600,
        DestinationConfig: { OnFailure: { Destination: "<SendClusterMailFailures.Arn>" } },
      },
    ]);
  });

  test("its log -> kept as long as configured, without a custom resource", () => {
    expect(propertiesOf(pipeline, "AWS::Logs::LogGroup")).toEqual([
      { LogGroupName: "/aws/lambda/ha2m-send_cluster_mail", RetentionInDays: 30 },
    ]);
    pipeline.resourceCountIs("AWS::Lambda::Function", 1);
  });

  test("a sender's address -> is the identity", () => {
    expect(propertiesOf(pipeline, "AWS::SES::EmailIdentity")).toEqual([
      { EmailIdentity: "ha2m@example.com" },
    ]);
  });

  test("a domain as identity -> it is verified, and the function still writes from the one address only", () => {
    const mail = { ...exampleConfig.mail, identity: "example.com" };
    const ofDomain = synthesize({ ...exampleConfig, mail }).pipeline;
    ofDomain.hasResourceProperties("AWS::SES::EmailIdentity", { EmailIdentity: "example.com" });
    expect(sendMail(ofDomain)).toEqual([mailStatement(sender)]);
  });
});

test("no role -> has permissions besides its inline ones", () => {
  pipeline.resourceCountIs("AWS::IAM::Role", 3);
  pipeline.resourceCountIs("AWS::IAM::Policy", 0);
  pipeline.allResourcesProperties("AWS::IAM::Role", { ManagedPolicyArns: Match.absent() });
});

test("every queue -> encrypted, kept for 14 days, and closed to plain HTTP", () => {
  pipeline.resourceCountIs("AWS::SQS::Queue", 3);
  pipeline.allResourcesProperties("AWS::SQS::Queue", {
    SqsManagedSseEnabled: true,
    MessageRetentionPeriod: 14 * 86_400,
  });
  const queues = ["<SendClusterMailFailures>", "<ReadingsRuleErrors>", "<EventsRuleErrors>"];
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

test("outputs -> the function, the three queues and the sender to verify", () => {
  expect(Object.keys(pipeline.toJSON().Outputs).sort()).toEqual([
    "EventsRuleErrors",
    "ReadingsRuleErrors",
    "SendClusterMailFailures",
    "SendClusterMailName",
    "SenderIdentity",
  ]);
});
