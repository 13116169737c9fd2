/**
 * The part of the SQS API by which a person reads and deletes the messages of a queue: ReceiveMessage, DeleteMessage,
 * ChangeMessageVisibility and GetQueueAttributes, in the JSON protocol. Every other operation is refused by name.
 *
 * Source: SQS API reference. Not emulated: waiting (the response comes at once, whatever WaitTimeSeconds is), batches,
 * queue policies, short polling that misses some messages, attributes of a queue other than its ARN and counts.
 */
import { createHash } from "node:crypto";
import type { Queue, Queues, ReceivedMessage } from "../events/queues.ts";
import { type Front, type FrontRequest, type HttpResponse, startServer } from "./server.ts";

/** The queues, and who may call. */
export interface SqsFrontOptions {
  readonly queues: Queues;
  /** Undefined: allowed. */
  readonly refuse: (accessKeyId: string, action: string, resource: string) => string | undefined;
  readonly onDenied: (text: string) => void;
  readonly onError: (error: unknown) => void;
}

type Asked = Readonly<Record<string, unknown>>;
type Operation = (queue: Queue, asked: Asked, queues: Queues) => object;

const JSON_TYPE = "application/x-amz-json-1.0";
/** "The default visibility timeout for a queue is 30 seconds"; 12 hours at most. */
const HIDDEN_S = 30;
const HIDDEN_S_MAX = 43_200;
const MESSAGES_MAX = 10;

/** An error of SQS's that names what the caller did wrong. */
class Refusal extends Error {
  readonly code: string;
  constructor(code: string, text: string) {
    super(text);
    this.code = code;
  }
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  ReceiveMessage: ({ arn }, asked, queues) => {
    const max = number(asked, "MaxNumberOfMessages", 1, 1, MESSAGES_MAX);
    const hideMs = number(asked, "VisibilityTimeout", HIDDEN_S, 0, HIDDEN_S_MAX) * 1_000;
    const received = queues.receive(arn, max, hideMs);
    return received.length === 0 ? {} : { Messages: received.map(asMessage) };
  },
  DeleteMessage: ({ arn }, asked, queues) => {
    queues.delete(arn, text(asked, "ReceiptHandle"));
    return {};
  },
  ChangeMessageVisibility: ({ arn }, asked, queues) => {
    const hideMs = number(asked, "VisibilityTimeout", Number.NaN, 0, HIDDEN_S_MAX) * 1_000;
    if (queues.hide(arn, text(asked, "ReceiptHandle"), hideMs)) return {};
    throw new Refusal("ReceiptHandleIsInvalid", "The input receipt handle is invalid.");
  },
  GetQueueAttributes: ({ arn, messages }, _, queues) => {
    const hidden = queues.hidden(arn);
    return {
      Attributes: {
        QueueArn: arn,
        ApproximateNumberOfMessages: String(messages.length - hidden),
        ApproximateNumberOfMessagesNotVisible: String(hidden),
      },
    };
  },
};

/** The SQS API: receive, delete, change visibility, attributes. */
export const startSqsFront = (options: SqsFrontOptions): Promise<Front> =>
  startServer({
    what: "SQS",
    answer: async (request) => answerTo(request, options),
    onError: options.onError,
  });

function answerTo({ headers, body, accessKeyId }: FrontRequest, options: SqsFrontOptions): HttpResponse {
  const { queues, refuse, onDenied } = options;
  try {
    const name = /^AmazonSQS\.(\w+)$/.exec(String(headers["x-amz-target"] ?? ""))?.[1] ?? "";
    const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
    if (operation === undefined)
      throw new Refusal(
        "UnsupportedOperation",
        `"${name}" is not emulated; these are: ${Object.keys(OPERATIONS).join(", ")}`,
      );
    if (accessKeyId === undefined)
      throw new Refusal("MissingAuthenticationToken", "the request is not signed");
    const asked = JSON.parse(body.toString("utf8")) as Asked;
    const queue = named(text(asked, "QueueUrl"), queues);
    const denied = refuse(accessKeyId, `sqs:${name}`, queue.arn);
    if (denied !== undefined) throw new Refusal("AccessDenied", denied);
    return answer(200, operation(queue, asked, queues));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    onDenied(`${error.code}: ${error.message}`);
    const status = error.code === "AccessDenied" ? 403 : 400;
    return answer(status, { __type: `com.amazonaws.sqs#${error.code}`, message: error.message });
  }
}

function named(url: string, queues: Queues): Queue {
  const queue = queues.all.find((known) => known.url === url);
  if (queue === undefined) throw new Refusal("QueueDoesNotExist", "The specified queue does not exist.");
  return queue;
}

const asMessage = ({ id, receipt, body, at, timesReceived, attributes }: ReceivedMessage): object => ({
  MessageId: id,
  ReceiptHandle: receipt,
  MD5OfBody: createHash("md5").update(body).digest("hex"),
  Body: body,
  Attributes: { SentTimestamp: String(at), ApproximateReceiveCount: String(timesReceived) },
  MessageAttributes: Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, { DataType: "String", StringValue: value }]),
  ),
});

function text(asked: Asked, name: string): string {
  const value = asked[name];
  if (typeof value === "string" && value !== "") return value;
  throw new Refusal("MissingParameter", `The request must contain the parameter ${name}.`);
}

function number(asked: Asked, name: string, otherwise: number, min: number, max: number): number {
  const value = asked[name] ?? otherwise;
  if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return Number(value);
  throw new Refusal(
    "InvalidParameterValue",
    `Value ${String(value)} for parameter ${name} is invalid. Reason: Must be between ${min} and ${max}.`,
  );
}

const answer = (status: number, body: object): HttpResponse => ({
  status,
  headers: { "content-type": JSON_TYPE },
  body: JSON.stringify(body),
});
