import { GetThingShadowCommand, IoTDataPlaneClient, PublishCommand } from "@aws-sdk/client-iot-data-plane";
import { startIotDataFront } from "../../../../simulator/local-cloud/fronts/iot-data-front.ts";
import type { Front } from "../../../../simulator/local-cloud/fronts/server.ts";

const TOPIC = "rosie/reading/kitchen/0";

let front: Front;
let client: IoTDataPlaneClient;
let refusal: string | undefined;
const asked: string[][] = [];
const denials: string[] = [];
const published: [topic: string, payload: string][] = [];
beforeAll(async () => {
  front = await startIotDataFront({
    topicArnPrefix: "arn:aws:iot:us-east-1:123456789012:topic/",
    publish: (topic, payload) => published.push([topic, Buffer.from(payload).toString("utf8")]),
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
  for (const list of [asked, denials, published]) list.length = 0;
});
afterAll(async () => {
  client.destroy();
  await front.stop();
});

const publish = (topic: string, payload: string) =>
  client.send(new PublishCommand({ topic, qos: 1, payload: Buffer.from(payload) }));

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
  ["a topic filter", "rosie/reading/+/0", "21.5", "InvalidRequestException"],
  ["a payload beyond 128 KiB", TOPIC, "x".repeat(128 * 1_024 + 1), "RequestEntityTooLargeException"],
])("%s -> refused by name", async (_, topic, payload, name) => {
  await expect(publish(topic, payload)).rejects.toMatchObject({ name });
  expect(published).toEqual([]);
});

test("another operation -> refused by name", async () => {
  await expect(client.send(new GetThingShadowCommand({ thingName: "kitchen-0" }))).rejects.toThrow(
    /is not emulated; Publish is/,
  );
});
