/** What the broker answers to single packets, to the byte. */
import { setImmediate } from "node:timers/promises";
import { startTestCloud, type TestCloud } from "./broker-fixture.ts";
import {
  CONNACK_ACCEPTED,
  connectPacket,
  MQTT_5,
  MQTT_31,
  MQTT_311,
  packet,
  publishPacket,
  RawClient,
  subscribePacket,
} from "./raw-client.ts";

const OWN_TOPIC = "rosie/reading/kitchen/0";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.broker.stop());
const open: RawClient[] = [];
beforeEach(() => cloud.reset());
afterEach(async () => {
  for (const client of open.splice(0)) client.end();
  while (cloud.broker.connections > 0) await setImmediate();
});

async function tls(): Promise<RawClient> {
  const client = await RawClient.open(cloud, cloud.device);
  open.push(client);
  return client;
}

async function connected(): Promise<RawClient> {
  const client = await tls();
  client.send(connectPacket(MQTT_311, "kitchen-0"));
  expect(await client.bytes(4)).toBe(CONNACK_ACCEPTED);
  return client;
}

const refused = async (): Promise<string> => (await cloud.logged("connect-refused")).text;

describe("CONNECT", () => {
  test.each([
    [
      "MQTT 3.1.1, a client id that the policy refuses",
      MQTT_311,
      "kitchen-1",
      "",
      /no policy allows iot:Connect/,
    ],
    ["MQTT 5, the same", MQTT_5, "kitchen-1", "2003008700", /no policy allows iot:Connect/],
    ["MQTT 3.1", MQTT_31, "kitchen-0", "20020001", /MQTT 3\.1 \(MQIsdp\).*-V mqttv311/],
    ["MQTT 3.1.1, no client id", MQTT_311, "", "20020002", /without a client id/],
    ["MQTT 5, no client id", MQTT_5, "", "2003008500", /without a client id/],
    ["MQTT 3.1.1, a client id of 129 bytes", MQTT_311, "k".repeat(129), "20020002", /129 bytes/],
    ["MQTT 5, a client id of 129 bytes", MQTT_5, "k".repeat(129), "2003008500", /129 bytes/],
    ["MQTT 3.1.1, a client id that objects inherit", MQTT_311, "constructor", "", /no policy allows/],
  ])(
    "%s -> closed, said in the CONNACK where AWS IoT sends one",
    async (_, version, clientId, connack, text) => {
      const client = await tls();
      client.send(connectPacket(version, clientId));
      await client.closed;
      expect(client.received).toBe(connack);
      expect(await refused()).toMatch(text);
      expect(cloud.log.map(({ code }) => code)).not.toContain("connection-error");
    },
  );

  test("MQTT 5, allowed -> CONNACK of MQTT 5 that announces what AWS IoT announces", async () => {
    const client = await tls();
    client.send(connectPacket(MQTT_5, "kitchen-0"));
    // 3.2.2.3: shared subscriptions unavailable (2a), topic aliases (22), packet size (27), receive maximum (21).
    expect(await client.bytes(18)).toBe("201000000d2a0022000827000240002100 64".replace(" ", ""));
  });

  test("a protocol level that does not exist -> closed, logged", async () => {
    const client = await tls();
    client.send(connectPacket({ name: "MQTT", level: 6 }, "kitchen-0"));
    await client.closed;
    expect((await cloud.logged("connection-error")).text).toMatch(/Invalid protocol version/);
  });
});

describe("SUBSCRIBE", () => {
  test("8 filters -> answered one by one; a 9th -> closed, without a SUBACK", async () => {
    const client = await connected();
    client.send(subscribePacket(["news", "secret", "1", "2", "3", "4", "5", "6"]));
    expect(await client.bytes(16)).toBe(`${CONNACK_ACCEPTED}900a00070101808080808080`);
    client.send(subscribePacket(["1", "2", "3", "4", "5", "6", "7", "8", "news"]));
    await client.closed;
    expect(client.received).toHaveLength(32);
    expect((await cloud.logged("subscribe-refused")).text).toMatch(/may not subscribe to/);
    expect(cloud.log.filter(({ text }) => /9 filters: AWS IoT takes 8/.test(text))).toHaveLength(1);
  });

  test("two of 5 filters in one segment -> both are answered", async () => {
    const client = await connected();
    const five = subscribePacket(["news", "a", "b", "c", "d"]);
    client.send(five, five);
    const suback = "90070007" + "0180808080";
    expect(await client.bytes(22)).toBe(CONNACK_ACCEPTED + suback + suback);
  });

  test("a filter twice -> a code for each", async () => {
    const client = await connected();
    client.send(subscribePacket(["news", "7", "news"]));
    expect(await client.bytes(11)).toBe(`${CONNACK_ACCEPTED}90050007018001`);
  });

  test("8 slashes, a name that objects inherit -> code 128, connection stays", async () => {
    const client = await connected();
    client.send(subscribePacket(["a/b/c/d/e/f/g/h/#", "__proto__"]));
    expect(await client.bytes(10)).toMatch(/^200200009004000780/);
    client.send(publishPacket(OWN_TOPIC, "x"));
    expect(await client.bytes(14)).toMatch(/40020009$/);
  });
});

describe("a PUBLISH that announces more than AWS IoT takes", () => {
  test.each(["128 MB", "148 KB"])("%s -> closed before it comes, logged with its size", async (size) => {
    const announced = size === "128 MB" ? 128 * 1_024 * 1_024 : 148 * 1_024;
    const client = await connected();
    client.send(publishPacket(OWN_TOPIC, "the beginning of it", announced));
    await client.closed;
    expect((await cloud.logged("connection-error")).text).toMatch(
      /^kitchen-0: connection closed: a packet of \d{6,} bytes, AWS IoT takes 131072 of payload$/,
    );
    expect(cloud.published).toEqual([]);
  });

  test("before CONNECT -> closed", async () => {
    const client = await tls();
    client.send(packet(0x10, Buffer.from([0, 4]), 200_000));
    await client.closed;
    expect((await cloud.logged("connection-error")).text).toMatch(/has not connected yet: .*200004 bytes/);
  });

  test("128 KB of payload exactly -> taken", async () => {
    const client = await connected();
    client.send(publishPacket(OWN_TOPIC, Buffer.alloc(128 * 1_024, 0x20)));
    expect(await client.bytes(8)).toMatch(/40020009$/);
    expect(cloud.published[0]?.payload).toHaveLength(131_072);
  });
});

test("subscription to news/#, messages on news and news/ -> as AWS IoT reads it, the second alone", async () => {
  const own = await startTestCloud();
  try {
    const { device, peer } = own;
    const reader = await RawClient.open(own, device);
    reader.send(connectPacket(MQTT_311, "kitchen-0"), subscribePacket(["news/#"]));
    await reader.bytes(9);
    const writer = await RawClient.open(own, peer);
    writer.send(
      connectPacket(MQTT_311, "kitchen-1"),
      publishPacket("news", "1"),
      publishPacket("news/", "2"),
    );
    await writer.bytes(12);
    const got = await reader.bytes(9 + 12);
    expect(Buffer.from(got, "hex").subarray(9).toString()).toContain("news/");
    expect(got.slice(18)).toMatch(/32$/);
    for (const client of [reader, writer]) client.end();
  } finally {
    await own.broker.stop();
  }
});
