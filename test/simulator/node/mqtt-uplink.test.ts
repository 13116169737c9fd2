import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { PublishedMessage } from "../../../simulator/local-cloud/iot/broker-gate.ts";
import { createCertificateAuthority } from "../../../simulator/local-cloud/iot/certificates.ts";
import { MqttUplink, type MqttUplinkOptions } from "../../../simulator/node/mqtt-uplink.ts";
import { startTestCloud, type TestCloud } from "../local-cloud/broker-fixture.ts";

const OWN_TOPIC = "rosie/reading/kitchen/0";

let cloud: TestCloud;
let onPublish: (message: PublishedMessage) => void;
beforeAll(async () => {
  cloud = await startTestCloud((message) => onPublish(message));
});
afterAll(() => cloud.broker.stop());
beforeEach(() => {
  onPublish = () => undefined;
  cloud.reset();
});

const optionsOf = (changed: Partial<MqttUplinkOptions> = {}): MqttUplinkOptions => {
  const { certPem, keyPem } = cloud.device;
  const { host, port } = cloud.broker;
  return { thing: "kitchen-0", caPem: cloud.authority.caPem, certPem, keyPem, host, port, ...changed };
};
const connections = (): number => cloud.log.filter(({ code }) => code === "connected").length;

describe("with a broker that takes it", () => {
  test("connect, publish, disconnect -> message arrived, and the broker saw it go", async () => {
    const uplink = new MqttUplink(optionsOf());
    await uplink.connect();
    await uplink.publish(OWN_TOPIC, '{"v":1}');
    expect(cloud.published.map(({ payload }) => Buffer.from(payload).toString())).toEqual(['{"v":1}']);
    await uplink.disconnect();
    await cloud.logged("disconnected");
  });

  test("publish resolves -> onPublish had the message before", async () => {
    const uplink = new MqttUplink(optionsOf());
    await uplink.connect();
    for (let count = 1; count <= 20; count++) {
      await uplink.publish(OWN_TOPIC, "x");
      expect(cloud.published).toHaveLength(count);
    }
    await uplink.disconnect();
  });

  test.each([
    ["unset", {}, 2],
    ["false", { everyWake: false }, 1],
  ])("connect while connected, everyWake %s -> connections made", async (_, option, made) => {
    const uplink = new MqttUplink(optionsOf(option));
    for (let wake = 0; wake < 2; wake++) {
      await uplink.connect();
      await uplink.publish(OWN_TOPIC, "x");
    }
    await uplink.disconnect();
    expect(connections()).toBe(made);
    expect(cloud.published).toHaveLength(2);
  });

  test("everyWake false, connection lost meanwhile -> connect makes a new one", async () => {
    const uplink = new MqttUplink(optionsOf({ everyWake: false }));
    await uplink.connect();
    await expect(uplink.publish("rosie/reading/kitchen/1", "x")).rejects.toMatchObject({
      code: "publish-failed",
    });
    await uplink.connect();
    await uplink.publish(OWN_TOPIC, "x");
    await uplink.disconnect();
    expect(connections()).toBe(2);
  });
});

describe("what can go wrong", () => {
  test("publish before connect -> not-connected", async () => {
    await expect(new MqttUplink(optionsOf()).publish(OWN_TOPIC, "x")).rejects.toMatchObject({
      code: "not-connected",
    });
  });

  test("disconnect before connect -> nothing", async () => {
    await expect(new MqttUplink(optionsOf()).disconnect()).resolves.toBeUndefined();
  });

  test("another node's topic -> publish-failed at once, and the refused message is not sent again", async () => {
    const uplink = new MqttUplink(optionsOf());
    await uplink.connect();
    await expect(uplink.publish("rosie/reading/kitchen/1", "x")).rejects.toMatchObject({
      code: "publish-failed",
      message: expect.stringMatching(/^kitchen-0 to 127\.0\.0\.1:\d+: the connection ended before a PUBACK/),
    });
    // The SDK would reconnect after a second.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(connections()).toBe(1);
    await uplink.disconnect();
  });

  test("another node's client id -> connect-failed", async () => {
    await expect(new MqttUplink(optionsOf({ thing: "kitchen-1" })).connect()).rejects.toMatchObject({
      code: "connect-failed",
    });
  });

  test("certificate of another CA -> connect-failed", async () => {
    const other = await createCertificateAuthority(Date.now());
    const { certPem, keyPem } = await other.issueDevice("kitchen-0");
    await expect(new MqttUplink(optionsOf({ certPem, keyPem })).connect()).rejects.toMatchObject({
      code: "connect-failed",
    });
  });

  test("certificate that is no PEM -> bad-credentials, the SDK's error is kept", async () => {
    await expect(new MqttUplink(optionsOf({ certPem: "hello" })).connect()).rejects.toMatchObject({
      code: "bad-credentials",
      cause: expect.anything(),
    });
  });
});

describe("a broker that does not answer", () => {
  test("nobody listens -> connect-failed, naming host and port", async () => {
    await expect(new MqttUplink(optionsOf({ port: 1 })).connect()).rejects.toMatchObject({
      code: "connect-failed",
      message: expect.stringContaining("kitchen-0 to 127.0.0.1:1"),
    });
  });

  test("server that says nothing -> connect-timeout within the limit", async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket.on("error", () => undefined))).listen(
      0,
      "127.0.0.1",
    );
    await once(mute, "listening");
    const { port } = mute.address() as AddressInfo;
    const connecting = new MqttUplink(optionsOf({ port, limits: { connectMs: 100 } })).connect();
    await expect(connecting).rejects.toMatchObject({ code: "connect-timeout" });
    for (const socket of sockets) socket.destroy();
    mute.close();
  });

  test("PUBACK that comes too late -> publish-timeout, the connection stays", async () => {
    const uplink = new MqttUplink(optionsOf({ limits: { publishMs: 1 } }));
    await uplink.connect();
    // The broker runs in this process: while it takes the message nothing else does. So the limit is up before a PUBACK
    // can have gone out and come back, if not before the message was there.
    onPublish = () => {
      const until = performance.now() + 20;
      while (performance.now() < until);
    };
    await expect(uplink.publish(OWN_TOPIC, "x")).rejects.toMatchObject({ code: "publish-timeout" });
    await uplink.disconnect();
  });
});

describe("its process", () => {
  let child: ChildProcess;
  afterEach(() => child.kill("SIGKILL"));
  const start = (options: MqttUplinkOptions): Promise<string> => {
    const script = join(__dirname, "uplink-process.ts");
    child = spawn(process.execPath, ["--import", "tsx", script, JSON.stringify(options)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    return once(child.stdout!, "data").then(([chunk]) => String(chunk).trim());
  };

  test("published and disconnected -> ends by itself", async () => {
    expect(await start(optionsOf())).toBe("ok");
    const [code] = await once(child, "exit");
    expect(code).toBe(0);
  }, 20_000);

  // In a process of its own: the SDK's TLS library holds a distrusted connection, and with it the process, for up to 30 s.
  test("broker of a CA that it does not trust -> connect-timeout that says so, long before the SDK's", async () => {
    const other = await createCertificateAuthority(Date.now());
    expect(await start(optionsOf({ caPem: other.caPem, limits: { connectMs: 300 } }))).toMatch(
      /^connect-timeout .*within 300 ms; .*given CA signed its certificate$/,
    );
  }, 20_000);
});
