/** Reads what is in queues, and replays it. */
import { IoTDataPlaneClient, PublishCommand } from "@aws-sdk/client-iot-data-plane";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { type FailureRecord, type Replay, readRecord } from "./records.ts";

/** A queue, by the name that people know it by. */
export interface NamedQueue {
  readonly name: string;
  readonly url: string;
}

/** A message in a queue, parsed, with what it takes to delete it. */
export interface QueuedFailure extends FailureRecord {
  readonly id: string;
  /** ISO 8601. */
  readonly sentAt: string;
  readonly receipt: string;
}

/** What was read of a queue; the messages are hidden from others for a while. */
export interface QueueContents extends NamedQueue {
  readonly failures: readonly QueuedFailure[];
  /** There is more in it than was read. */
  readonly clipped: boolean;
}

/** What is read from, and what takes what failed. */
export interface ReplayClients {
  readonly sqs: SQSClient;
  readonly lambda: LambdaClient;
  readonly iotData: IoTDataPlaneClient;
}

/** Undefined: the one of the AWS region. */
export interface Endpoints {
  readonly sqs?: string;
  readonly lambda?: string;
  readonly iotData?: string;
}

/** Nobody else gets a message while we look at it and replay it; a run that is cut off gives it back after so long. */
const HIDDEN_S = 900;
const BATCH = 10;
/** Asks every server of the queue, and not some of them ("Long polling"). */
const WAIT_S = 1;

/** Clients for replaying. @param endpoints those of a local cloud; none: AWS's own */
export function openClients(
  region: string,
  endpoints: Endpoints = {},
  credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string },
): ReplayClients {
  const common = (endpoint: string | undefined) => ({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  });
  return {
    // A queue's URL names its AWS host, which is not where another endpoint is.
    sqs: new SQSClient({ ...common(endpoints.sqs), useQueueUrlAsEndpoint: false }),
    lambda: new LambdaClient(common(endpoints.lambda)),
    iotData: new IoTDataPlaneClient(common(endpoints.iotData)),
  };
}

/** Ends the clients' connections, so that the process can exit. */
export function closeClients({ sqs, lambda, iotData }: ReplayClients): void {
  for (const client of [sqs, lambda, iotData]) client.destroy();
}

/**
 * Takes up to `max` messages out of a queue's sight. All of them before any is replayed: what fails again comes back into
 * the queue, and must not be met a second time.
 */
export async function readQueue(
  { sqs }: ReplayClients,
  { name, url }: NamedQueue,
  max: number,
): Promise<QueueContents> {
  const failures = new Map<string, QueuedFailure>();
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: Math.min(BATCH, max - failures.size),
        VisibilityTimeout: HIDDEN_S,
        WaitTimeSeconds: WAIT_S,
        MessageSystemAttributeNames: ["SentTimestamp"],
        MessageAttributeNames: ["All"],
      }),
    );
    for (const message of Messages) failures.set(message.MessageId ?? "", asFailure(message));
    const clipped = failures.size >= max;
    if (Messages.length === 0 || clipped)
      return { name, url, failures: [...failures.values()].sort(bySentAt), clipped };
  }
}

const bySentAt = (x: QueuedFailure, y: QueuedFailure): number => (x.sentAt < y.sentAt ? -1 : 1);

function asFailure({
  MessageId = "",
  ReceiptHandle = "",
  Body = "",
  Attributes,
  MessageAttributes = {},
}: Message) {
  const attributes = Object.fromEntries(
    Object.entries(MessageAttributes).map(([name, { StringValue = "" }]) => [name, StringValue]),
  );
  const sentMs = Number(Attributes?.SentTimestamp ?? 0);
  return {
    ...readRecord(Body, attributes, sentMs),
    id: MessageId,
    sentAt: new Date(sentMs).toISOString(),
    receipt: ReceiptHandle,
  };
}

/** Gives a message back, for whoever looks next. */
export async function release(
  { sqs }: ReplayClients,
  url: string,
  { receipt }: QueuedFailure,
): Promise<void> {
  await sqs.send(
    new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: receipt, VisibilityTimeout: 0 }),
  );
}

/** Repeats what failed and, once that was accepted, deletes the message. Rejects when either was refused. */
export async function replay(clients: ReplayClients, url: string, failure: QueuedFailure): Promise<void> {
  await repeat(clients, failure.replay);
  await remove(clients, url, failure);
}

/** Deletes a message from its queue; it was replayed, or is not to be. */
export async function remove({ sqs }: ReplayClients, url: string, { receipt }: QueuedFailure): Promise<void> {
  await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: receipt }));
}

async function repeat({ lambda, iotData }: ReplayClients, asked: Replay): Promise<void> {
  if (asked.action === "none") throw new Error(asked.why);
  if (asked.action === "publish") {
    await iotData.send(new PublishCommand({ topic: asked.topic, qos: 1, payload: asked.payload }));
    return;
  }
  const { functionArn, payload } = asked;
  await lambda.send(
    new InvokeCommand({ FunctionName: functionArn, InvocationType: "Event", Payload: Buffer.from(payload) }),
  );
}
