import type { CloudClock, EpochMs } from "../../../simulator/local-cloud/clock.ts";
import type { CloudLogEntry } from "../../../simulator/local-cloud/cloud-log.ts";
import { Queues } from "../../../simulator/local-cloud/queues.ts";
import type { ResolvedResource } from "../../../simulator/local-cloud/template/assembly.ts";

const ACCOUNT = { accountId: "123456789012", region: "eu-central-1" };
const ARN = "arn:aws:sqs:eu-central-1:123456789012:errors";
const URL = "https://sqs.eu-central-1.amazonaws.com/123456789012/errors";
const resource: ResolvedResource = {
  stack: "S",
  logicalId: "Q",
  type: "AWS::SQS::Queue",
  name: "errors",
  arn: ARN,
  properties: {},
};

function open() {
  const log: CloudLogEntry[] = [];
  let nowMs = 1_000;
  const clock: CloudClock = { now: () => nowMs++ as EpochMs, schedule: () => () => {} };
  return { log, queues: new Queues([resource], ACCOUNT, clock, (entry) => log.push(entry)) };
}

test("messages sent by ARN and by URL -> in the one queue, in order, each logged with the cloud's time", () => {
  const { queues, log } = open();
  queues.send(ARN, "first");
  queues.send(URL, "second");
  expect(queues.find(URL)).toMatchObject({
    name: "errors",
    arn: ARN,
    url: URL,
    messages: [
      { at: 1_000, body: "first" },
      { at: 1_001, body: "second" },
    ],
  });
  expect(queues.all).toHaveLength(1);
  expect(log).toMatchObject([
    {
      at: 1_000,
      level: "warn",
      source: "queue errors",
      code: "message-queued",
      text: "message 1 arrived: first",
    },
    {
      at: 1_001,
      level: "warn",
      source: "queue errors",
      code: "message-queued",
      text: "message 2 arrived: second",
    },
  ]);
});

test("a queue that the template does not have -> an error that names it", () => {
  const { queues, log } = open();
  expect(() => queues.send(`${ARN}2`, "x")).toThrow(`the template has no queue ${ARN}2`);
  expect(() => queues.find("errors")).toThrow("the template has no queue errors");
  expect(log).toEqual([]);
});
