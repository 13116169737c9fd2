/**
 * Every permission of the template is needed, and none but these: each is taken away by itself, and the smallest flow that
 * needs it breaks, with the refusal in the log.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { QueryCommand } from "@aws-sdk/client-dynamodb";
import { mqtt } from "aws-iot-device-sdk-v2";
import { CLUSTERS_KEY } from "../../lib/contract/tables.ts";
import { ingestedReadingTopic, lateTopic, nodeTopic } from "../../lib/contract/topics.ts";
import { freshAssembly } from "../../simulator/cli/shared/assembly-cache.ts";
import { readCdkJson } from "../../simulator/cli/shared/cdk-json.ts";
import { clientFor, OWNER_KEY } from "../../simulator/local-cloud/dynamodb-client.ts";
import { loadAssembly } from "../../simulator/local-cloud/template/assembly.ts";
import { AssemblyCopy, ComposedCloud } from "../simulator/local-cloud/composed-cloud.ts";
import { sdkConnect } from "../simulator/local-cloud/sdk-client.ts";
import { death, reading } from "../simulator/local-cloud/support/messages.ts";

const STACKS = ["Ha2mData", "Ha2mPipeline", "Ha2mDevices"];
const ACCOUNT = { accountId: "123456789012", region: "us-east-1" };

/** The app with everything that it can have: each option brings permissions of its own. */
const everything = (): Promise<string> => {
  const { ha2m } = readCdkJson().context as { readonly ha2m: object };
  const options = {
    answer: { links: true },
    notify: { event_bus: true, sns: [{ protocol: "sms", endpoint: "+447700900123" }] },
    readings: { basic_ingest: true },
  };
  return freshAssembly(() => undefined, { ha2m: { ...ha2m, ...options } });
};

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
const listed = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);
const withoutHash = (name: string): string => name.replace(/[0-9A-F]{8}/g, "");

/** The documents of a role, or of an IoT policy. */
function documentsOf(properties: Readonly<Record<string, unknown>>): { Statement: Statement[] }[] {
  const { Policies, PolicyDocument } = properties as {
    readonly Policies?: readonly { readonly PolicyDocument: { Statement: Statement[] } }[];
    readonly PolicyDocument?: { Statement: Statement[] };
  };
  return [
    ...(Policies ?? []).map((policy) => policy.PolicyDocument),
    ...(PolicyDocument === undefined ? [] : [PolicyDocument]),
  ];
}
const HOLDERS = ["AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IoT::Policy"];

/** One action on one resource, by the text that names it here, and where it stands. */
interface Permission {
  readonly name: string;
  readonly logicalId: string;
  /** Of document, statement, action and resource; undefined for a permission of a function. */
  readonly at: readonly [number, number, number, number] | undefined;
}

const conditionText = (conditions: Statement["Condition"] = {}): string =>
  Object.entries(conditions)
    .flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, value]) => ` if ${key} ${operator} ${value}`),
    )
    .join("");

/** What else a function's permission asks of its caller. */
const callersOf = (properties: Readonly<Record<string, unknown>>): string =>
  ["SourceAccount", "SourceArn", "FunctionUrlAuthType", "InvokedViaFunctionUrl"]
    .filter((key) => properties[key] !== undefined)
    .map((key) => ` if ${key} ${String(properties[key])}`)
    .join("");

function permissionsOf(assemblyDir: string): Permission[] {
  const assembly = loadAssembly(assemblyDir, ACCOUNT);
  const nameOf = (arn: string): string => withoutHash(arn.split(":").slice(5).join(":"));
  const ofHolders = assembly.resources(...HOLDERS).flatMap(({ logicalId, properties }) =>
    documentsOf(properties).flatMap(({ Statement }, d) =>
      Statement.flatMap(({ Action, Resource, Condition }, s) =>
        listed(Action).flatMap((action, a) =>
          listed(Resource as string | string[]).map((resource, r) => ({
            name: `${withoutHash(logicalId)} ${action} ${nameOf(resource)}${conditionText(Condition)}`,
            logicalId,
            at: [d, s, a, r] as const,
          })),
        ),
      ),
    ),
  );
  const ofFunctions = assembly.resources("AWS::Lambda::Permission").map(({ logicalId, properties }) => ({
    name: `${withoutHash(logicalId)} ${properties.Action} by ${properties.Principal}${callersOf(properties)}`,
    logicalId,
    at: undefined,
  }));
  return [...ofHolders, ...ofFunctions];
}

