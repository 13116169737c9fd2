/**
 * The local cloud: what the synthesized template describes, on this machine. `startLocalCloud` is the list of its parts,
 * in the order in which they need one another.
 *
 * Each part's header names what it does not emulate; `notEmulated` names the template's resource types, and features of
 * its tables, that no part carries out.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type Backend, startBackend } from "./backends/backend.ts";
import { startBroker } from "./broker.ts";
import type { PublishedMessage } from "./broker-gate.ts";
import type { CloudClock } from "./clock.ts";
import type { CloudLog } from "./cloud-log.ts";
import { startDynamoDbFront } from "./fronts/dynamodb-front.ts";
import { startSesFront } from "./fronts/ses-front.ts";
import { loadFunctions } from "./functions/template-functions.ts";
import { issueIdentities, type NodeCredentials, temporaryKeys } from "./identities.ts";
import { decideIot, type IotPolicy } from "./policy/iot.ts";
import { type Queue, Queues } from "./queues.ts";
import { Roles } from "./roles.ts";
import { createTables, type TableName, tableName, tablesNotEmulated } from "./tables.ts";
import { type Assembly, loadAssembly, type NotEmulated } from "./template/assembly.ts";
import { TopicRules } from "./topic-rules.ts";

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
}

export interface LocalCloud {
  readonly mqtt: {
    readonly host: string;
    readonly port: number;
    readonly caPath: string;
  };
  readonly nodes: readonly NodeCredentials[];
  readonly dynamodb: {
    readonly endpoint: string;
    readonly region: string;
    readonly tables: readonly TableName[];
  };
  readonly ses: { readonly endpoint: string; readonly inbox: string };
  readonly rules: readonly string[];
  readonly notEmulated: readonly NotEmulated[];
  readonly queues: readonly Queue[];
  /** Messages that were let in and put to the rules so far. */
  readonly messagesIn: number;
  /** Resolves once functions and inbox are loaded; rejects when one cannot be. */
  readonly ready: Promise<void>;
  /** Messages in each queue that holds any. */
  queued(): Record<string, number>;
  /** Puts a message to the rules without broker, certificate or policy, for runs that do without a network. */
  accept(message: PublishedMessage): void;
  /** Resolves when nothing runs; what waits for the clock does not count. */
  idle(): Promise<void>;
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
  const assembly = loadAssembly(options.assemblyDir, ACCOUNT);
  const roles = new Roles(assembly);
  const queues = new Queues(assembly.resources("AWS::SQS::Queue"), ACCOUNT, clock, log);
  const started = async <T extends { stop(): Promise<void> }>(part: Promise<T>): Promise<T> => {
    const up = await part;
    onStop(() => up.stop());
    return up;
  };
  const [dynalite, inbox] = [startBackend("dynalite"), startBackend("ses")];
  for (const backend of [dynalite, inbox]) onStop(() => backend.stop());
  const keysDir = options.keysDir ?? (await temporaryKeys(onStop));
  const [identities, dynamodb, ses] = await Promise.all([
    issueIdentities(assembly, options.realNowMs, keysDir),
    started(openDynamoDb(dynalite, roles, options)),
    started(openSes(inbox, assembly, roles, options)),
  ]);

  const functions = loadFunctions(assembly, {
    clock,
    log,
    accessKeyId: (roleArn) => roles.accessKeyId(roleArn),
    endpoints: { DYNAMODB: dynamodb.endpoint, SES: ses.endpoint },
    region: ACCOUNT.region,
    onFailure: (queueArn, roleArn, record) => send(roles, queues, queueArn, roleArn, record),
  });
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
        const client = clients.get(roleArn) ?? clientFor(dynamodb.endpoint, roles.accessKeyId(roleArn));
        clients.set(roleArn, client);
        return client;
      },
      invoke: (functionArn, ruleArn, payload) => functions.invoke(functionArn, ruleArn, payload),
      send: (queueUrl, roleArn, body) => send(roles, queues, queueUrl, roleArn, body),
    },
    clock,
    log,
  );
  let messagesIn = 0;
  const accept = (message: PublishedMessage): void => {
    messagesIn += 1;
    rules.accept(message);
  };
  onStop(() => {
    for (const client of clients.values()) client.destroy();
  });

  const owner = clientFor(dynamodb.endpoint, OWNER_KEY);
  const tables = assembly.resources(...TABLE_TYPES);
  await createTables(tables, owner);
  owner.destroy();

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
      onPublish: accept,
    }),
  );
  // The last step: a start that fails, at a port that another cloud has, leaves that cloud's files as they are.
  await identities.save();

  return {
    mqtt: { host: broker.host, port: broker.port, caPath: identities.caPath },
    nodes: identities.nodes,
    dynamodb: { endpoint: dynamodb.endpoint, region: ACCOUNT.region, tables: tables.map(tableName) },
    ses: { endpoint: ses.endpoint, inbox: `${ses.endpoint}/` },
    rules: rules.names,
    notEmulated: [...assembly.notEmulated(), ...tablesNotEmulated(tables)],
    queues: queues.all,
    get messagesIn() {
      return messagesIn;
    },
    ready,
    queued: () =>
      Object.fromEntries(
        queues.all
          .filter(({ messages }) => messages.length > 0)
          .map(({ name, messages }) => [name, messages.length]),
      ),
    accept,
    idle: async () => {
      await rules.idle();
      await functions.idle();
    },
    stop,
  };
}

