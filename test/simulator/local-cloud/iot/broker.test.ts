import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { mqtt } from "aws-iot-device-sdk-v2";
import { startBroker } from "../../../../simulator/local-cloud/iot/broker.ts";
import type { PublishedMessage } from "../../../../simulator/local-cloud/iot/broker-gate.ts";
import type { KeyedCertificate } from "../../../../simulator/local-cloud/iot/certificates.ts";
import { startTestCloud, type TestCloud } from "../broker-fixture.ts";
import { type SdkClient, sdkConnect } from "../sdk-client.ts";

const OWN_TOPIC = "rosie/reading/kitchen/0";
/** CONNECT of MQTT 3.1.1 [3.1]: clean session, keep-alive 30 s, client id kitchen-0. */
const CONNECT = Buffer.from("101500044d5154540402001e00096b69746368656e2d30", "hex");
const { AtMostOnce, AtLeastOnce, ExactlyOnce } = mqtt.QoS;

const willOn = (topic: string): mqtt.MqttWill => new mqtt.MqttWill(topic, AtLeastOnce, "gone");

let cloud: TestCloud;
let onPublish: (message: PublishedMessage) => void;
beforeAll(async () => {
  cloud = await startTestCloud((message) => onPublish(message));
});
afterAll(async () => {
  await Promise.all(ending);
  await cloud.broker.stop();
});
beforeEach(() => {
  onPublish = () => undefined;
  cloud.reset();
});

const clients: SdkClient[] = [];
const ending: Promise<void>[] = [];
afterEach(async () => {
  ending.push(...clients.splice(0).map((client) => client.end()));
  while (cloud.broker.connections > 0) await setImmediate();
});
async function connect(
  thing: string,
  certificate: KeyedCertificate,
  will?: mqtt.MqttWill,
): Promise<SdkClient> {
  const client = await sdkConnect(cloud, thing, certificate, will);
  clients.push(client);
  return client;
}
const connectNode = (will?: mqtt.MqttWill): Promise<SdkClient> => connect("kitchen-0", cloud.device, will);
/** A publish that the broker answers by closing the connection: its promise never settles by itself. */
const publishIntoTheVoid = (
  { connection }: SdkClient,
  topic: string,
  payload: string,
  qos: mqtt.QoS,
  retain = false,
) => {
  connection.publish(topic, payload, qos, retain).catch(() => undefined);
};

describe("an accepted publish", () => {
  test("QoS 1 -> handed over with client and bytes, and then acknowledged", async () => {
    const order: string[] = [];
    onPublish = () => order.push("handed over");
    const { connection } = await connectNode();
    await connection.publish(OWN_TOPIC, "ü", AtLeastOnce);
    order.push("PUBACK");
    expect(order).toEqual(["handed over", "PUBACK"]);
    const [message] = cloud.published;
    expect(message).toMatchObject({ topic: OWN_TOPIC, clientId: "kitchen-0" });
    expect(Buffer.from(message!.payload).toString("hex")).toBe("c3bc");
  });

  test("QoS 0 -> handed over", async () => {
    const handedOver = new Promise<void>((resolve) => {
      onPublish = () => resolve();
    });
    const { connection } = await connectNode();
    await connection.publish(OWN_TOPIC, "x", AtMostOnce);
    await handedOver;
    expect(cloud.published).toHaveLength(1);
  });

  // Aedes acknowledges before it distributes: a hand-over from any later hook would be acknowledged already.
  test("hand-over fails -> no PUBACK, connection closed, logged as an error", async () => {
    onPublish = () => {
      throw new Error("rule engine is gone");
    };
    const client = await connectNode();
    let acknowledged = false;
    client.connection.publish(OWN_TOPIC, "x", AtLeastOnce).then(
      () => {
        acknowledged = true;
      },
      () => undefined,
    );
    await client.closed;
    expect(acknowledged).toBe(false);
    expect(await cloud.logged("hand-over-failed")).toMatchObject({
      level: "error",
      text: expect.stringContaining("rule engine is gone"),
    });
  });
});

