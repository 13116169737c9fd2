/** What is taken in stays within a bound, and is finished at the end: a rule whose puts end when the test lets them. */
import { setImmediate } from "node:timers/promises";
import type { HttpResponse } from "../../../../simulator/local-cloud/api/server.ts";
import type { CloudLogEntry } from "../../../../simulator/local-cloud/cloud-log.ts";
import { clientFor } from "../../../../simulator/local-cloud/dynamodb-client.ts";
import { inProcess } from "../../../../simulator/local-cloud/in-process.ts";
import { startBroker } from "../../../../simulator/local-cloud/iot/broker.ts";
import { Intake } from "../../../../simulator/local-cloud/iot/intake.ts";
import { TopicRules } from "../../../../simulator/local-cloud/iot/topic-rules.ts";
import { startTestCloud, type TestCloud } from "../broker-fixture.ts";
import { ManualClock } from "../functions/runner-fixture.ts";
import { connectPacket, MQTT_311, publishPacket, RawClient } from "../raw-client.ts";

const TOPIC = "rosie/reading/kitchen/0";
const NEVER = new Promise<void>(() => {});
const RULE = {
  stack: "S",
  logicalId: "R",
  type: "AWS::IoT::TopicRule",
  name: "r",
  arn: "arn:aws:iot:us-east-1:123456789012:rule/r",
  properties: {
    TopicRulePayload: {
      Sql: "SELECT n FROM 'rosie/#'",
      AwsIotSqlVersion: "2016-03-23",
      Actions: [{ DynamoDBv2: { PutItem: { TableName: "t" }, RoleArn: "arn:aws:iam::123456789012:role/r" } }],
    },
  },
};

/** An intake whose puts wait in `held`; `stored` has what was put. */
function rig(workMax: number) {
  const clock = new ManualClock();
  const log: CloudLogEntry[] = [];
  const held: (() => void)[] = [];
  const stored: unknown[] = [];
  const answer = ({ body }: { readonly body: Buffer }) =>
    new Promise<HttpResponse>((resolve) => {
      held.push(() => {
        stored.push(JSON.parse(body.toString()).Item.n.N);
        resolve({ status: 200, headers: { "content-type": "application/x-amz-json-1.0" }, body: "{}" });
      });
    });
  const dynamoDb = () => clientFor("http://127.0.0.1:1", "key", inProcess({ answer }));
  const nothing = () => undefined;
  const rules = new TopicRules([RULE], { dynamoDb, invoke: nothing, send: nothing }, clock, (entry) =>
    log.push(entry),
  );
  const functions = { queued: 0, pendingRetries: 0, onDone: nothing, idle: async () => undefined };
  const intake = new Intake({ rules, functions, clock, log: (entry) => log.push(entry), workMax });
  /** Lets so many puts end, each as soon as it is there. */
  const letGo = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      while (held.length === 0) await setImmediate();
      held.shift()?.();
    }
  };
  return { intake, rules, log, held, stored, functions, letGo };
}

const payload = (n: number) => Buffer.from(JSON.stringify({ n }));

test("more by HTTP than there is room for -> they wait, in order, each until another has ended; said once", async () => {
  const { intake, rules, log, stored, letGo } = rig(2);
  const taken: number[] = [];
  const all = [1, 2, 3, 4, 5].map((n) => intake.publish(TOPIC, payload(n), "key").then(() => taken.push(n)));
  await setImmediate();
  expect([taken, rules.running, intake.messagesIn]).toEqual([[1, 2], 2, 2]);
  await letGo(1);
  while (taken.length < 3) await setImmediate();
  expect([taken, rules.running]).toEqual([[1, 2, 3], 2]);
  await letGo(4);
  await Promise.all(all);
  await intake.idle();
  expect([taken, [...stored].sort(), rules.running]).toEqual([[1, 2, 3, 4, 5], ["1", "2", "3", "4", "5"], 0]);
  expect(log.filter(({ code }) => code === "publishers-wait")).toHaveLength(1);
});

test("drained -> what was taken in is stored first; what waited is refused and counted", async () => {
  const { intake, stored, letGo } = rig(2);
  const asked = [1, 2, 3].map((n) => intake.publish(TOPIC, payload(n), "key"));
  const refused = expect(asked[2]).rejects.toThrow(/the cloud is shutting down/);
  const drained = intake.drain(NEVER);
  await refused;
  await letGo(2);
  expect(await drained).toEqual([{ count: 1, what: expect.stringMatching(/were waiting: .*no PUBACK/) }]);
  expect([...stored].sort()).toEqual(["1", "2"]);
  await expect(intake.publish(TOPIC, payload(4), "key")).rejects.toThrow(/the cloud is shutting down/);
});

test("drained for longer than the limit -> what is at work and what was to come later is counted", async () => {
  const { intake, functions, letGo } = rig(5);
  void intake.publish(TOPIC, payload(1), "key");
  functions.pendingRetries = 3;
  expect(await intake.drain(Promise.resolve())).toEqual([
    { count: 1, what: expect.stringMatching(/^unfinished rules/) },
    { count: 3, what: expect.stringMatching(/waiting for a retry$/) },
  ]);
  await letGo(1);
});

describe("by MQTT", () => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await startTestCloud();
  });
  afterAll(() => cloud.broker.stop());

  test("a client that sends more than there is room for -> PUBACKs come as work ends, none before", async () => {
    const { intake, rules, letGo } = rig(3);
    const broker = await startBroker({
      ...cloud.options,
      port: 0,
      onPublish: (message) => intake.accept(message),
      admit: (task) => intake.admit(task),
    });
    const client = await RawClient.open({ ...cloud, broker }, cloud.device);
    client.send(connectPacket(MQTT_311, "kitchen-0"));
    await client.bytes(4);
    client.send(...Array.from({ length: 8 }, () => publishPacket(TOPIC, payload(1))));
    await client.bytes(4 + 3 * 4);
    for (let done = 1; done <= 5; done++) {
      expect([rules.running, client.received.length / 2]).toEqual([3, 4 + (2 + done) * 4]);
      await letGo(1);
      await client.bytes(4 + (3 + done) * 4);
    }
    expect(intake.messagesIn).toBe(8);
    await letGo(3);
    await intake.idle();
    client.end();
    await broker.stop();
  });

  test("a client that goes while it waits -> its messages are not taken: they had no PUBACK", async () => {
    const { intake, letGo } = rig(1);
    const broker = await startBroker({
      ...cloud.options,
      port: 0,
      onPublish: (message) => intake.accept(message),
      admit: (task) => intake.admit(task),
    });
    const client = await RawClient.open({ ...cloud, broker }, cloud.device);
    client.send(connectPacket(MQTT_311, "kitchen-0"));
    await client.bytes(4);
    client.send(publishPacket(TOPIC, payload(1)), publishPacket(TOPIC, payload(2)));
    await client.bytes(8);
    client.end();
    while (broker.connections > 0) await setImmediate();
    await letGo(1);
    await intake.idle();
    expect(intake.messagesIn).toBe(1);
    await broker.stop();
  });
});
