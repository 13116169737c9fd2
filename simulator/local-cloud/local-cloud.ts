/**
 * The local cloud: what the synthesized template describes, on this machine. `startLocalCloud` is the list of its parts,
 * in the order in which they need one another.
 *
 * Each part's header names what it does not emulate; `notEmulated` names the template's resource types, and features of
 * its tables, that no part carries out.
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Alarms } from "./alarms/alarms.ts";
import { QueueMetrics } from "./alarms/queue-metrics.ts";
import { type ControlPlane, openControlPlane } from "./api/control-plane.ts";
import { SesAccount, sesIdentities } from "./api/ses-account.ts";
import { endpointsOf, openApis } from "./api-endpoints.ts";
import { startBackend } from "./backends/backend.ts";
import { Chaos, type ChaosOptions } from "./chaos.ts";
import type { CloudClock } from "./clock.ts";
import type { CloudLog } from "./cloud-log.ts";
import { clientFor, OWNER_KEY } from "./dynamodb-client.ts";
import { EventBuses } from "./events/event-buses.ts";
import { type Queue, Queues } from "./events/queues.ts";
import { Scheduler } from "./events/scheduler.ts";
import { Topics } from "./events/sns-topics.ts";
import type { InvocationRecord } from "./functions/function-runner.ts";
import { serveUrls } from "./functions/serve-urls.ts";
import { type Functions, loadFunctions } from "./functions/template-functions.ts";
import { inProcess } from "./in-process.ts";
import { startBroker } from "./iot/broker.ts";
import type { PublishedMessage } from "./iot/broker-gate.ts";
import {
  issueIdentities,
  type NodeCredentials,
  type ProvisionedNode,
  temporaryKeys,
} from "./iot/identities.ts";
import { Intake, type NotDone } from "./iot/intake.ts";
import { TopicRules } from "./iot/topic-rules.ts";
import { decideIot, type IotPolicy } from "./policy/iot.ts";
import { Roles } from "./policy/roles.ts";
import { TopicPolicies } from "./policy/topic-policies.ts";
import { createTables, type TableName, tableName, tablesNotEmulated } from "./tables.ts";
import { loadAssembly, type NotEmulated } from "./template/assembly.ts";

/** The synthesized app that the cloud is built from, its clock, and where things are kept. */
export interface LocalCloudOptions {
  readonly assemblyDir: string;
  readonly clock: CloudClock;
  readonly log: CloudLog;
  /** The machine's time, epoch ms: TLS checks certificates against it, whatever the cloud's clock says. */
  readonly realNowMs: number;
  /** 0, the default: any free one. */
  readonly ports?: { readonly mqtt: number; readonly dynamodb: number; readonly ses: number };
  /** Where certificates and keys are written. @default a temporary folder, removed at `stop` */
  readonly keysDir?: string;
  /** Addresses and domains that are verified in SES besides the template's: the sandbox is on. @default none */
  readonly verified?: readonly string[];
  /** What goes wrong besides. @default nothing */
  readonly chaos?: ChaosOptions | undefined;
  /** Things that get a key of the cloud's own. @default "uncertified": those without a certificate in the template */
  readonly ownKeys?: "every-thing" | "uncertified";
}

/** The running cloud: where each of its services listens, and what has come of it. */
export interface LocalCloud {
  readonly mqtt: {
    readonly host: string;
    readonly port: number;
    readonly caPath: string;
  };
  /** Nodes that have a key of the cloud's own. */
  readonly nodes: readonly NodeCredentials[];
  /** AWS IoT's own API, as far as its owner uses it. */
  readonly iot: { readonly endpoint: string };
  /** All the APIs by which the owner looks after what is deployed. */
  readonly control: ControlPlane;
  readonly provisioned: readonly ProvisionedNode[];
  readonly dynamodb: {
    readonly endpoint: string;
    readonly region: string;
    readonly tables: readonly TableName[];
  };
  readonly ses: { readonly endpoint: string; readonly inbox: string; readonly account: SesAccount };
  /** Where messages that failed are read, and what takes them again. */
  readonly sqs: { readonly endpoint: string };
  readonly lambda: { readonly endpoint: string };
  readonly iotData: { readonly endpoint: string };
  readonly rules: readonly string[];
  readonly schedules: readonly string[];
  /** Where the function URLs are served. */
  readonly urls: readonly string[];
  readonly notEmulated: readonly NotEmulated[];
  readonly queues: readonly Queue[];
  /** Undefined: nothing goes wrong by itself. */
  readonly chaos: Pick<Chaos, "struck" | "end"> | undefined;
  /** Messages that were let in and put to the rules so far. */
  readonly messagesIn: number;
  /** Resolves once functions and inbox are loaded; rejects when one cannot be. */
  readonly ready: Promise<void>;
  /** By stack, what `cdk deploy --outputs-file` would write. @throws TemplateError */
  outputs(): Record<string, Record<string, unknown>>;
  /** Messages in each queue that holds any. */
  queued(): Record<string, number>;
  /** Puts a message to the rules without broker, certificate or policy, for runs that do without a network. */
  accept(message: PublishedMessage): void;
  /** Resolves when nothing runs; what waits for the clock does not count. */
  idle(): Promise<void>;
  /** Closes the broker, and resolves as `Intake.drain` does; `stop` is still to come. */
  drain(limit: Promise<unknown>): Promise<NotDone[]>;
  stop(): Promise<void>;
}