describe("a publish that is refused", () => {
  test("another node's topic -> connection closed, nothing handed over, log says who, where and why", async () => {
    const client = await connectNode();
    publishIntoTheVoid(client, "rosie/reading/kitchen/1", "x", AtLeastOnce);
    await client.closed;
    expect(cloud.published).toEqual([]);
    expect(await cloud.logged("publish-refused")).toMatchObject({
      level: "warn",
      source: "broker",
      at: 1_000,
      text: expect.stringMatching(
        /^kitchen-0 may not publish to rosie\/reading\/kitchen\/1: no policy allows iot:Publish on arn:aws:iot:.*connection closed$/,
      ),
      fields: { clientId: "kitchen-0", topic: "rosie/reading/kitchen/1" },
    });
    expect(cloud.log.map(({ code }) => code)).not.toContain("connection-error");
  });

  test.each([
    ["QoS 2", ExactlyOnce, false, "x", /QoS 0 and 1 only/],
    ["retain", AtLeastOnce, true, "x", /iot:RetainPublish/],
    ["129 KB", AtLeastOnce, false, "x".repeat(129 * 1_024), /AWS IoT takes 131072/],
  ] as const)("%s -> connection closed, nothing handed over", async (_, qos, retain, payload, text) => {
    const client = await connectNode();
    publishIntoTheVoid(client, OWN_TOPIC, payload, qos, retain);
    await client.closed;
    expect(cloud.published).toEqual([]);
    expect((await cloud.logged("publish-refused")).text).toMatch(text);
  });
});

describe("connecting", () => {
  test("client id of another node -> refused, log says why", async () => {
    await expect(sdkConnect(cloud, "kitchen-1", cloud.device)).rejects.toBeDefined();
    const { text } = await cloud.logged("connect-refused");
    expect(text).toMatch(
      /^kitchen-1 may not connect: no policy allows iot:Connect on .*client\/kitchen-1 to [0-9a-f]{64}/,
    );
  });

  test("client id that is connected already -> the older connection is closed, and the log says so", async () => {
    const older = await connectNode();
    const newer = await connectNode();
    await older.closed;
    await newer.connection.publish(OWN_TOPIC, "x", AtLeastOnce);
    expect(cloud.broker.connections).toBe(1);
    expect(await cloud.logged("connection-replaced")).toMatchObject({ level: "warn" });
  });

  test("three connections of one client id at once -> logged in the order in which they came and went", async () => {
    const tls = { cert: cloud.device.certPem, key: cloud.device.keyPem, ca: cloud.authority.caPem };
    const sockets = await Promise.all(
      [1, 2, 3].map(async () => {
        const socket = connectTls({ host: cloud.broker.host, port: cloud.broker.port, ...tls });
        socket.on("error", () => undefined);
        await once(socket, "secureConnect");
        return socket;
      }),
    );
    for (const socket of sockets) socket.write(CONNECT);
    while (cloud.log.filter(({ code }) => code === "connection-replaced").length < 2) await setImmediate();
    await cloud.logged("connected");
    while (cloud.broker.connections > 1) await setImmediate();
    for (const socket of sockets) socket.end();
    while (cloud.broker.connections > 0) await setImmediate();
    let connections = 0;
    for (const { code } of cloud.log) {
      if (code === "connected") connections += 1;
      if (code === "disconnected") connections -= 1;
      expect([0, 1]).toContain(connections);
    }
    expect(connections).toBe(0);
    expect(cloud.log.at(-1)?.code).toBe("disconnected");
  });

  test("connection ends -> counted and logged as gone", async () => {
    const { connection } = await connectNode();
    expect(cloud.broker.connections).toBe(1);
    await connection.disconnect();
    clients.length = 0;
    await cloud.logged("disconnected");
    expect(cloud.broker.connections).toBe(0);
  });
});

