import type { CloudClock, EpochMs } from "../../../../simulator/local-cloud/clock.ts";
import type { CloudLogEntry } from "../../../../simulator/local-cloud/cloud-log.ts";
import { Queues } from "../../../../simulator/local-cloud/events/queues.ts";
import type { ResolvedResource } from "../../../../simulator/local-cloud/template/assembly.ts";

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
      { at: 1_000, body: "first", attributes: {} },
      { at: 1_001, body: "second", attributes: {} },
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

describe("receivers", () => {
  const inClock = () => {
    let nowMs = 1_000;
    const clock: CloudClock = { now: () => nowMs as EpochMs, schedule: () => () => {} };
    const queues = new Queues([resource], ACCOUNT, clock, () => {});
    for (const body of ["first", "second", "third"]) queues.send(ARN, body);
    const pass = (ms: number): void => {
      nowMs += ms;
    };
    return { queues, pass };
  };
  const bodies = (queues: Queues, max = 10): string[] =>
    queues.receive(ARN, max, 30_000).map(({ body }) => body);

  test("two at once -> the oldest, and another receiver gets the rest until the time is over", () => {
    const { queues, pass } = inClock();
    expect(bodies(queues, 2)).toEqual(["first", "second"]);
    expect(queues.hidden(ARN)).toBe(2);
    expect(bodies(queues)).toEqual(["third"]);
    pass(29_999);
    expect(bodies(queues)).toEqual([]);
    pass(1);
    expect(bodies(queues)).toEqual(["first", "second", "third"]);
  });

  test("deleted with its receipt -> gone; a receipt from before it was handed out again -> it stays", () => {
    const { queues, pass } = inClock();
    const [old] = queues.receive(ARN, 1, 1_000);
    pass(1_000);
    const [first, second] = queues.receive(ARN, 2, 1_000);
    expect(first).toMatchObject({ id: old!.id, timesReceived: 2 });
    queues.delete(ARN, old!.receipt);
    expect(queues.find(ARN).messages).toHaveLength(3);
    queues.delete(ARN, second!.receipt);
    expect(queues.find(ARN).messages.map(({ body }) => body)).toEqual(["first", "third"]);
  });

  test("given back -> the next receiver gets it at once", () => {
    const { queues } = inClock();
    const [first] = queues.receive(ARN, 1, 30_000);
    expect(queues.hide(ARN, first!.receipt, 0)).toBe(true);
    expect(queues.hide(ARN, "of nobody", 0)).toBe(false);
    expect(bodies(queues)).toEqual(["first", "second", "third"]);
  });
});
