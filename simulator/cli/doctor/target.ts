/** Which cloud is looked at: the SDK's clients for it, and how a person reaches it from a command line. */
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { IoTClient } from "@aws-sdk/client-iot";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SESv2Client } from "@aws-sdk/client-sesv2";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { STSClient } from "@aws-sdk/client-sts";
import { shellWord } from "../shared/arguments.ts";

const SERVICES = ["sts", "cloudformation", "ses", "iot", "sns", "sqs", "dynamodb", "lambda"] as const;
/** An AWS service that a check asks. */
export type Service = (typeof SERVICES)[number];
/** Where the local cloud serves each of them. */
export type Endpoints = Readonly<Record<Service, string>>;

/** An SDK client for each service. */
export interface Clients {
  readonly sts: STSClient;
  readonly cloudformation: CloudFormationClient;
  readonly ses: SESv2Client;
  readonly iot: IoTClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  readonly lambda: LambdaClient;
}

/** The account, deployed or local, that is looked at. */
export interface Target {
  readonly kind: "local" | "aws";
  readonly region: string;
  readonly clients: Clients;
  /** A command of the AWS CLI as it is typed for this target: `service operation …`. */
  aws(command: string): string;
  /** One of the project's own: `npm run replay -- …`, with the target. */
  npm(command: string, args: string): string;
}

/** Whoever signs with a key of no role is the local account's owner. */
const LOCAL_KEYS = { accessKeyId: "local", secretAccessKey: "local" };

/** Neither a machine that is offline nor a service that hangs keeps a person waiting for long. */
const PATIENCE = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 8_000, throwOnRequestTimeout: true },
} as const;

/** Whoever waits for a function waits longer than its timeout (15 s); what it does is not to be done twice. */
const FUNCTIONS_PATIENCE = {
  maxAttempts: 1,
  requestHandler: { ...PATIENCE.requestHandler, requestTimeout: 20_000 },
} as const;

/** @param flags what the project's commands are told besides: `--cloud FILE` */
export function localTarget(region: string, endpoints: Endpoints, flags: string): Target {
  const clients = openClients(region, endpoints);
  return {
    kind: "local",
    region,
    clients,
    aws: (command) => {
      const [service = ""] = command.split(" ");
      const endpoint = endpoints[service === "sesv2" ? "ses" : (service as Service)];
      return `AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws ${command} --region ${shellWord(region)} --endpoint-url ${shellWord(endpoint)}`;
    },
    npm: (command, args) => `npm run ${command} -- ${args}${flags}`,
  };
}

/** Credentials as the AWS CLI finds them. @param flags what the project's commands are told besides: `--outputs FILE` */
export function awsTarget(region: string, flags: string): Target {
  const clients = openClients(region);
  return {
    kind: "aws",
    region,
    clients,
    aws: (command) => `aws ${command} --region ${shellWord(region)}`,
    npm: (command, args) => `npm run ${command} -- ${args} --target aws${flags}`,
  };
}

function openClients(region: string, endpoints?: Endpoints): Clients {
  const to = (service: Service) => ({
    region,
    ...PATIENCE,
    ...(endpoints === undefined
      ? {}
      : {
          endpoint: endpoints[service],
          credentials: LOCAL_KEYS,
          // A person's own AWS settings must not reach a local endpoint.
          useFipsEndpoint: false,
          useDualstackEndpoint: false,
        }),
  });
  return {
    sts: new STSClient(to("sts")),
    cloudformation: new CloudFormationClient(to("cloudformation")),
    ses: new SESv2Client(to("ses")),
    iot: new IoTClient(to("iot")),
    sns: new SNSClient(to("sns")),
    // The queue's URL would send the request to where AWS has it, whatever the endpoint.
    sqs: new SQSClient({ ...to("sqs"), useQueueUrlAsEndpoint: false }),
    dynamodb: new DynamoDBClient(to("dynamodb")),
    lambda: new LambdaClient({ ...to("lambda"), ...FUNCTIONS_PATIENCE }),
  };
}

/** Ends the clients' connections, so that the process can exit. */
export function closeClients(clients: Clients): void {
  for (const client of Object.values(clients)) client.destroy();
}
