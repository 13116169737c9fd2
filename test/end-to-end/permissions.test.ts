/**
 * Every permission of the template is needed, and none but these: each is taken away by itself, and the smallest flow that
 * needs it breaks, with the refusal in the log.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadAssembly } from "../../simulator/local-cloud/template/assembly.ts";
import { AssemblyCopy, ComposedCloud } from "../simulator/local-cloud/composed-cloud.ts";
import { EVENTS_RULE_MAY, FLOWS, type Flow, type FlowName, SENDER } from "./support/permission-flows.ts";
import {
  ACCOUNT,
  everything,
  type Permission,
  permissionsOf,
  takeAway,
  withoutHash,
} from "./support/permissions-of.ts";

const CLUSTERS = "table/Ha2mData-Clusters";
const AS_THE_SENDER = `if ses:FromAddress StringEquals ${SENDER}`;
const KEY = "secret:Ha2mPipeline-AnswerMailKey-Local1";
const OWN = `\${iot:Connection.Thing.Attributes[cluster]}/\${iot:Connection.Thing.Attributes[node]}`;

/** Ids of certificates that a person attached are known only when the sweep runs. */
const EVERY_CERTIFICATE = "SweepClustersRole iot:DescribeCertificate cert/*";
/** IAM knows no resource of this action. */
const EVERY_THING = "SweepClustersRole iot:ListThingPrincipals *";

