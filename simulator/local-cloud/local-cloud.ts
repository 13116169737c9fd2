/**
 * The local cloud: what the synthesized template describes, on this machine. `startLocalCloud` lists its parts in the
 * order in which they need one another.
 *
 * Each part's header names what it does not emulate. `notEmulated` names the resource types of the template, and the
 * features of its tables, that no part emulates.
 */
import { type ControlPlane, openControlPlane } from "./api/control-plane.ts";
import { SesAccount, sesIdentities } from "./api/ses-account.ts";
import { type ApiOptions, type Apis, endpointsOf, openApis } from "./api-endpoints.ts";
import { type Backend, startBackend } from "./backends/backend.ts";
import { Chaos, type ChaosOptions } from "./chaos.ts";
import type { CloudClock } from "./clock.ts";
import type { CloudContext, OnStop } from "./cloud-context.ts";
import type { CloudLog } from "./cloud-log.ts";
import { clientFor, OWNER_KEY } from "./dynamodb-client.ts";
import type { Queue } from "./events/queues.ts";
import type { Scheduler } from "./events/scheduler.ts";
import { serveUrls } from "./functions/serve-urls.ts";
import type { Functions } from "./functions/template-functions.ts";
import type { Broker } from "./iot/broker.ts";
import type { PublishedMessage } from "./iot/broker-gate.ts";
import {
  type Identities,
  issueIdentities,
  type NodeCredentials,
  type ProvisionedNode,
  temporaryKeys,
} from "./iot/identities.ts";
import type { NotDone } from "./iot/intake.ts";
import type { TopicRules } from "./iot/topic-rules.ts";
import { Roles } from "./policy/roles.ts";
import { startFunctions } from "./start-functions.ts";
import { startIot, startRules } from "./start-iot.ts";
import { type Messaging, startMessaging } from "./start-messaging.ts";
import { createTables, type TableName, tableName, tablesNotEmulated } from "./tables.ts";
import { loadAssembly, type NotEmulated } from "./template/assembly.ts";

/** The synthesized app that the cloud is built from, its clock, its ports, and where its keys are kept. */
export interface LocalCloudOptions {
  readonly assemblyDir: string;
  readonly clock: CloudClock;
  readonly log: CloudLog;
  /** The machine's time, in epoch milliseconds: TLS checks certificates against it, whatever the cloud's clock is. */
  readonly realNowMs: number;
  /** 0, the default: any free one. */
  readonly ports?: { readonly mqtt: number; readonly dynamodb: number; readonly ses: number };
  /** Where certificates and keys are written. @default a temporary folder, removed at `stop` */
  readonly keysDir?: string;
  /** Addresses and domains that are verified in SES besides the template's: the sandbox is on. @default none */
  readonly verified?: readonly string[];
  /** Faults that are injected. @default none */
  readonly chaos?: ChaosOptions | undefined;
  /** Things that get a key of the cloud's own. @default "uncertified": those without a certificate in the template */
  readonly ownKeys?: "every-thing" | "uncertified";
}

/** The running cloud: where each service listens, what the template has, and what happens in it. */
export interface LocalCloud {
  readonly mqtt: {
    readonly host: string;
    readonly port: number;
    readonly caPath: string;
  };
  /** The nodes that have a key of the cloud's own. */
  readonly nodes: readonly NodeCredentials[];
  /** AWS IoT's own API, as far as its owner uses it. */
  readonly iot: { readonly endpoint: string };
  /** The APIs by which the account's owner manages what is deployed. */
  readonly control: ControlPlane;
  readonly provisioned: readonly ProvisionedNode[];
  readonly dynamodb: {
    readonly endpoint: string;
    readonly region: string;
    readonly tables: readonly TableName[];
  };
  readonly ses: { readonly endpoint: string; readonly inbox: string; readonly account: SesAccount };
  /** The API by which messages in queues are read; `lambda` and `iotData` are those by which they are replayed. */
  readonly sqs: { readonly endpoint: string };
  readonly lambda: { readonly endpoint: string };
  readonly iotData: { readonly endpoint: string };
  readonly rules: readonly string[];
  readonly schedules: readonly string[];
  /** Where the function URLs are served. */
  readonly urls: readonly string[];
  readonly notEmulated: readonly NotEmulated[];
  readonly queues: readonly Queue[];
  /** Undefined: no faults are injected. */
  readonly chaos: Pick<Chaos, "struck" | "end"> | undefined;
  /** Number of messages that have been accepted and given to the rules. */
  readonly messagesIn: number;
  /** Resolves once the functions, the tables' server and the inbox are loaded; rejects when one cannot be. */
  readonly ready: Promise<void>;
  /** By stack, what `cdk deploy --outputs-file` would write. @throws TemplateError */
  outputs(): Record<string, Record<string, unknown>>;
  /** By queue that is not empty: its number of messages. */
  queued(): Record<string, number>;
  /** Gives a message to the rules without broker, certificate or policy, for runs without a network. */
  accept(message: PublishedMessage): void;
  /** Resolves when nothing runs. A retry that waits for the clock does not count as running. */
  idle(): Promise<void>;
  /** Closes the broker, then drains as `Intake.drain`; the rest runs on until `stop`. */
  drain(limit: Promise<unknown>): Promise<NotDone[]>;
  stop(): Promise<void>;
}