const ACCOUNT = { accountId: "123456789012", region: "us-east-1" } as const;
const FREE_PORTS = { mqtt: 0, dynamodb: 0, ses: 0 };
const TABLE_TYPES = ["AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"];

/**
 * @throws TemplateError, SqlError or PolicyError when the template holds what cannot be carried out faithfully, PortError
 * when a port is taken, KeysError when the certificates cannot be written. What had been started is stopped again.
 */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const started: (() => Promise<void> | void)[] = [];
  let stopped = false;
  const stop = async (): Promise<void> => {
    stopped = true;
    for (const end of started.splice(0).reverse()) await end();
  };
  // Parts start side by side: one that is up only after another has failed is ended at once.
  const onStop = (end: () => Promise<void> | void): void => {
    if (stopped) void end();
    else started.push(end);
  };
  try {
    return await compose(options, onStop, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function compose(
  options: LocalCloudOptions,
  onStop: (end: () => Promise<void> | void) => void,
  stop: () => Promise<void>,
): Promise<LocalCloud> {
  const { clock, log, ports = FREE_PORTS } = options;
  const urls = new Map<string, string>();
  const certificateIds = new Map<string, string>();
  const assembly = loadAssembly(options.assemblyDir, {
    ...ACCOUNT,
    functionUrl: (name) => urls.get(name),
    certificateId: (name) => certificateIds.get(name),
  });
  const chaos = options.chaos === undefined ? undefined : new Chaos(options.chaos, clock, log);
  const roles = new Roles(assembly);
  const queues = new Queues(assembly.resources("AWS::SQS::Queue"), ACCOUNT, clock, log, (queue) =>
    queueMetrics.changed(queue),
  );
  const sesAccount = new SesAccount(
    ACCOUNT.region,
    sesIdentities(assembly.resources("AWS::SES::EmailIdentity"), options.verified),
  );
  const topics = new Topics(
    assembly.resources("AWS::SNS::Topic"),
    assembly.resources("AWS::SNS::Subscription"),
    clock,
    log,
  );
  const started = async <T extends { stop(): Promise<void> }>(part: Promise<T>): Promise<T> => {
    const up = await part;
    onStop(() => up.stop());
    return up;
  };
  const [dynalite, inbox] = [startBackend("dynalite"), startBackend("ses")];
  for (const backend of [dynalite, inbox]) onStop(() => backend.stop());
  // Functions call APIs and have URLs, and both call functions: these come last, and requests wait for them.
  let provide!: (functions: Functions) => void;
  const functionsLater = new Promise<Functions>((resolve) => {
    provide = resolve;
  });
  const keysDir = options.keysDir ?? temporaryKeys(onStop);
  const [identities, apis] = await Promise.all([
    issueIdentities(assembly, {
      realNowMs: options.realNowMs,
      keysDir,
      ownKeys: options.ownKeys ?? "uncertified",
      onSigned: (name, certificateId) => certificateIds.set(name, certificateId),
    }),
    openApis(
      {
        assembly,
        roles,
        chaos,
        clock,
        log,
        ports,
        backends: { dynalite, inbox },
        functions: functionsLater,
        queues,
        topics,
        sesAccount,
        publish: (topic, payload, principal) => intake.publish(topic, payload, principal),
      },
      started,
    ),
    serveUrls(assembly, functionsLater, options, started, urls),
  ]);
  const { dynamodb, ses } = apis;

  const send = (
    queueArnOrUrl: string,
    roleArn: string,
    body: string,
    attributes?: Readonly<Record<string, string>>,
  ): void => {
    const { arn } = queues.find(queueArnOrUrl);
    roles.demand(roleArn, { action: "sqs:SendMessage", resource: arn });
    queues.send(arn, body, attributes);
  };
  const topicPolicies = new TopicPolicies(assembly.resources("AWS::SNS::TopicPolicy"), ACCOUNT);
  const alarms = new Alarms(
    assembly.resources("AWS::CloudWatch::Alarm"),
    ACCOUNT,
    {
      publish: (topicArn, alarmArn, { message, subject }) => {
        topicPolicies.demandForAlarm(topicArn, alarmArn);
        topics.publish(topicArn, message, subject);
      },
    },
    clock,
    log,
  );
  onStop(() => alarms.stop());
  const queueMetrics = new QueueMetrics(clock, alarms, ({ arn }) => queues.hidden(arn));
  onStop(() => queueMetrics.stop());
  const buses = new EventBuses(
    assembly.resources("AWS::Events::EventBus"),
    assembly.resources("AWS::Events::Rule"),
    ACCOUNT,
    {
      invoke: (functionArn, ruleArn, event) => functions.invokeByRule("events", functionArn, ruleArn, event),
      keep: (queueArn, body, attributes) => queues.send(queueArn, body, attributes),
    },
    clock,
    log,
  );
  const functions = loadFunctions(assembly, {
    clock,
    log,
    chaos,
    metrics: alarms,
    accessKeyId: (roleArn) => roles.accessKeyId(roleArn),
    endpoints: endpointsOf(apis),
    region: ACCOUNT.region,
    deliver: (destinationArn, roleArn, record) => {
      if (!destinationArn.startsWith("arn:aws:events:"))
        return send(destinationArn, roleArn, JSON.stringify(record));
      roles.demand(roleArn, { action: "events:PutEvents", resource: destinationArn });
      buses.put(destinationArn, resultEvent(destinationArn, record));
    },
  });
  provide(functions);
  onStop(() => functions.stop());
  // The slowest to load; a message that comes before them waits for them.
  const ready = Promise.all([dynalite.port, inbox.port, functions.warm()]).then(() => {});
  // Whoever starts a cloud may look at `ready` late, or never.
  ready.catch(() => {});

  const clients = new Map<string, DynamoDBClient>();
  const rules = new TopicRules(
    assembly.resources("AWS::IoT::TopicRule"),
    {
      dynamoDb: (roleArn) => {
        const key = roles.accessKeyId(roleArn);
        const client = clients.get(roleArn) ?? clientFor(dynamodb.endpoint, key, inProcess(dynamodb));
        clients.set(roleArn, client);
        return client;
      },
      invoke: (functionArn, ruleArn, payload) => functions.invokeByRule("iot", functionArn, ruleArn, payload),
      send,
    },
    clock,
    log,
    chaos,
    alarms,
  );
  onStop(() => rules.stop());
  const scheduler = new Scheduler(
    assembly.resources("AWS::Scheduler::Schedule"),
    {
      invoke: (functionArn, roleArn, payload) => {
        roles.demand(roleArn, { action: "lambda:InvokeFunction", resource: functionArn });
        functions.invokeAsync(functionArn, payload);
      },
      send,
    },
    clock,
    log,
  );
  onStop(() => scheduler.stop());
  const intake = new Intake({ rules, functions, clock, log });
  onStop(() => {
    for (const client of clients.values()) client.destroy();
  });

  const owner = clientFor(dynamodb.endpoint, OWNER_KEY);
  const tables = assembly.resources(...TABLE_TYPES);
  await createTables(tables, owner);
  owner.destroy();
  for (const { name } of assembly.existing(...TABLE_TYPES))
    log({
      at: clock.now(),
      level: "warn",
      source: "dynamodb",
      code: "adopted-table-made",
      text: `the table ${name} is an earlier deployment's; here it is made anew, and empty`,
    });

  const broker = await started(
    startBroker<IotPolicy>({
      port: ports.mqtt,
      server: identities.server,
      caPem: identities.caPem,
      caPath: identities.caPath,
      clock,
      log,
      devices: identities.devices,
      authorize: decideIot,
      arn: ACCOUNT,
      onPublish: (message) => intake.accept(message),
      admit: (task) => intake.admit(task),
    }),
  );
  const control = await openControlPlane(
    { assembly, roles, clock, log, broker, identities, rules, sns: apis.sns.endpoint },
    started,
  );
  // The last step: a start that fails, at a port that another cloud has, leaves that cloud's files as they are.
  await identities.save();
  alarms.start();
  scheduler.start();

  return {
    mqtt: { host: broker.host, port: broker.port, caPath: identities.caPath },
    nodes: identities.nodes,
    iot: { endpoint: control.iot },
    control,
    provisioned: identities.provisioned,
    dynamodb: { endpoint: dynamodb.endpoint, region: ACCOUNT.region, tables: tables.map(tableName) },
    ses: { endpoint: ses.endpoint, inbox: `${ses.endpoint}/`, account: sesAccount },
    sqs: { endpoint: apis.sqs.endpoint },
    lambda: { endpoint: apis.lambda.endpoint },
    iotData: { endpoint: apis.iotData.endpoint },
    rules: rules.names,
    schedules: scheduler.names,
    urls: [...urls.values()],
    notEmulated: [...assembly.notEmulated(), ...tablesNotEmulated(tables), ...alarms.notEmulated],
    queues: queues.all,
    chaos,
    get messagesIn() {
      return intake.messagesIn;
    },
    ready,
    outputs: () => assembly.outputs(),
    queued: () =>
      Object.fromEntries(
        queues.all
          .filter(({ messages }) => messages.length > 0)
          .map(({ name, messages }) => [name, messages.length]),
      ),
    accept: (message) => intake.accept(message),
    idle: () => intake.idle(),
    drain: async (limit) => {
      scheduler.stop();
      await broker.stop();
      return intake.drain(limit);
    },
    stop,
  };
}

/** "Destinations": how the record of an invocation stands in an event. */
const resultEvent = (busArn: string, record: InvocationRecord) => {
  const { condition, functionArn } = record.requestContext;
  return {
    source: "lambda",
    detailType: `Lambda Function Invocation Result - ${condition === "Success" ? "Success" : "Failure"}`,
    resources: [busArn, functionArn],
    detail: record,
  };
};
