/**
 * The APIs that functions and other clients reach, each behind a front that asks the policies of its caller's role.
 */

import { startDynamoDbFront } from "./api/dynamodb-front.ts";
import { startIotDataFront } from "./api/iot-data-front.ts";
import { type IotFrontOptions, startIotFront } from "./api/iot-front.ts";
import { startLambdaFront } from "./api/lambda-front.ts";
import { startSecretsFront } from "./api/secrets-front.ts";
import type { Front } from "./api/server.ts";
import type { SesAccount } from "./api/ses-account.ts";
import { startSesFront } from "./api/ses-front.ts";
import { startSnsFront } from "./api/sns-front.ts";
import { startSqsFront } from "./api/sqs-front.ts";
import type { Backend } from "./backends/backend.ts";
import type { Chaos } from "./chaos.ts";
import type { CloudClock } from "./clock.ts";
import type { CloudLog } from "./cloud-log.ts";
import type { Queues } from "./events/queues.ts";
import type { Topics } from "./events/sns-topics.ts";
import type { Functions } from "./functions/template-functions.ts";
import type { Roles } from "./policy/roles.ts";
import { makeSecrets } from "./secrets.ts";
import type { Assembly } from "./template/assembly.ts";

/** The parts of the cloud that its APIs reach. */
export interface ApiOptions {
  readonly assembly: Assembly;
  readonly roles: Roles;
  readonly chaos: Chaos | undefined;
  readonly clock: CloudClock;
  readonly log: CloudLog;
  /** 0: any free one. */
  readonly ports: { readonly dynamodb: number; readonly ses: number };
  readonly backends: { readonly dynalite: Backend; readonly inbox: Backend };
  /** Requests wait until they are there. */
  readonly functions: Promise<Functions>;
  readonly queues: Queues;
  readonly sesAccount: SesAccount;
  /** What AWS IoT's control plane describes. */
  readonly iot: Pick<
    IotFrontOptions,
    "endpoint" | "find" | "certificatesOf" | "setStatus" | "rules" | "setRuleEnabled"
  >;
  readonly topics: Topics;
  /** Takes a message by HTTP; resolves once the rules have it. */
  readonly publish: (topic: string, payload: Uint8Array, principal: string) => Promise<void>;
}

/** An HTTP endpoint for each API. */
export interface Apis {
  readonly dynamodb: Front;
  readonly ses: Front;
  readonly lambda: Front;
  readonly secrets: Front;
  readonly sns: Front;
  readonly sqs: Front;
  readonly iot: Front;
  readonly iotData: Front;
}

/**
 * Starts every API. @param started registers each front when it is up, so that it is ended when another cannot start
 * @throws PortError when a port is taken
 */
export async function openApis(
  options: ApiOptions,
  started: (front: Promise<Front>) => Promise<Front>,
): Promise<Apis> {
  const [dynamodb, ses, lambda, secrets, sns, sqs, iot, iotData] = await Promise.all([
    started(openDynamoDb(options)),
    started(openSes(options)),
    started(openLambda(options)),
    started(openSecrets(options)),
    started(
      startSnsFront({
        ...gate(options, "sns"),
        topics: options.topics,
        accountId: options.assembly.account.accountId,
      }),
    ),
    started(openSqs(options)),
    started(openIot(options)),
    started(openIotData(options)),
  ]);
  return { dynamodb, ses, lambda, secrets, sns, sqs, iot, iotData };
}

/** The endpoints, by what stands for the service in `AWS_ENDPOINT_URL_<SERVICE>`. */
export const endpointsOf = ({
  dynamodb,
  ses,
  lambda,
  secrets,
  sns,
  sqs,
  iot,
}: Apis): Record<string, string> => ({
  DYNAMODB: dynamodb.endpoint,
  SES: ses.endpoint,
  LAMBDA: lambda.endpoint,
  SECRETS_MANAGER: secrets.endpoint,
  SNS: sns.endpoint,
  SQS: sqs.endpoint,
  IOT: iot.endpoint,
});

const arnPrefix = ({ account }: Assembly, service: string, kind: string): string =>
  `arn:aws:${service}:${account.region}:${account.accountId}:${kind}/`;

/** The options that every front has: what it writes to the log, and which calls it refuses. */
export function gate({ roles, clock, log }: Pick<ApiOptions, "roles" | "clock" | "log">, source: string) {
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

const openDynamoDb = (options: ApiOptions): Promise<Front> =>
  startDynamoDbFront({
    ...gate(options, "dynamodb"),
    port: options.ports.dynamodb,
    backendPort: options.backends.dynalite.port,
    tableArnPrefix: arnPrefix(options.assembly, "dynamodb", "table"),
    throttle: (accessKeyId, operation) => throttled(options, accessKeyId, operation),
  });

function throttled({ chaos, roles }: ApiOptions, accessKeyId: string, operation: string): string | undefined {
  if (chaos === undefined || !roles.isRole(accessKeyId)) return undefined;
  return chaos.strikes("dynamodb-throttle", operation)
    ? chaos.oneOf(["ProvisionedThroughputExceededException", "ThrottlingException"])
    : undefined;
}

function sesTrouble({ chaos, roles }: ApiOptions, accessKeyId: string) {
  if (chaos === undefined || !roles.isRole(accessKeyId)) return undefined;
  if (chaos.strikes("ses-throttle", "a mail"))
    return { code: "Throttling", text: "Maximum sending rate exceeded." };
  if (chaos.strikes("ses-reject", "a mail"))
    return { code: "MessageRejected", text: "Message rejected by chaos." };
  return undefined;
}

const openSes = (options: ApiOptions): Promise<Front> =>
  startSesFront({
    ...gate(options, "ses"),
    port: options.ports.ses,
    backendPort: options.backends.inbox.port,
    arnPrefix: `arn:aws:ses:${options.assembly.account.region}:${options.assembly.account.accountId}:`,
    account: options.sesAccount,
    now: () => options.clock.now(),
    trouble: (accessKeyId) => sesTrouble(options, accessKeyId),
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

const openLambda = (options: ApiOptions): Promise<Front> =>
  startLambdaFront({
    ...gate(options, "lambda"),
    find: async (name) => (await options.functions).find(name),
    invoke: async (functionArn, payload) => (await options.functions).invokeAsync(functionArn, payload),
    invokeAndWait: async (functionArn, payload) =>
      (await options.functions).invokeAndWait(functionArn, payload),
  });

const openSqs = (options: ApiOptions): Promise<Front> =>
  startSqsFront({ ...gate(options, "sqs"), queues: options.queues });

const openIot = (options: ApiOptions): Promise<Front> =>
  startIotFront({
    ...gate(options, "iot"),
    ...options.iot,
    arnPrefix: `arn:aws:iot:${options.assembly.account.region}:${options.assembly.account.accountId}:`,
  });

const openIotData = (options: ApiOptions): Promise<Front> =>
  startIotDataFront({
    ...gate(options, "iot data"),
    topicArnPrefix: arnPrefix(options.assembly, "iot", "topic"),
    publish: options.publish,
  });

const openSecrets = (options: ApiOptions): Promise<Front> =>
  startSecretsFront({
    ...gate(options, "secretsmanager"),
    secrets: makeSecrets(options.assembly.resources("AWS::SecretsManager::Secret")),
  });