/** The key of the account's owner: of no role, so that no policy limits it. */
export const OWNER_KEY = "owner";

/** A client of the local DynamoDB API. */
export const clientFor = (endpoint: string, accessKeyId: string): DynamoDBClient =>
  new DynamoDBClient({
    endpoint,
    region: ACCOUNT.region,
    credentials: { accessKeyId, secretAccessKey: "local" },
    maxAttempts: 1,
    // A person's own AWS settings must not reach a local endpoint.
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
  });

function send(roles: Roles, queues: Queues, arnOrUrl: string, roleArn: string, body: string): void {
  const queue = queues.find(arnOrUrl);
  const decision = roles.decide(roleArn, { action: "sqs:SendMessage", resource: queue.arn });
  if (!decision.allowed) throw new Error(decision.text);
  queues.send(queue.arn, body);
}

const arnPrefix = (service: string, kind: string): string =>
  `arn:aws:${service}:${ACCOUNT.region}:${ACCOUNT.accountId}:${kind}/`;

/** What every front tells the log, and whom it lets through. */
function gate(roles: Roles, { clock, log }: LocalCloudOptions, source: string) {
  const entry = (level: "warn" | "error", code: string, text: string): void =>
    log({ at: clock.now(), level, source, code, text });
  return {
    refuse: (
      accessKeyId: string,
      action: string,
      resource: string,
      context: Readonly<Record<string, string>> = {},
    ) => {
      const decision = roles.decideByKey(accessKeyId, { action, resource, context });
      return decision === undefined || decision.allowed ? undefined : decision.text;
    },
    onDenied: (text: string) => entry("warn", "request-refused", text),
    onError: (error: unknown) =>
      entry("error", "front-failed", error instanceof Error ? error.message : String(error)),
  };
}

const openDynamoDb = ({ port }: Backend, roles: Roles, options: LocalCloudOptions) =>
  startDynamoDbFront({
    ...gate(roles, options, "dynamodb"),
    port: options.ports?.dynamodb ?? 0,
    backendPort: port,
    tableArnPrefix: arnPrefix("dynamodb", "table"),
  });

const openSes = ({ port }: Backend, assembly: Assembly, roles: Roles, options: LocalCloudOptions) =>
  startSesFront({
    ...gate(roles, options, "ses"),
    port: options.ports?.ses ?? 0,
    backendPort: port,
    identityArnPrefix: arnPrefix("ses", "identity"),
    identities: assembly.resources("AWS::SES::EmailIdentity").map(({ name }) => name),
    onAccepted: (mail) =>
      options.log({
        at: options.clock.now(),
        level: "info",
        source: "ses",
        code: "mail-accepted",
        text: `mail to ${mail.to.join(", ")}: ${mail.subject}`,
        fields: { ...mail },
      }),
  });
