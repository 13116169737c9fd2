import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import type { Front } from "../../../../simulator/local-cloud/api/server.ts";
import { startSqsFront } from "../../../../simulator/local-cloud/api/sqs-front.ts";
import type { EpochMs } from "../../../../simulator/local-cloud/clock.ts";
import { Queues } from "../../../../simulator/local-cloud/events/queues.ts";

const ACCOUNT = { accountId: "123456789012", region: "us-east-1" };
const ARN = "arn:aws:sqs:us-east-1:123456789012:errors";
const QueueUrl = "https://sqs.us-east-1.amazonaws.com/123456789012/errors";
const NOW_MS = 1_000;

let queues: Queues;
let front: Front;
let client: SQSClient;
let refusal: string | undefined;
const asked: string[][] = [];
const denials: string[] = [];
beforeEach(async () => {
  refusal = undefined;
  asked.length = 0;
  denials.length = 0;
  const clock = { now: () => NOW_MS as EpochMs, schedule: () => () => {} };
  const resource = {
    stack: "S",
    logicalId: "Q",
    type: "AWS::SQS::Queue",
    name: "errors",
    arn: ARN,
    properties: {},
  };
  queues = new Queues([resource], ACCOUNT, clock, () => {});
  front = await startSqsFront({
    queues,
    refuse: (...call) => {
      asked.push(call);
      return refusal;
    },
    onDenied: (text) => denials.push(text),
    onError: (error) => denials.push(String(error)),
  });
  client = new SQSClient({
    endpoint: front.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIA1", secretAccessKey: "x" },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await front.stop();
});

test("the SDK receives -> body with its checksum, when it was sent, the sender's attributes; then it is hidden", async () => {
  queues.send(ARN, "21.5 °C", { TARGET_ARN: "t" });
  const receive = () =>
    client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] }),
    );
  expect((await receive()).Messages).toMatchObject([
    {
      Body: "21.5 °C",
      Attributes: { SentTimestamp: "1000", ApproximateReceiveCount: "1" },
      MessageAttributes: { TARGET_ARN: { DataType: "String", StringValue: "t" } },
    },
  ]);
  expect((await receive()).Messages).toBeUndefined();
  expect(asked[0]).toEqual(["AKIA1", "sqs:ReceiveMessage", ARN]);
});

test("given back, received again and deleted -> counts follow", async () => {
  queues.send(ARN, "a");
  queues.send(ARN, "b");
  const counts = async () => {
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
    );
    return [Attributes?.ApproximateNumberOfMessages, Attributes?.ApproximateNumberOfMessagesNotVisible];
  };
  const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 2 }));
  expect(await counts()).toEqual(["0", "2"]);
  const [a, b] = Messages!.map(({ ReceiptHandle }) => ReceiptHandle);
  await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: a, VisibilityTimeout: 0 }));
  expect(await counts()).toEqual(["1", "1"]);
  await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: b }));
  expect(await counts()).toEqual(["1", "0"]);
});

test("the caller's role may not -> AccessDenied, nothing is handed out, and the log is told", async () => {
  queues.send(ARN, "a");
  refusal = "r is not authorized";
  await expect(client.send(new ReceiveMessageCommand({ QueueUrl }))).rejects.toMatchObject({
    name: "AccessDenied",
    message: "r is not authorized",
  });
  expect(denials).toEqual(["AccessDenied: r is not authorized"]);
  expect(queues.hidden(ARN)).toBe(0);
});

test.each<[string, ConstructorParameters<typeof ReceiveMessageCommand>[0], string]>([
  ["a queue that is not in the template", { QueueUrl: `${QueueUrl}2` }, "QueueDoesNotExist"],
  ["more messages at once than SQS gives", { QueueUrl, MaxNumberOfMessages: 11 }, "InvalidParameterValue"],
  ["hidden for longer than SQS does", { QueueUrl, VisibilityTimeout: 43_201 }, "InvalidParameterValue"],
])("%s -> refused by name", async (_, input, name) => {
  await expect(client.send(new ReceiveMessageCommand(input))).rejects.toMatchObject({ name });
});

test("another operation, a receipt of nobody -> refused by name", async () => {
  await expect(client.send(new PurgeQueueCommand({ QueueUrl }))).rejects.toMatchObject({
    name: "UnsupportedOperation",
    message: expect.stringMatching(/^"PurgeQueue" is not emulated; these are: ReceiveMessage, /),
  });
  await expect(
    client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: "of nobody", VisibilityTimeout: 0 }),
    ),
  ).rejects.toMatchObject({ name: "ReceiptHandleIsInvalid" });
});
