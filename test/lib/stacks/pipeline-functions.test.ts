/** The functions of the pipeline: settings, roles, schedules and failures. */
import { isDeepStrictEqual } from "node:util";
import { SEND_TIMEOUT_S } from "../../../lib/contract/time-limits.ts";
import { exampleConfig, propertiesOf, synthesize } from "../example-app.ts";
import {
  allow,
  functionOf,
  LAMBDA_FUNCTION,
  pipeline,
  role,
  statementsOf,
  writeLogs,
} from "./pipeline-fixture.ts";

const CLUSTERS_TABLE = "<OutputFnGetAttClustersArn>";

const ALERTS = '{"sweep_minutes":15,"reminders_max":5,"storm_limit":5,"battery_empty_mv":4600}';

/** What both functions are told. */
const SHARED = {
  NAME: "ha2m",
  CLUSTERS_TABLE: "<OutputRefClusters>",
  READINGS_TABLE: "<OutputRefReadings>",
  CLUSTERS: JSON.stringify(exampleConfig.clusters),
  MAIL_TO: "you@example.com,me@example.org",
  ALERTS,
  WATCH: "essential",
};

/** The environment of a function where the configuration says this of mails. */
function variablesOf(name: string, mail: object): unknown {
  const { pipeline: of } = synthesize({ ...exampleConfig, mail: { ...exampleConfig.mail, ...mail } });
  const environment = functionOf(name, of)?.Environment as { readonly Variables?: unknown } | undefined;
  return environment?.Variables;
}

describe.each([
  {
    name: "send_cluster_mail",
    id: "SendClusterMail",
    timeoutS: SEND_TIMEOUT_S,
    within: "six hours",
    ageS: 21_600,
    variables: { MAIL_FROM: "ha2m@example.com", RUNBOOK_URL: "https://example.com/RUNBOOK.md" },
  },
  {
    name: "sweep_clusters",
    id: "SweepClusters",
    timeoutS: 30,
    within: "an hour",
    ageS: 3_600,
    variables: {
      SEND_FUNCTION: "<SendClusterMailFunction>",
      QUEUES: JSON.stringify({
        "errors of the readings rule": "<ReadingsRuleErrors>",
        "errors of the events rule": "<EventsRuleErrors>",
        "failures of send_cluster_mail": "<SendClusterMailFailures>",
        "failures of sweep_clusters": "<SweepClustersFailures>",
      }),
    },
  },
])("$name", ({ name, id, timeoutS, within, ageS, variables }) => {
  test("its function -> pinned runtime, limits and environment", () => {
    expect(functionOf(name)).toMatchObject({
      ...LAMBDA_FUNCTION,
      Timeout: timeoutS,
      LoggingConfig: { LogGroup: `<${id}Logs>` },
      Role: `<${id}Role.Arn>`,
    });
    expect(functionOf(name)?.Environment).toEqual({ Variables: { ...SHARED, ...variables } });
  });

  test(`its failures -> two more attempts within ${within}, then the queue`, () => {
    expect(propertiesOf(pipeline, "AWS::Lambda::EventInvokeConfig")).toContainEqual({
      FunctionName: `<${id}Function>`,
      Qualifier: "$LATEST",
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: ageS,
      DestinationConfig: { OnFailure: { Destination: `<${id}Failures.Arn>` } },
    });
  });
});

describe("what the configuration says of mails", () => {
  test("no weekly report -> said to the sweep, which puts it together", () => {
    expect(variablesOf("sweep_clusters", { weekly: false })).toMatchObject({
      ALERTS: JSON.stringify({ ...JSON.parse(ALERTS), weekly: false }),
    });
  });

  test("constant subjects -> said to the function", () => {
    expect(variablesOf("send_cluster_mail", { subjects: "constant" })).toMatchObject({
      SUBJECTS: "constant",
    });
  });

  test("recipients with quiet hours, a time zone or hours until escalation -> all recipients as JSON, in the names of the configuration", () => {
    const quiet = { from: "22:00", to: "07:00", time_zone: "Europe/London" };
    const abroad = { address: "them@example.net", time_zone: "America/Lima" };
    const late = { address: "late@example.net", after_hours: 1.5 };
    const to = ["you@example.com", { address: "me@example.org", quiet }, abroad, late];
    for (const name of ["send_cluster_mail", "sweep_clusters"])
      expect(variablesOf(name, { to })).toMatchObject({ MAIL_TO: JSON.stringify(to) });
  });
});

describe("the role of send_cluster_mail", () => {
  const ses = (resource: string) => `arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:${resource}/*`;
  const sendMail = {
    ...allow("SendMail", "ses:SendRawEmail", [ses("configuration-set"), ses("identity")]),
    Condition: { StringEquals: { "ses:FromAddress": exampleConfig.mail.from } },
  };
  const statements = [
    writeLogs("SendClusterMailLogs"),
    allow("KeepIncidents", ["dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"], CLUSTERS_TABLE),
    allow("ReadLastDay", "dynamodb:Query", "<OutputFnGetAttReadingsArn>"),
    sendMail,
    allow("KeepFailures", "sqs:SendMessage", "<SendClusterMailFailures.Arn>"),
  ];

  test("its role -> its logs, its tables, its sender, its queue, and nothing else", () => {
    expect(statementsOf("SendClusterMailRole")).toEqual(statements);
  });

  test("a domain as identity -> the function still writes from the one address only", () => {
    const mail = { ...exampleConfig.mail, identity: "example.com" };
    const ofDomain = synthesize({ ...exampleConfig, mail }).pipeline;
    expect(statementsOf("SendClusterMailRole", ofDomain)).toEqual(statements);
  });
});

const iotArn = (resource: string): string =>
  `arn:<AWS::Partition>:iot:<AWS::Region>:<AWS::AccountId>:${resource}`;

describe("the role of sweep_clusters", () => {
  test("its role -> its logs, its table, to count readings and failures, to invoke send_cluster_mail, to read the nodes' certificates, its queue, and nothing else", () => {
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
      allow("FindCertificates", "iot:ListThingPrincipals", "*"),
      allow("ReadCertificates", "iot:DescribeCertificate", iotArn("cert/*")),
      allow("KeepFailures", "sqs:SendMessage", "<SweepClustersFailures.Arn>"),
    ]);
  });
});

describe("the schedule of sweep_clusters", () => {
  const group = "arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule-group/ha2m";

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
        Variables: {
          NAME: "ha2m",
          CLUSTERS_TABLE: "<OutputRefClusters>",
          ANSWER_KEY_SECRET_ARN: KEY,
          MAIL_TO: expect.stringContaining("@"),
        },
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
