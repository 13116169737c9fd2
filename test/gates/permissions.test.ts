/** Who may do what, in the form of the stacks that has everything: what the tests of the smaller forms leave open. */
import { propertiesById } from "../lib/example-app.ts";
import { variants } from "./variants.ts";

const { pipeline, devices } = variants["everything there is"];

/** The documents at a property of each resource of a type, by logical id without its hash. */
const documentsOf = (template: typeof pipeline, type: string, property: string): Record<string, unknown> =>
  Object.fromEntries(
    [...propertiesById(template, type)].map(([id, properties]) => [id, properties[property]]),
  );
const document = (...Statement: object[]) => ({ Version: "2012-10-17", Statement });
const arn = (rest: string) =>
  `arn:<AWS::Partition>:${rest.replace("::", ":<AWS::Region>:<AWS::AccountId>:")}`;

test("every role -> assumed by one service, for this account, and for one source where the service names it", () => {
  const trust = (service: string, source: Record<string, Record<string, string>> = {}) => {
    const { StringEquals = {}, ...others } = source;
    return document({
      Effect: "Allow",
      Action: "sts:AssumeRole",
      Principal: { Service: `${service}.amazonaws.com` },
      Condition: { StringEquals: { "aws:SourceAccount": "<AWS::AccountId>", ...StringEquals }, ...others },
    });
  };
  const equals = (source: string) => ({ StringEquals: { "aws:SourceArn": arn(source) } });
  const like = (source: string) => ({ ArnLike: { "aws:SourceArn": arn(source) } });
  expect(documentsOf(pipeline, "AWS::IAM::Role", "AssumeRolePolicyDocument")).toEqual({
    SendClusterMailRole: trust("lambda"),
    SweepClustersRole: trust("lambda"),
    AnswerMailRole: trust("lambda"),
    ReadingsRuleRole: trust("iot", like("iot::rule/ha2m_readings")),
    LateReadingsRuleRole: trust("iot", like("iot::rule/ha2m_late_readings")),
    EventsRuleRole: trust("iot", like("iot::rule/ha2m_events")),
    SweepClustersScheduleRole: trust("scheduler", equals("scheduler::schedule-group/ha2m")),
    NoticesRole: trust("lambda"),
  });
});

test("tables that are taken over -> the same rights and the same actions, on these tables", () => {
  const little = variants["as little as can be"].pipeline;
  const adopting = variants["over what an earlier deployment left"].pipeline;
  const readings = "<OutputRefReadings>";
  const clusters = "<OutputRefClusters>";
  const adopted = (value: unknown): unknown =>
    JSON.parse(
      JSON.stringify(value)
        .replaceAll("<OutputFnGetAttReadingsArn>", arn("dynamodb::table/old-readings"))
        .replaceAll("<OutputFnGetAttClustersArn>", arn("dynamodb::table/old-clusters"))
        .replaceAll(readings, "old-readings")
        .replaceAll(clusters, "old-clusters"),
    );
  for (const [type, property] of [
    ["AWS::IAM::Role", "Policies"],
    ["AWS::IoT::TopicRule", "TopicRulePayload"],
  ] as const)
    expect(documentsOf(adopting, type, property)).toEqual(adopted(documentsOf(little, type, property)));
});

const noPlainHttp = { Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } };

test("every queue -> closed to plain HTTP; the rule of the notices may put in what it could not deliver", () => {
  const closed = (queue: string) => ({
    ...noPlainHttp,
    Principal: { AWS: "*" },
    Action: "sqs:*",
    Resource: `<${queue}.Arn>`,
  });
  const ofQueue = (queue: string, ...more: object[]) => [`${queue}Policy`, document(closed(queue), ...more)];
  expect(documentsOf(pipeline, "AWS::SQS::QueuePolicy", "PolicyDocument")).toEqual(
    Object.fromEntries([
      ofQueue("SendClusterMailFailures"),
      ofQueue("SweepClustersFailures"),
      ofQueue("ReadingsRuleErrors"),
      ofQueue("EventsRuleErrors"),
      ofQueue("NoticesFailures", {
        Sid: expect.stringMatching(/^AllowEventRule/),
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: "<NoticesFailures.Arn>",
        Condition: { ArnEquals: { "aws:SourceArn": "<NoticesRule.Arn>" } },
      }),
    ]),
  );
});

test("the topic of the notices -> closed to plain HTTP; nobody publishes by its policy", () => {
  expect(documentsOf(pipeline, "AWS::SNS::TopicPolicy", "PolicyDocument").NoticesTopicPolicy).toEqual(
    document({
      ...noPlainHttp,
      Sid: "AllowPublishThroughSSLOnly",
      Principal: "*",
      Action: "sns:Publish",
      Resource: "<NoticesTopic>",
    }),
  );
});

test("sweep_clusters -> counts what waits in each queue, that of the notices among them, reads certificates, and may nothing more than otherwise", () => {
  const inline = documentsOf(pipeline, "AWS::IAM::Role", "Policies").SweepClustersRole as readonly {
    readonly PolicyDocument: { readonly Statement: readonly { readonly Sid: string }[] };
  }[];
  const statements = inline.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  expect(statements.map(({ Sid }) => Sid)).toEqual([
    "WriteLogs",
    "ReadClusters",
    "CountReadings",
    "SignalMail",
    "CountFailures",
    "FindCertificates",
    "ReadCertificates",
    "KeepFailures",
  ]);
  expect(statements.filter(({ Sid }) => Sid === "CountFailures")).toEqual([
    {
      Sid: "CountFailures",
      Effect: "Allow",
      Action: "sqs:GetQueueAttributes",
      Resource: [
        "<EventsRuleErrors.Arn>",
        "<NoticesFailures.Arn>",
        "<ReadingsRuleErrors.Arn>",
        "<SendClusterMailFailures.Arn>",
        "<SweepClustersFailures.Arn>",
      ],
    },
  ]);
  expect(statements.filter(({ Sid }) => ["FindCertificates", "ReadCertificates"].includes(Sid))).toEqual([
    {
      Sid: "FindCertificates",
      Effect: "Allow",
      Action: "iot:ListThingPrincipals",
      Resource: "*",
    },
    {
      Sid: "ReadCertificates",
      Effect: "Allow",
      Action: "iot:DescribeCertificate",
      Resource: arn("iot::cert/*"),
    },
  ]);
});

test("nodes that may publish past the broker -> three topics of their own, and nothing else", () => {
  const own = "${iot:Connection.Thing.Attributes[cluster]}/${iot:Connection.Thing.Attributes[node]}";
  expect(documentsOf(devices, "AWS::IoT::Policy", "PolicyDocument")).toEqual({
    NodesPolicy: document(
      {
        Effect: "Allow",
        Action: "iot:Connect",
        Resource: arn("iot::client/${iot:Connection.Thing.ThingName}"),
        Condition: { Bool: { "iot:Connection.Thing.IsAttached": "true" } },
      },
      {
        Effect: "Allow",
        Action: "iot:Publish",
        Resource: [
          arn(`iot::topic/$aws/rules/ha2m_readings/rosie/reading/${own}`),
          arn(`iot::topic/rosie/event/${own}`),
          arn(`iot::topic/rosie/reading/${own}`),
        ],
      },
    ),
  });
});
