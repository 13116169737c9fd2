/** What is counted of a queue while messages come, wait, are hidden and go. */
import type { Datum } from "../../../../simulator/local-cloud/alarms/metric.ts";
import { QueueMetrics } from "../../../../simulator/local-cloud/alarms/queue-metrics.ts";
import { Queues } from "../../../../simulator/local-cloud/events/queues.ts";
import { ManualClock, START_MS } from "../functions/runner-fixture.ts";

const ARN = "arn:aws:sqs:eu-central-1:123456789012:errors";
const resource = {
  stack: "S",
  logicalId: "Q",
  type: "AWS::SQS::Queue",
  name: "errors",
  arn: ARN,
  properties: {},
};
const MINUTE_MS = 60_000;

function open() {
  const clock = new ManualClock();
  const data: Datum[] = [];
  const queues = new Queues(
    [resource],
    { accountId: "123456789012", region: "eu-central-1" },
    clock,
    () => {},
    (queue) => metrics.changed(queue),
  );
  const metrics = new QueueMetrics(
    clock,
    { take: (datum) => data.push(datum), wants: () => true },
    ({ arn }) => queues.hidden(arn),
  );
  /** `minute value` of one metric. */
  const of = (wanted: string) =>
    data
      .filter(({ metric }) => metric === wanted)
      .map(({ at, value }) => `${(at - START_MS) / MINUTE_MS} ${value}`);
  const pass = (minutes: number) => clock.pass(minutes * MINUTE_MS);
  return { clock, data, metrics, queues, of, pass };
}

test("a message comes, waits, is received and deleted -> what is visible at each change, and every five minutes meanwhile", () => {
  const { queues, of, pass } = open();
  pass(1);
  queues.send(ARN, "a");
  pass(12);
  const [received] = queues.receive(ARN, 10, 30_000);
  queues.delete(ARN, received?.receipt ?? "");
  pass(60);
  expect(of("ApproximateNumberOfMessagesVisible")).toEqual(["1 1", "6 1", "11 1", "13 0", "13 0"]);
});

test("a message that was hidden and not deleted -> visible again at the next count", () => {
  const { queues, of, pass } = open();
  queues.send(ARN, "a");
  queues.receive(ARN, 10, 30_000);
  pass(5);
  expect(of("ApproximateNumberOfMessagesVisible")).toEqual(["0 1", "0 0", "5 1"]);
});

test("two messages -> the age is the older one's, until that is gone", () => {
  const { queues, of, pass } = open();
  queues.send(ARN, "old");
  pass(3);
  queues.send(ARN, "new");
  pass(1);
  const [old] = queues.receive(ARN, 1, 30_000);
  queues.delete(ARN, old?.receipt ?? "");
  expect(of("ApproximateAgeOfOldestMessage")).toEqual(["0 0", "3 180", "4 240", "4 60"]);
});

test("eleven days -> the age that the template's alarms are about", () => {
  const { queues, data, pass } = open();
  queues.send(ARN, "a");
  pass(11 * 1_440);
  expect(data.at(-1)).toMatchObject({
    namespace: "AWS/SQS",
    metric: "ApproximateAgeOfOldestMessage",
    dimensions: { QueueName: "errors" },
    value: 950_400,
  });
});

test("empty, or stopped -> nothing is counted, and nothing waits", () => {
  const { queues, data, metrics, pass } = open();
  pass(60);
  expect(data).toEqual([]);
  queues.send(ARN, "a");
  metrics.stop();
  const counted = data.length;
  pass(60);
  expect(data).toHaveLength(counted);
});
