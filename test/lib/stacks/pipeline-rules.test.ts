/** The rules of the pipeline: their SQL, actions and roles. */
import { eventsSql, lateReadingsSql, readingsSql } from "../../../lib/constructs/rule-sql.ts";
import { propertiesOf } from "../example-app.ts";
import { allow, pipeline, role } from "./pipeline-fixture.ts";

const rule = (name: string) =>
  propertiesOf(pipeline, "AWS::IoT::TopicRule").find(({ RuleName }) => RuleName === name)?.TopicRulePayload;

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
