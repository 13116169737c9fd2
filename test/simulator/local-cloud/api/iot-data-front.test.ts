import { GetThingShadowCommand, IoTDataPlaneClient, PublishCommand } from "@aws-sdk/client-iot-data-plane";
import { startIotDataFront } from "../../../../simulator/local-cloud/api/iot-data-front.ts";
import type { Front } from "../../../../simulator/local-cloud/api/server.ts";

const TOPIC = "rosie/reading/kitchen/0";

let front: Front;
let client: IoTDataPlaneClient;
let refusal: string | undefined;
let ending = false;
const asked: string[][] = [];
const denials: string[] = [];
const published: [topic: string, payload: string][] = [];
beforeAll(async () => {
  front = await startIotDataFront({
    topicArnPrefix: "arn:aws:iot:us-east-1:123456789012:topic/",
    publish: async (topic, payload) => {
      if (ending) throw new Error("the cloud is shutting down");
      published.push([topic, Buffer.from(payload).toString("utf8")]);
    },
    refuse: (...call) => {
      asked.push(call);
      return refusal;
    },
    onDenied: (text) => denials.push(text),
    onError: (error) => denials.push(String(error)),
  });
  client = new IoTDataPlaneClient({
    endpoint: front.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIA1", secretAccessKey: "x" },
    maxAttempts: 1,
  });
});
beforeEach(() => {
  refusal = undefined;
  ending = false;
  for (const list of [asked, denials, published]) list.length = 0;
});
afterAll(async () => {
  client.destroy();
  await front.stop();
});

const publish = (topic: string, payload: string) =>
  client.send(new PublishCommand({ topic, qos: 1, payload: Buffer.from(payload) }));

const payloadOf = ({ payload, ...rest }: { payload?: string; qos?: number; retain?: boolean }) => ({
  ...rest,
  ...(payload === undefined ? {} : { payload: Buffer.from(payload) }),
});

test("the SDK publishes -> the rules get topic and payload as they were given", async () => {
  await publish(TOPIC, "21.5 °C");
  expect(published).toEqual([[TOPIC, "21.5 °C"]]);
  expect(asked).toEqual([["AKIA1", "iot:Publish", `arn:aws:iot:us-east-1:123456789012:topic/${TOPIC}`]]);
});

test("the caller's role may not -> ForbiddenException, nothing published, and the log is told", async () => {
  refusal = "r is not authorized";
  await expect(publish(TOPIC, "21.5")).rejects.toMatchObject({ name: "ForbiddenException" });
  expect([published, denials]).toEqual([[], ["ForbiddenException: r is not authorized"]]);
});

test.each([
  ["a topic filter", "rosie/reading/+/0", {}, "InvalidRequestException"],
  [
    "a payload beyond 128 KiB",
    TOPIC,
    { payload: "x".repeat(128 * 1_024 + 1) },
    "RequestEntityTooLargeException",
  ],
  ["a topic of 8 slashes", "a/b/c/d/e/f/g/h/i", {}, "InvalidRequestException"],
  ["a topic of 257 bytes", "t".repeat(257), {}, "InvalidRequestException"],
  ["a reserved topic", "$aws/things/kitchen-0/shadow/update", {}, "InvalidRequestException"],
  ["QoS 2", TOPIC, { qos: 2 }, "InvalidRequestException"],
  ["retain", TOPIC, { retain: true }, "InvalidRequestException"],
])("%s -> refused by name as by MQTT, no policy is asked", async (_, topic, change, name) => {
  const command = new PublishCommand({ topic, qos: 1, payload: Buffer.from("21.5"), ...payloadOf(change) });
  await expect(client.send(command)).rejects.toMatchObject({ name });
  expect([published, asked, denials.length]).toEqual([[], [], 1]);
});

test("7 slashes behind the rule of Basic Ingest -> published", async () => {
  await publish("$aws/rules/readings/a/b/c/d/e/f/g/h", "21.5");
  expect(published).toHaveLength(1);
});

test("the cloud takes nothing more -> ServiceUnavailableException, and the log is told", async () => {
  ending = true;
  await expect(publish(TOPIC, "21.5")).rejects.toMatchObject({ name: "ServiceUnavailableException" });
  expect(denials).toEqual([expect.stringMatching(/the cloud is shutting down/)]);
});

test("another operation -> refused by name", async () => {
  await expect(client.send(new GetThingShadowCommand({ thingName: "kitchen-0" }))).rejects.toThrow(
    /is not emulated; Publish is/,
  );
});