/** Takes permissions out of the templates, and leaves what their statements say besides. */
function takeAway(dir: string, taken: readonly Permission[]): void {
  for (const stack of STACKS) {
    const file = join(dir, `${stack}.template.json`);
    const template = JSON.parse(readFileSync(file, "utf8"));
    for (const logicalId of new Set(taken.map((permission) => permission.logicalId))) {
      const properties = template.Resources[logicalId]?.Properties;
      if (properties === undefined) continue;
      const places = taken.filter((permission) => permission.logicalId === logicalId).map(({ at }) => at);
      if (places.includes(undefined)) properties.FunctionName = "nobody";
      else removeFrom(documentsOf(properties), new Set(places.map(String)));
    }
    writeFileSync(file, JSON.stringify(template));
  }
}

/** Each statement as one for each action and resource, those apart that are taken. */
function removeFrom(documents: readonly { Statement: Statement[] }[], taken: ReadonlySet<string>): void {
  for (const [d, document] of documents.entries())
    document.Statement = document.Statement.flatMap((statement, s) =>
      listed(statement.Action).flatMap((Action, a) =>
        listed(statement.Resource).flatMap((Resource, r) =>
          taken.has(String([d, s, a, r])) ? [] : [{ ...statement, Action, Resource }],
        ),
      ),
    );
}

let composed: ComposedCloud;

/** Straight to the rules: only the flows of the nodes' own policy need the broker. */
async function accept(topic: string, payload: string): Promise<void> {
  composed.cloud.accept({ topic, payload: Buffer.from(payload), clientId: "test" });
  await composed.cloud.idle();
}
const READINGS = nodeTopic("reading", "kitchen", 0);
const LATE = lateTopic(READINGS) ?? "";
const EVENTS = nodeTopic("event", "kitchen", 1);

/** Sort keys of the cluster's items beside its readings. */
async function clusterItems(): Promise<string[]> {
  const { endpoint, tables } = composed.cloud.dynamodb;
  const client = clientFor(endpoint, OWNER_KEY);
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: tables.find(({ keys }) => keys[1] === CLUSTERS_KEY.sort)!.name,
      KeyConditionExpression: "cluster_id = :cluster",
      ExpressionAttributeValues: { ":cluster": { S: "kitchen" } },
    }),
  );
  client.destroy();
  return Items.map((item) => String(item[CLUSTERS_KEY.sort]?.S));
}
const isQueued = (queue: string): boolean =>
  composed.queued.some((message) => withoutHash(message.queue).endsWith(`-${queue}`));
const subjects = (): string[] => composed.mails.map(({ subject }) => subject);
const FIRING = "[ha2m] FIRING kitchen: node 0 stopped, node 1 took over";

/** As a node: the device SDK, its own certificate. False: it was cut off, or not let in. */
async function published(topic: string): Promise<boolean> {
  const { mqtt: broker, nodes } = composed.cloud;
  const { thing, certPath, keyPath } = nodes[0]!;
  const read = (file: string) => readFileSync(file, "utf8");
  const endpoint = { authority: { caPem: read(broker.caPath) }, broker };
  const client = await sdkConnect(endpoint, thing, { certPem: read(certPath), keyPem: read(keyPath) }).catch(
    () => undefined,
  );
  if (client === undefined) return false;
  const done = client.connection.publish(topic, reading(), mqtt.QoS.AtLeastOnce).then(
    () => true,
    () => false,
  );
  const accepted = await Promise.race([done, client.closed.then(() => false)]);
  await client.end();
  await composed.cloud.idle();
  return accepted;
}

interface Flow {
  /** Breaks something first: what happens then needs permissions of its own. */
  readonly prepare?: readonly string[];
  /** Whether all of it came about. */
  readonly works: () => Promise<boolean>;
}

const EVENTS_RULE_MAY = `EventsRuleInvoke0 lambda:InvokeFunction by iot.amazonaws.com if SourceAccount ${ACCOUNT.accountId} if SourceArn arn:aws:iot:${ACCOUNT.region}:${ACCOUNT.accountId}:rule/ha2m_events`;

/** As in cdk.json. */
const SENDER = "ha2m@example.com";