const ACCOUNT = { accountId: "123456789012", region: "us-east-1" } as const;
const FREE_PORTS = { mqtt: 0, dynamodb: 0, ses: 0 };
const TABLE_TYPES = ["AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"];

/**
 * Starts the cloud. If a part fails to start, all parts that have started are stopped.
 * @throws TemplateError, SqlError or PolicyError when the template has something that is not emulated, PortError when a
 * port is taken, KeysError when the certificates cannot be written
 */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const started: (() => Promise<void> | void)[] = [];
  let stopped = false;
  const stop = async (): Promise<void> => {
    stopped = true;
    for (const end of started.splice(0).reverse()) await end();
  };
  // Parts start side by side: one that comes up after another has failed is ended at once.
  const onStop: OnStop = (end) => {
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
  onStop: OnStop,
  stop: () => Promise<void>,
): Promise<LocalCloud> {
  const { ports = FREE_PORTS } = options;
  const { cloud, urls, certificateIds } = openContext(options, onStop);
  const { assembly } = cloud;
  const [dynalite, inbox] = [startBackend("dynalite"), startBackend("ses")];
  for (const backend of [dynalite, inbox]) onStop(() => backend.stop());
  // Functions call APIs and have URLs, and both call functions: these come last, and requests wait for them.
  const { later: functionsLater, provide } = provided<Functions>();
  // The template refers to certificates and URLs: what is read from it after this has their ids and addresses.
  const [identities] = await Promise.all([
    issueIdentities(assembly, {
      realNowMs: options.realNowMs,
      keysDir: options.keysDir ?? temporaryKeys(onStop),
      ownKeys: options.ownKeys ?? "uncertified",
      onSigned: (name, certificateId) => certificateIds.set(name, certificateId),
    }),
    serveUrls(assembly, functionsLater, options, cloud.started, urls),
  ]);
  const messaging = startMessaging(cloud);
  const senders = sesIdentities(assembly.resources("AWS::SES::EmailIdentity"), options.verified);
  const sesAccount = new SesAccount(ACCOUNT.region, senders);
  const apis = await openApis(
    {
      ...cloud,
      ...messaging,
      ports,
      backends: { dynalite, inbox },
      functions: functionsLater,
      sesAccount,
      iot: controlledIot(identities, () => ({ broker, rules })),
      publish: (topic, payload, principal) => intake.publish(topic, payload, principal),
    },
    cloud.started,
  );
  const { functions, scheduler } = startFunctions(cloud, messaging, endpointsOf(apis));
  provide(functions);
  const ready = loaded(dynalite, inbox, functions);
  const { rules, intake } = startRules(cloud, messaging, functions, apis.dynamodb);
  await makeTables(cloud, apis.dynamodb.endpoint);
  const broker = await startIot(cloud, intake, identities, ports.mqtt);
  const control = await openControlPlane(
    { ...cloud, iot: apis.iot.endpoint, sns: apis.sns.endpoint },
    cloud.started,
  );
  // The last step: a start that fails, at a port that another cloud has, leaves that cloud's files as they are.
  await identities.save();
  messaging.alarms.start();
  scheduler.start();
  return {
    ...addressesOf({ cloud, identities, apis, sesAccount, broker, control }),
    ...contentsOf({ cloud, messaging, rules, scheduler, urls }),
    get messagesIn() {
      return intake.messagesIn;
    },
    ready,
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

/** What AWS IoT's control plane describes. @param later what starts after the APIs, before the first request */
const controlledIot = (
  { find, certificatesOf, setStatus }: Identities,
  later: () => { readonly broker: Broker; readonly rules: TopicRules },
): ApiOptions["iot"] => ({
  find,
  certificatesOf,
  setStatus,
  endpoint: () => `${later().broker.host}:${later().broker.port}`,
  rules: () => later().rules.all,
  setRuleEnabled: (name, enabled) => later().rules.setEnabled(name, enabled),
});

/** Resolves when the parts that load slowly are loaded; a message that comes earlier waits for them. */
function loaded(dynalite: Backend, inbox: Backend, functions: Functions): Promise<void> {
  const ready = Promise.all([dynalite.port, inbox.port, functions.warm()]).then(() => {});
  // A caller may await it late, or never.
  ready.catch(() => {});
  return ready;
}

/** A promise, and the function that resolves it. */
function provided<T>(): { readonly later: Promise<T>; readonly provide: (value: T) => void } {
  let provide!: (value: T) => void;
  const later = new Promise<T>((resolve) => {
    provide = resolve;
  });
  return { later, provide };
}

/**
 * The context; and, by resource name, the function URLs and certificate ids to which the template's references resolve.
 */
function openContext({ assemblyDir, chaos, clock, log }: LocalCloudOptions, onStop: OnStop) {
  const urls = new Map<string, string>();
  const certificateIds = new Map<string, string>();
  const assembly = loadAssembly(assemblyDir, {
    ...ACCOUNT,
    functionUrl: (name) => urls.get(name),
    certificateId: (name) => certificateIds.get(name),
  });
  const cloud: CloudContext = {
    assembly,
    roles: new Roles(assembly),
    chaos: chaos === undefined ? undefined : new Chaos(chaos, clock, log),
    clock,
    log,
    onStop,
    started: async (part) => {
      const up = await part;
      onStop(() => up.stop());
      return up;
    },
  };
  return { cloud, urls, certificateIds };
}

async function makeTables({ assembly, clock, log }: CloudContext, endpoint: string): Promise<void> {
  const owner = clientFor(endpoint, OWNER_KEY);
  await createTables(assembly.resources(...TABLE_TYPES), owner);
  owner.destroy();
  for (const { name } of assembly.existing(...TABLE_TYPES))
    log({
      at: clock.now(),
      level: "warn",
      source: "dynamodb",
      code: "adopted-table-made",
      text: `the table ${name} is an earlier deployment's; here it is made anew, and empty`,
    });
}

interface Reached {
  readonly cloud: CloudContext;
  readonly identities: Identities;
  readonly apis: Apis;
  readonly sesAccount: SesAccount;
  readonly broker: Broker;
  readonly control: ControlPlane;
}

/** Where each service is reached, and with which credentials. */
const addressesOf = ({ cloud, identities, apis, sesAccount, broker, control }: Reached) => ({
  mqtt: { host: broker.host, port: broker.port, caPath: identities.caPath },
  nodes: identities.nodes,
  iot: { endpoint: control.iot },
  control,
  provisioned: identities.provisioned,
  dynamodb: {
    endpoint: apis.dynamodb.endpoint,
    region: ACCOUNT.region,
    tables: cloud.assembly.resources(...TABLE_TYPES).map(tableName),
  },
  ses: { endpoint: apis.ses.endpoint, inbox: `${apis.ses.endpoint}/`, account: sesAccount },
  sqs: { endpoint: apis.sqs.endpoint },
  lambda: { endpoint: apis.lambda.endpoint },
  iotData: { endpoint: apis.iotData.endpoint },
});

interface Contents {
  readonly cloud: CloudContext;
  readonly messaging: Messaging;
  readonly rules: TopicRules;
  readonly scheduler: Scheduler;
  readonly urls: ReadonlyMap<string, string>;
}

/** The names of what the template has, and what is not emulated. */
const contentsOf = ({
  cloud: { assembly, chaos },
  messaging: { queues, alarms },
  rules,
  scheduler,
  urls,
}: Contents) => ({
  rules: rules.names,
  schedules: scheduler.names,
  urls: [...urls.values()],
  notEmulated: [
    ...assembly.notEmulated(),
    ...tablesNotEmulated(assembly.resources(...TABLE_TYPES)),
    ...alarms.notEmulated,
  ],
  queues: queues.all,
  chaos,
  outputs: () => assembly.outputs(),
  queued: () =>
    Object.fromEntries(
      queues.all
        .filter(({ messages }) => messages.length > 0)
        .map(({ name, messages }) => [name, messages.length]),
    ),
});
