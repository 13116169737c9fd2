import {
  closeClients,
  openClients,
  readQueue,
  release,
  remove,
  replay,
} from "../../../../simulator/cli/replay/queue-messages.ts";
import { startIotDataFront } from "../../../../simulator/local-cloud/api/iot-data-front.ts";
import { startLambdaFront } from "../../../../simulator/local-cloud/api/lambda-front.ts";
import { startSqsFront } from "../../../../simulator/local-cloud/api/sqs-front.ts";
import type { EpochMs } from "../../../../simulator/local-cloud/clock.ts";
import { Queues } from "../../../../simulator/local-cloud/events/queues.ts";

const ARN = "arn:aws:sqs:us-east-1:123456789012:errors";
const QUEUE = { name: "Errors", url: "https://sqs.us-east-1.amazonaws.com/123456789012/errors" };
const FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f";

const rule = (n: number): string =>
  JSON.stringify({
    ruleName: "r",
    topic: `t/${n}`,
    base64OriginalPayload: Buffer.from(`payload ${n}`).toString("base64"),
    failures: [],
  });
const failedEvent = JSON.stringify({
  requestContext: { functionArn: `${FUNCTION}:$LATEST`, condition: "RetriesExhausted" },
  requestPayload: { a: 1 },
  responsePayload: { errorType: "E" },
});

let queues: Queues;
let clients: ReturnType<typeof openClients>;
/** What the rules and the function were given. */
let given: unknown[];
let mayPublish: boolean;
const ends: (() => Promise<void> | void)[] = [];
beforeEach(async () => {
  given = [];
  mayPublish = true;
  let nowMs = 1_000;
  const clock = { now: () => nowMs++ as EpochMs, schedule: () => () => {} };
  const resource = {
    stack: "S",
    logicalId: "Q",
    type: "AWS::SQS::Queue",
    name: "errors",
    arn: ARN,
    properties: {},
  };
  queues = new Queues([resource], { accountId: "123456789012", region: "us-east-1" }, clock, () => {});
  const common = { onDenied: () => {}, onError: () => {} };
  const allowed = () => undefined;
  const [sqs, iotData, lambda] = await Promise.all([
    startSqsFront({ ...common, queues, refuse: allowed }),
    startIotDataFront({
      ...common,
      topicArnPrefix: "",
      refuse: () => (mayPublish ? undefined : "may not"),
      publish: async (topic, payload) => void given.push([topic, Buffer.from(payload).toString()]),
    }),
    startLambdaFront({
      ...common,
      refuse: allowed,
      find: async (name) => (name === FUNCTION ? FUNCTION : undefined),
      invoke: async (arn, payload) => void given.push([arn, payload]),
      invokeAndWait: async () => ({ ok: true, result: "null" }),
    }),
  ]);
  const endpoints = { sqs: sqs.endpoint, iotData: iotData.endpoint, lambda: lambda.endpoint };
  clients = openClients("us-east-1", endpoints, { accessKeyId: "local", secretAccessKey: "local" });
  ends.push(
    () => closeClients(clients),
    () => sqs.stop(),
    () => iotData.stop(),
    () => lambda.stop(),
  );
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const left = (): number => queues.find(ARN).messages.length;

test("more messages than one answer holds -> all of them, in the order in which they came, out of others' sight", async () => {
  for (let n = 0; n < 23; n++) queues.send(ARN, rule(n));
  const { failures, clipped } = await readQueue(clients, QUEUE, 100);
  expect(failures.map(({ topic }) => topic)).toEqual(Array.from({ length: 23 }, (_, n) => `t/${n}`));
  expect([clipped, queues.hidden(ARN)]).toEqual([false, 23]);
  expect((await readQueue(clients, QUEUE, 100)).failures).toEqual([]);
});

test("more than are asked for -> these, and that there are more", async () => {
  for (let n = 0; n < 15; n++) queues.send(ARN, rule(n));
  const { failures, clipped } = await readQueue(clients, QUEUE, 12);
  expect([failures.length, clipped, queues.hidden(ARN)]).toEqual([12, true, 12]);
});

test("repeated -> rule and function are given what they failed on, and then the messages are gone", async () => {
  queues.send(ARN, rule(0));
  queues.send(ARN, failedEvent);
  const { failures } = await readQueue(clients, QUEUE, 100);
  for (const failure of failures) await replay(clients, QUEUE.url, failure);
  expect(given).toEqual([
    ["t/0", "payload 0"],
    [FUNCTION, { a: 1 }],
  ]);
  expect(left()).toBe(0);
});

test("not accepted -> it rejects, and the message stays; given back, the next one to look gets it", async () => {
  queues.send(ARN, rule(0));
  mayPublish = false;
  const [failure] = (await readQueue(clients, QUEUE, 100)).failures;
  await expect(replay(clients, QUEUE.url, failure!)).rejects.toMatchObject({ name: "ForbiddenException" });
  expect([left(), queues.hidden(ARN)]).toEqual([1, 1]);
  await release(clients, QUEUE.url, failure!);
  expect((await readQueue(clients, QUEUE, 100)).failures).toMatchObject([{ id: failure!.id, topic: "t/0" }]);
});

test("what nothing repeats -> it rejects with the reason, and stays until it is removed", async () => {
  queues.send(ARN, "hello");
  const [failure] = (await readQueue(clients, QUEUE, 100)).failures;
  await expect(replay(clients, QUEUE.url, failure!)).rejects.toThrow("its purpose is unknown");
  expect([given, left()]).toEqual([[], 1]);
  await remove(clients, QUEUE.url, failure!);
  expect(left()).toBe(0);
});