const FLOWS = {
  "a reading is stored, and the heartbeat with it": {
    works: async () => {
      await accept(READINGS, reading());
      return (await composed.stored()).length === 1 && (await clusterItems()).includes("heartbeat#0");
    },
  },
  "a reading that cannot be stored is kept": {
    works: async () => {
      await accept(READINGS, reading({ temperature_c: 200 }));
      return isQueued("ReadingsRuleErrors");
    },
  },
  "a reading that is handed in late is stored": {
    works: async () => {
      await accept(LATE, reading());
      return (await composed.stored()).length === 1;
    },
  },
  "a late reading that cannot be stored is kept": {
    works: async () => {
      await accept(LATE, reading({ temperature_c: 200 }));
      return isQueued("ReadingsRuleErrors");
    },
  },
  "a death is mailed with a link, noted, and told to bus and topic": {
    works: async () => {
      await accept(EVENTS, death());
      const told = composed.texts("notice-published").length === 1;
      const linked = /http:\/\/127\.0\.0\.1:/.test(composed.mails[0]?.text ?? "");
      await accept(EVENTS, death());
      return (
        told && linked && composed.decisions(false).join() === "already-told" && subjects().join() === FIRING
      );
    },
  },
  "a mail of which the topic cannot be told is kept": {
    prepare: ["NoticesRole sns:Publish Ha2mPipeline-NoticesTopic"],
    works: async () => {
      await accept(EVENTS, death());
      await composed.settle();
      return isQueued("NoticesFailures");
    },
  },
  "a death is mailed by an identity with a configuration set": {
    works: async () => {
      // As the console's first steps leave it.
      composed.cloud.ses.account.verify({ name: SENDER, configurationSet: "my-first-configuration-set" });
      await accept(EVENTS, death());
      return subjects().join() === FIRING;
    },
  },
  "an event that the function fails on is kept": {
    works: async () => {
      await accept(EVENTS, "{}");
      await composed.settle();
      return isQueued("SendClusterMailFailures");
    },
  },
  "an event that its rule cannot hand on is kept": {
    prepare: [EVENTS_RULE_MAY],
    works: async () => {
      await accept(EVENTS, death());
      return isQueued("EventsRuleErrors");
    },
  },
  "silence is found by a sweep, and mailed; the battery is noted": {
    works: async () => {
      await accept(READINGS, reading());
      await composed.pass(3);
      const noted = (await clusterItems()).some((key) => key.startsWith("battery#"));
      return noted && /silent/.test(subjects().join());
    },
  },
  "what waits in a queue is counted by a sweep, and mailed": {
    works: async () => {
      await accept(READINGS, reading({ temperature_c: 200 }));
      composed.clock.pass(0);
      await composed.cloud.idle();
      return /FIRING backend/.test(subjects().join());
    },
  },
  "the readings of an hour are counted by a sweep": {
    works: async () => {
      composed.clock.pass(0);
      await composed.cloud.idle();
      return composed.log.some(({ fields }) => fields?.message === "hour" && fields.readings === 0);
    },
  },
  "a sweep that fails is kept": {
    prepare: ["SweepClustersRole dynamodb:Query table/Ha2mData-Clusters"],
    works: async () => {
      await composed.pass(1);
      await composed.settle();
      return isQueued("SweepClustersFailures");
    },
  },
  "a sweep that cannot be started is kept": {
    prepare: ["SweepClustersScheduleRole lambda:InvokeFunction function:ha2m-sweep_clusters"],
    works: async () => {
      composed.clock.pass(0);
      await composed.cloud.idle();
      return isQueued("SweepClustersFailures");
    },
  },
  "a link in a mail is answered": {
    works: async () => {
      await accept(EVENTS, death());
      const link = /http:\/\/127\.0\.0\.1:\S+/.exec(composed.mails[0]?.text ?? "")?.[0] ?? "";
      const { status } = await fetch(link, {
        method: "POST",
        body: new URLSearchParams({ answer: "acknowledge" }),
      });
      return status === 200;
    },
  },
  "a node publishes a reading": { works: () => published(READINGS) },
  "a node publishes an event": { works: () => published(nodeTopic("event", "kitchen", 0)) },
  "a node publishes a reading by Basic Ingest": {
    works: () => published(ingestedReadingTopic(READINGS)),
  },
} satisfies Readonly<Record<string, Flow>>;
type FlowName = keyof typeof FLOWS;

const CLUSTERS = "table/Ha2mData-Clusters";
const AS_THE_SENDER = `if ses:FromAddress StringEquals ${SENDER}`;
const KEY = "secret:Ha2mPipeline-AnswerMailKey-Local1";
const OWN = `\${iot:Connection.Thing.Attributes[cluster]}/\${iot:Connection.Thing.Attributes[node]}`;

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
  const { prepare = [], works }: Flow = FLOWS[flow];
  takeAway(copy.dir, [...prepare, ...taken].map(named));
  await composed.start(copy.dir);
  return works();
}

test("the permissions of the templates -> those below and the log's, no more and no fewer, each on one named resource", () => {
  const names = permissions.map(({ name }) => name);
  expect(names.filter((name) => !NOT_EMULATED.test(name)).sort()).toEqual(Object.keys(NEEDED).sort());
  expect(names.filter((name) => NOT_EMULATED.test(name))).toHaveLength(8);
  // A wildcard would be a permission for more than the flow needs. But everybody may ask a function's URL, and SES asks
  // for recipients' identities besides; there the condition keeps to the one sender.
  const named = Object.keys(NEEDED).filter((name) => !name.endsWith(AS_THE_SENDER));
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
