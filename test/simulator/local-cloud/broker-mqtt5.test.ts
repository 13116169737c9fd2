/** The broker as the MQTT 5 client of the device SDK sees it. */
import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { iot, mqtt5 } from "aws-iot-device-sdk-v2";
import type { KeyedCertificate } from "../../../simulator/local-cloud/iot/certificates.ts";
import { startTestCloud, type TestCloud } from "./broker-fixture.ts";
import { sdkConnect } from "./sdk-client.ts";

const OWN_TOPIC = "rosie/reading/kitchen/0";
const { AtMostOnce, AtLeastOnce } = mqtt5.QoS;

let cloud: TestCloud;
let takes: () => void;
beforeAll(async () => {
  cloud = await startTestCloud(() => takes());
});
afterAll(async () => {
  await cloud.broker.stop();
  collectGarbage();
});

/** The native client lets the process end only once nobody holds its object. */
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}
const clients: mqtt5.Mqtt5Client[] = [];
beforeEach(() => {
  takes = () => undefined;
  cloud.reset();
});
afterEach(async () => {
  for (const client of clients.splice(0)) {
    const stopped = once(client, "stopped");
    client.stop();
    await stopped;
    client.close();
  }
});

function newClient(
  clientId: string,
  { certPem, keyPem }: KeyedCertificate,
  changes: Partial<mqtt5.ConnectPacket> = {},
): mqtt5.Mqtt5Client {
  const { host, port } = cloud.broker;
  const config = iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromMemory(
    host,
    certPem,
    keyPem,
  )
    .withCertificateAuthority(cloud.authority.caPem)
    .withPort(port)
    .withConnectProperties({ clientId, keepAliveIntervalSeconds: 30, ...changes })
    .build();
  // What the broker refuses must reach it: the client would hold it back itself.
  const client = new mqtt5.Mqtt5Client({
    ...config,
    // What was not acknowledged fails when the connection does, and is not sent again.
    offlineQueueBehavior: mqtt5.ClientOperationQueueBehavior.FailAllOnDisconnect,
    extendedValidationAndFlowControlOptions: mqtt5.ClientExtendedValidationAndFlowControl.None,
  });
  clients.push(client);
  return client;
}

async function connect(changes?: Partial<mqtt5.ConnectPacket>): Promise<mqtt5.Mqtt5Client> {
  const client = newClient("kitchen-0", cloud.device, changes);
  const connected = once(client, "connectionSuccess");
  client.start();
  await connected;
  return client;
}

/** The reason code of the broker's DISCONNECT. */
async function disconnected(client: mqtt5.Mqtt5Client): Promise<number | undefined> {
  const [event] = (await once(client, "disconnection")) as [mqtt5.DisconnectionEvent];
  return event.disconnect?.reasonCode;
}

const publish = (client: mqtt5.Mqtt5Client, packet: Partial<mqtt5.PublishPacket>) =>
  client.publish({ topicName: OWN_TOPIC, payload: "21.5", qos: AtLeastOnce, ...packet });

describe("connecting", () => {
  test("allowed -> connected, told what the broker takes", async () => {
    const client = newClient("kitchen-0", cloud.device);
    const success = once(client, "connectionSuccess");
    client.start();
    const [{ settings }] = (await success) as [mqtt5.ConnectionSuccessEvent];
    expect(settings).toMatchObject({ receiveMaximumFromServer: 100, sharedSubscriptionsAvailable: false });
    expect(settings.maximumPacketSizeToServer).toBe(147_456);
  });

  test("another node's client id -> CONNACK not authorized (135), logged", async () => {
    const client = newClient("kitchen-1", cloud.device);
    const failure = once(client, "connectionFailure");
    client.start();
    const [{ connack }] = (await failure) as [mqtt5.ConnectionFailureEvent];
    expect(connack?.reasonCode).toBe(mqtt5.ConnectReasonCode.NotAuthorized);
    expect((await cloud.logged("connect-refused")).text).toMatch(/kitchen-1 may not connect/);
  });

  test("the client id connects again, by MQTT 3.1.1 -> the older is told that its session was taken over", async () => {
    const ended = disconnected(await connect());
    const newer = await sdkConnect(cloud, "kitchen-0", cloud.device);
    expect(await ended).toBe(mqtt5.DisconnectReasonCode.SessionTakenOver);
    await newer.end();
  });

  test("session expiry of 8 days -> 7 days, said in the CONNACK", async () => {
    const client = newClient("kitchen-0", cloud.device, { sessionExpiryIntervalSeconds: 8 * 86_400 });
    const success = once(client, "connectionSuccess");
    client.start();
    const [{ connack }] = (await success) as [mqtt5.ConnectionSuccessEvent];
    expect(connack.sessionExpiryInterval).toBe(7 * 86_400);
  });
});

