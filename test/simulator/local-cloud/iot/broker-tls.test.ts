import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { explainTlsError } from "../../../../simulator/local-cloud/iot/broker-tls.ts";
import { createCertificateAuthority } from "../../../../simulator/local-cloud/iot/certificates.ts";
import { startTestCloud, type TestCloud, tlsUntilClosed } from "../broker-fixture.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.broker.stop());
beforeEach(() => cloud.reset());

const refused = async (): Promise<string> => (await cloud.logged("tls-refused")).text;

describe.each(["TLSv1.2", "TLSv1.3"] as const)("%s: who may not speak MQTT", (version) => {
  const only = { minVersion: version, maxVersion: version };

  test("no certificate -> closed, log says what to give", async () => {
    await tlsUntilClosed(cloud, only);
    expect(await refused()).toMatch(/^127\.0\.0\.1:\d+: no client certificate: .*--cert and --key/);
  });

  test("certificate of another CA of the same name -> closed, log says so", async () => {
    const other = await createCertificateAuthority(Date.now());
    const { certPem, keyPem } = await other.issueDevice("kitchen-0");
    await tlsUntilClosed(cloud, { ...only, cert: certPem, key: keyPem });
    expect(await refused()).toMatch(/not signed by this cloud's CA/);
  });

  test("registered certificate, expired -> closed, log says so", async () => {
    await tlsUntilClosed(cloud, { ...only, cert: cloud.expired.certPem, key: cloud.expired.keyPem });
    expect(await refused()).toMatch(/client certificate has expired/);
  });

  test("certificate of this CA that is not registered -> closed, log names its id", async () => {
    const { certPem, keyPem, certificateId } = await cloud.authority.issueDevice("kitchen-9");
    await tlsUntilClosed(cloud, { ...only, cert: certPem, key: keyPem });
    expect(await refused()).toContain(`certificate ${certificateId} is not registered here`);
  });
});

test("plain TCP client -> log says that the port wants TLS, and where the CA is", async () => {
  await new Promise<void>((resolve) => {
    const socket = connectTcp(cloud.broker.port, cloud.broker.host, () =>
      socket.write("\x10\x0c\x00\x04MQTT"),
    );
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
    socket.resume();
  });
  expect(await refused()).toMatch(/does not speak TLS.*--cafile \/keys\/ca\.pem/);
});

test("client that connects and leaves without a word -> nothing logged", async () => {
  await new Promise<void>((resolve) => {
    const socket = connectTcp(cloud.broker.port, cloud.broker.host, () => socket.resetAndDestroy());
    socket.on("close", () => resolve());
  });
  // A refusal that is logged later than the silent one shows that the log was listening.
  await tlsUntilClosed(cloud, {});
  await refused();
  expect(cloud.log.map(({ text }) => text)).toEqual([expect.stringMatching(/no client certificate/)]);
});

describe("ALPN", () => {
  const handshake = (protocols?: string[]): Promise<string | false | null> =>
    new Promise((resolve, reject) => {
      const { host, port } = cloud.broker;
      const { certPem: cert, keyPem: key } = cloud.device;
      const offer = protocols === undefined ? {} : { ALPNProtocols: protocols };
      const socket = connectTls({ host, port, ca: cloud.authority.caPem, cert, key, ...offer }, () => {
        resolve(socket.alpnProtocol);
        socket.destroy();
      });
      socket.on("error", reject);
    });

  test("x-amzn-mqtt-ca, or mqtt -> agreed; none offered -> accepted", async () => {
    expect(await handshake(["x-amzn-mqtt-ca"])).toBe("x-amzn-mqtt-ca");
    expect(await handshake(["mqtt"])).toBe("mqtt");
    expect(await handshake()).toBe(false);
  });

  test("another protocol -> refused, log says what to offer", async () => {
    await expect(handshake(["h2"])).rejects.toThrow(/alert/i);
    expect(await refused()).toMatch(/offer one of them, or none/);
  });
});

describe("explainTlsError", () => {
  test("unknown ca -> says what to give the client", () => {
    expect(explainTlsError({ code: "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", message: "" }, undefined)).toBe(
      "client rejected our certificate: unknown ca: give it this cloud's CA (mosquitto_pub: --cafile PATH)",
    );
  });

  test("an error without a name here -> the TLS library's own words", () => {
    expect(explainTlsError({ code: "ERR_SSL_X", message: "odd\n" }, undefined)).toBe(
      "TLS handshake failed: odd",
    );
  });
});