describe("subscribing", () => {
  const publishAsPeer = async (topic: string, payload: string): Promise<void> => {
    const { connection } = await connect("kitchen-1", cloud.peer);
    await connection.publish(topic, payload, AtLeastOnce);
  };

  test("allowed filter, allowed topic -> delivered", async () => {
    const { connection } = await connectNode();
    const arrived = once(connection, "message");
    const { qos } = await connection.subscribe("news", AtLeastOnce);
    await publishAsPeer("news", "hello");
    const [topic, payload] = (await arrived) as [string, ArrayBuffer];
    expect(qos).toBe(AtLeastOnce);
    expect([topic, Buffer.from(payload).toString()]).toEqual(["news", "hello"]);
  });

  test.each(["rosie/#", "$SYS/#"])(
    "%s -> return code 128 in the SUBACK, connection stays, logged",
    async (filter) => {
      const { connection } = await connectNode();
      const suback = await connection.subscribe(filter, AtMostOnce);
      expect(suback.qos).toBe(128);
      expect((await cloud.logged("subscribe-refused")).text).toContain(`may not subscribe to ${filter}`);
      await connection.publish(OWN_TOPIC, "x", AtLeastOnce);
    },
  );

  test("allowed filter, topic that may not be received -> not delivered, logged", async () => {
    const { connection } = await connectNode();
    const heard: string[] = [];
    connection.on("message", (topic) => heard.push(topic));
    await connection.subscribe("secret", AtMostOnce);
    await connection.subscribe("news", AtMostOnce);
    const news = once(connection, "message");
    await publishAsPeer("secret", "x");
    await publishAsPeer("news", "x");
    await news;
    expect(heard).toEqual(["news"]);
    expect((await cloud.logged("receive-refused")).text).toMatch(/kitchen-0 may not receive secret/);
  });

  test("QoS 2 -> connection closed", async () => {
    const client = await connectNode();
    client.connection.subscribe("news", ExactlyOnce).catch(() => undefined);
    await client.closed;
    expect((await cloud.logged("subscribe-refused")).text).toMatch(/QoS 0 and 1 only/);
  });
});

describe("a will", () => {
  test("connection lost, topic allowed -> handed over like a publish", async () => {
    const handedOver = new Promise<PublishedMessage>((resolve) => {
      onPublish = resolve;
    });
    const older = await connectNode(willOn(OWN_TOPIC));
    await connectNode(); // takes the client id, which ends the older connection without DISCONNECT
    await older.closed;
    expect(Buffer.from((await handedOver).payload).toString()).toBe("gone");
  });

  test("connection lost, topic of another node -> refused, logged", async () => {
    const older = await connectNode(willOn("rosie/reading/kitchen/1"));
    await connectNode();
    await older.closed;
    expect((await cloud.logged("publish-refused")).text).toMatch(
      /may not publish to rosie\/reading\/kitchen\/1/,
    );
    expect(cloud.published).toEqual([]);
  });
});

describe("port and end", () => {
  test("port in use -> error names it and --mqtt-port, the cause is kept", async () => {
    const again = startBroker({ ...cloud.options, port: cloud.broker.port });
    await expect(again).rejects.toMatchObject({
      message: expect.stringMatching(
        new RegExp(`MQTT port ${cloud.broker.port} on 127\\.0\\.0\\.1 is in use.*--mqtt-port`),
      ),
      cause: { code: "EADDRINUSE" },
    });
  });

  test("stop with a client connected -> it is cut, its will is not published, the port is free again", async () => {
    const own = await startTestCloud();
    const client = await sdkConnect(own, "kitchen-0", own.device, willOn(OWN_TOPIC));
    await own.broker.stop();
    await client.closed;
    ending.push(client.end());
    expect(own.published).toEqual([]);
    const again = await startBroker({ ...own.options, port: own.broker.port });
    await again.stop();
  });
});