/** Every permission of the templates, and a flow that needs it. */
const NEEDED: Readonly<Record<string, FlowName>> = {
  [`ReadingsRuleRole dynamodb:PutItem ${CLUSTERS}`]: "a reading is stored, and the heartbeat with it",
  "ReadingsRuleRole dynamodb:PutItem table/Ha2mData-Readings":
    "a reading is stored, and the heartbeat with it",
  "ReadingsRuleRole sqs:SendMessage Ha2mPipeline-ReadingsRuleErrors":
    "a reading that cannot be stored is kept",
  "LateReadingsRuleRole dynamodb:PutItem table/Ha2mData-Readings":
    "a reading that is handed in late is stored",
  "LateReadingsRuleRole sqs:SendMessage Ha2mPipeline-ReadingsRuleErrors":
    "a late reading that cannot be stored is kept",
  "EventsRuleRole sqs:SendMessage Ha2mPipeline-EventsRuleErrors":
    "an event that its rule cannot hand on is kept",
  [EVENTS_RULE_MAY]: "a death is mailed with a link, noted, and told to bus and topic",
  [`SendClusterMailRole dynamodb:PutItem ${CLUSTERS}`]:
    "a death is mailed with a link, noted, and told to bus and topic",
  [`SendClusterMailRole dynamodb:Query ${CLUSTERS}`]:
    "a death is mailed with a link, noted, and told to bus and topic",
  "SendClusterMailRole dynamodb:Query table/Ha2mData-Readings": "a mail draws the cluster's last day",
  [`SendClusterMailRole dynamodb:UpdateItem ${CLUSTERS}`]:
    "a death is mailed with a link, noted, and told to bus and topic",
  [`SendClusterMailRole ses:SendRawEmail identity/* ${AS_THE_SENDER}`]:
    "a death is mailed with a link, noted, and told to bus and topic",
  [`SendClusterMailRole ses:SendRawEmail configuration-set/* ${AS_THE_SENDER}`]:
    "a death is mailed by an identity with a configuration set",
  [`SendClusterMailRole secretsmanager:GetSecretValue ${KEY}`]:
    "a death is mailed with a link, noted, and told to bus and topic",
  "SendClusterMailRole events:PutEvents event-bus/ha2m":
    "a death is mailed with a link, noted, and told to bus and topic",
  "SendClusterMailRole sqs:SendMessage Ha2mPipeline-SendClusterMailFailures":
    "an event that the function fails on is kept",
  [`NoticesRuleAllowEventRuleHa2mPipelineNoticesFunction lambda:InvokeFunction by events.amazonaws.com if SourceArn arn:aws:events:us-east-1:${ACCOUNT.accountId}:rule/ha2m-mails`]:
    "a death is mailed with a link, noted, and told to bus and topic",
  "NoticesRole sns:Publish Ha2mPipeline-NoticesTopic":
    "a death is mailed with a link, noted, and told to bus and topic",
  "NoticesRole sqs:SendMessage Ha2mPipeline-NoticesFailures":
    "a mail of which the topic cannot be told is kept",
  [`SweepClustersRole dynamodb:PutItem ${CLUSTERS}`]:
    "silence is found by a sweep, and mailed; the battery is noted",
  [`SweepClustersRole dynamodb:Query ${CLUSTERS}`]:
    "silence is found by a sweep, and mailed; the battery is noted",
  "SweepClustersRole dynamodb:Query table/Ha2mData-Readings":
    "the readings of an hour are counted by a sweep",
  "SweepClustersRole lambda:InvokeFunction function:ha2m-send_cluster_mail":
    "silence is found by a sweep, and mailed; the battery is noted",
  ...Object.fromEntries(
    [
      "EventsRuleErrors",
      "NoticesFailures",
      "ReadingsRuleErrors",
      "SendClusterMailFailures",
      "SweepClustersFailures",
    ].map((queue) => [
      `SweepClustersRole sqs:GetQueueAttributes Ha2mPipeline-${queue}`,
      "what waits in a queue is counted by a sweep, and mailed" as const,
    ]),
  ),
  [EVERY_THING]: "a certificate that ends soon is found by a sweep, and mailed",
  [EVERY_CERTIFICATE]: "a certificate that ends soon is found by a sweep, and mailed",
  "SweepClustersRole sqs:SendMessage Ha2mPipeline-SweepClustersFailures": "a sweep that fails is kept",
  "SweepClustersScheduleRole lambda:InvokeFunction function:ha2m-sweep_clusters":
    "silence is found by a sweep, and mailed; the battery is noted",
  "SweepClustersScheduleRole sqs:SendMessage Ha2mPipeline-SweepClustersFailures":
    "a sweep that cannot be started is kept",
  [`AnswerMailRole dynamodb:UpdateItem ${CLUSTERS}`]: "a link in a mail is answered",
  [`AnswerMailRole secretsmanager:GetSecretValue ${KEY}`]: "a link in a mail is answered",
  "AnswerMailFunctioninvokefunctionurl lambda:InvokeFunctionUrl by * if FunctionUrlAuthType NONE":
    "a link in a mail is answered",
  "AnswerMailFunctioninvokefunction lambda:InvokeFunction by * if InvokedViaFunctionUrl true":
    "a link in a mail is answered",
  "NodesPolicy iot:Connect client/${iot:Connection.Thing.ThingName} if iot:Connection.Thing.IsAttached Bool true":
    "a node publishes a reading",
  [`NodesPolicy iot:Publish topic/rosie/reading/${OWN}`]: "a node publishes a reading",
  [`NodesPolicy iot:Publish topic/rosie/event/${OWN}`]: "a node publishes an event",
  [`NodesPolicy iot:Publish topic/$aws/rules/ha2m_readings/rosie/reading/${OWN}`]:
    "a node publishes a reading by Basic Ingest",
};

/** Lambda itself writes a function's log, here straight to our own: no call is made that a policy could refuse. */
const NOT_EMULATED = /^\w+Role logs:(?:CreateLogStream|PutLogEvents) log-group:\/aws\/lambda\/ha2m-\w+:\*$/;

let composed: ComposedCloud;
let assemblyDir: string;
let permissions: readonly Permission[];
let copy: AssemblyCopy;
beforeAll(async () => {
  assemblyDir = await everything();
  permissions = permissionsOf(assemblyDir);
});
beforeEach(() => {
  copy = new AssemblyCopy(assemblyDir);
  composed = new ComposedCloud();
});
afterEach(async () => {
  await composed.stop();
  copy.remove();
});

const named = (name: string): Permission => permissions.find((permission) => permission.name === name)!;

/** Whether the flow comes about without these permissions. */
async function worksWithout(flow: FlowName, taken: readonly string[]): Promise<boolean> {
  const { prepare = [], nowMs = composed.clock.now(), works }: Flow = FLOWS[flow];
  takeAway(copy.dir, [...prepare, ...taken].map(named));
  composed.clock.pass(nowMs - composed.clock.now());
  await composed.start(copy.dir);
  return works(composed);
}

