/** What the sweep asks of Lambda and SQS. */
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SQSClient } from "@aws-sdk/client-sqs";
import { openSignals } from "../../../../lambda/sweep_clusters/adapters/lambda-signals.ts";
import { openQueues } from "../../../../lambda/sweep_clusters/adapters/sqs-queues.ts";
import type { SweepSignal } from "../../../../lib/contract/incidents.ts";
import { NOON_MS } from "../../send_cluster_mail/support/fixtures.ts";

const options = { region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } };

test("a signal -> an asynchronous invocation with it as its event", async () => {
  const asked: object[] = [];
  const client = new LambdaClient(options);
  client.middlewareStack.add(
    () => async (args) => {
      asked.push(args.input);
      return { output: { $metadata: {}, StatusCode: 202 }, response: {} };
    },
    { step: "initialize" },
  );
  const signal: SweepSignal = {
    source: "sweep",
    type: "digest",
    received_at: NOON_MS,
    bin: 0,
    incidents: [],
  };
  await openSignals("ha2m-send_cluster_mail", client).give(signal);
  expect(asked).toEqual([
    {
      FunctionName: "ha2m-send_cluster_mail",
      InvocationType: "Event",
      Payload: new TextEncoder().encode(JSON.stringify(signal)),
    },
  ]);
});

test("queues -> how many messages wait in each, by its name", async () => {
  const client = new SQSClient(options);
  client.middlewareStack.add(
    () => async (args) => {
      const { QueueUrl } = args.input as { QueueUrl: string };
      const Attributes = { ApproximateNumberOfMessages: QueueUrl.endsWith("/a") ? "3" : "0" };
      return { output: { $metadata: {}, Attributes }, response: {} };
    },
    { step: "initialize" },
  );
  const urls = new Map([
    ["events rule", "https://sqs.example/a"],
    ["readings rule", "https://sqs.example/b"],
  ]);
  expect(await openQueues(urls, client).count()).toEqual([
    { name: "events rule", messages: 3 },
    { name: "readings rule", messages: 0 },
  ]);
});