describe("publishing", () => {
  test("own topic -> PUBACK success, handed over", async () => {
    expect((await publish(await connect(), {}))?.reasonCode).toBe(0);
    expect(cloud.published).toEqual([expect.objectContaining({ topic: OWN_TOPIC, clientId: "kitchen-0" })]);
  });

  test("by a topic alias -> handed over with its topic", async () => {
    const client = await connect();
    await publish(client, { topicAlias: 3 });
    await publish(client, { topicName: "", topicAlias: 3, payload: "22" }).catch(() => undefined);
    expect(cloud.published[0]?.topic).toBe(OWN_TOPIC);
  });

  test("another node's topic, QoS 1 -> PUBACK not authorized (135), the connection stays", async () => {
    const client = await connect();
    const puback = await publish(client, { topicName: "rosie/reading/kitchen/1" });
    expect(puback?.reasonCode).toBe(mqtt5.PubackReasonCode.NotAuthorized);
    expect((await cloud.logged("publish-refused")).text).toMatch(
      /may not publish to .*kitchen\/1: .*; PUBACK 0x87$/,
    );
    expect((await publish(client, {}))?.reasonCode).toBe(0);
    expect(cloud.published).toHaveLength(1);
  });

  test.each<[string, Partial<mqtt5.PublishPacket>, number, RegExp]>([
    [
      "another node's topic, QoS 0",
      { topicName: "rosie/reading/kitchen/1", qos: AtMostOnce },
      0x87,
      /no policy/,
    ],
    ["retain", { retain: true }, 0x9a, /iot:RetainPublish/],
    ["a topic of 8 slashes", { topicName: "a/b/c/d/e/f/g/h/i" }, 0x90, /8 slashes/],
    ["129 KB", { payload: "x".repeat(129 * 1_024) }, 0x95, /takes 131072/],
  ])("%s -> DISCONNECT says why, logged, nothing handed over", async (_, packet, reasonCode, text) => {
    const client = await connect();
    const ended = disconnected(client);
    publish(client, packet).catch(() => undefined);
    expect(await ended).toBe(reasonCode);
    expect(cloud.log.map((entry) => entry.text)).toContainEqual(expect.stringMatching(text));
    expect(cloud.published).toEqual([]);
  });

  test("the rules engine does not take it -> no PUBACK but a DISCONNECT with an error", async () => {
    takes = () => {
      throw new Error("rule engine is gone");
    };
    const client = await connect();
    const ended = disconnected(client);
    const puback = publish(client, {}).catch(() => "failed");
    expect(await ended).toBe(0x80);
    expect(await puback).toBe("failed");
  });
});

describe("subscribing", () => {
  test("allowed and refused filters -> a code for each; a message of MQTT 3.1.1 arrives", async () => {
    const client = await connect();
    const suback = await client.subscribe({
      subscriptions: [
        { topicFilter: "news", qos: AtLeastOnce },
        { topicFilter: "rosie/#", qos: AtLeastOnce },
      ],
    });
    expect(suback.reasonCodes).toEqual([1, 0x87]);
    const arrived = once(client, "messageReceived");
    const writer = await sdkConnect(cloud, "kitchen-1", cloud.peer);
    await writer.connection.publish("news", "hello", 1);
    const [{ message }] = (await arrived) as [mqtt5.MessageReceivedEvent];
    expect([message.topicName, Buffer.from(message.payload as ArrayBuffer).toString()]).toEqual([
      "news",
      "hello",
    ]);
    await writer.end();
  });

  test("user properties -> reach the subscriber", async () => {
    const client = await connect();
    await client.subscribe({ subscriptions: [{ topicFilter: "news", qos: AtLeastOnce }] });
    const arrived = once(client, "messageReceived");
    await publish(client, { topicName: "news", userProperties: [{ name: "unit", value: "°C" }] });
    const [{ message }] = (await arrived) as [mqtt5.MessageReceivedEvent];
    expect(message.userProperties).toEqual([{ name: "unit", value: "°C" }]);
  });

  test("a subscription identifier -> DISCONNECT says that there are none", async () => {
    const client = await connect();
    const ended = disconnected(client);
    client
      .subscribe({ subscriptions: [{ topicFilter: "news", qos: AtLeastOnce }], subscriptionIdentifier: 1 })
      .catch(() => undefined);
    expect(await ended).toBe(0xa1);
  });
});

test("stop -> DISCONNECT says that the server is shutting down", async () => {
  const own = await startTestCloud();
  const before = cloud;
  cloud = own;
  const client = await connect();
  await publish(client, {});
  const ended = disconnected(client);
  await own.broker.stop();
  cloud = before;
  expect(await ended).toBe(mqtt5.DisconnectReasonCode.ServerShuttingDown);
});