test("the permissions of the templates -> those below and the log's, no more and no fewer, each on one named resource", () => {
  const names = permissions.map(({ name }) => name);
  expect(names.filter((name) => !NOT_EMULATED.test(name)).sort()).toEqual(Object.keys(NEEDED).sort());
  expect(names.filter((name) => NOT_EMULATED.test(name))).toHaveLength(8);
  // A wildcard would be a permission for more than the flow needs. But everybody may ask a function's URL, and SES asks
  // for recipients' identities besides; there the condition keeps to the one sender. A sweep reads any certificate and finds those of any thing.
  const named = Object.keys(NEEDED).filter(
    (name) => !name.endsWith(AS_THE_SENDER) && name !== EVERY_CERTIFICATE && name !== EVERY_THING,
  );
  expect(named.filter((name) => name.replace(" by * ", " ").includes("*"))).toEqual([]);
});

/** Execution roles: that Lambda names the function when it assumes one is not documented. */
const BY_ACCOUNT_ALONE = ["AnswerMailRole", "NoticesRole", "SendClusterMailRole", "SweepClustersRole"];

test("roles -> one service each, on behalf of this account and, where the service names it, of one resource", () => {
  const trusts = loadAssembly(assemblyDir, ACCOUNT)
    .resources("AWS::IAM::Role")
    .map(({ logicalId, properties }) => {
      const { Statement } = properties.AssumeRolePolicyDocument as {
        readonly Statement: readonly {
          readonly Principal: object;
          readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
        }[];
      };
      expect(Statement).toHaveLength(1);
      expect(Object.keys(Statement[0]!.Principal)).toEqual(["Service"]);
      const conditions = Object.values(Statement[0]!.Condition ?? {});
      return [withoutHash(logicalId), Object.assign({}, ...conditions) as Record<string, string>] as const;
    });
  expect(trusts).toHaveLength(8);
  for (const [role, { "aws:SourceAccount": account, "aws:SourceArn": source = "" }] of trusts) {
    expect([role, account]).toEqual([role, ACCOUNT.accountId]);
    expect([role, /^arn:aws:[^*?]+$/.test(source)]).toEqual([role, !BY_ACCOUNT_ALONE.includes(role)]);
  }
});

test("policies of queues and topics -> whatever a service may, it may on behalf of one source alone", () => {
  const template = JSON.parse(readFileSync(join(assemblyDir, "Ha2mPipeline.template.json"), "utf8")) as {
    readonly Resources: Readonly<Record<string, ResourcePolicy>>;
  };
  const allowed = Object.values(template.Resources)
    .filter(({ Type }) => Type === "AWS::SQS::QueuePolicy" || Type === "AWS::SNS::TopicPolicy")
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter(({ Effect }) => Effect === "Allow");
  expect(allowed.length).toBeGreaterThan(0);
  for (const { Principal, Condition } of allowed) {
    expect(Object.keys(Principal)).toEqual(["Service"]);
    expect(JSON.stringify(Condition)).toContain("aws:SourceArn");
  }
});

interface ResourcePolicy {
  readonly Type: string;
  readonly Properties: {
    readonly PolicyDocument: {
      readonly Statement: readonly {
        readonly Effect: string;
        readonly Principal: object;
        readonly Condition?: unknown;
      }[];
    };
  };
}

test.each(Object.keys(FLOWS) as FlowName[])("all permissions -> %s", async (flow) => {
  expect(await worksWithout(flow, [])).toBe(true);
});

test.each(Object.entries(NEEDED))(
  "without %s -> not: %s; the log says who may not do what",
  async (name, flow) => {
    expect(await worksWithout(flow, [name])).toBe(false);
    const [holder = "", action = ""] = name.split(" ");
    const texts = composed.log.map(({ text }) => text);
    const refused =
      named(name).at === undefined
        ? /AccessDeniedException: no AWS::Lambda::Permission lets .* invoke /
        : new RegExp(
            `${holder === "NodesPolicy" ? "" : holder}\\w* is not authorized to perform ${action} on `,
          );
    expect(texts).toContainEqual(expect.stringMatching(refused));
  },
);
