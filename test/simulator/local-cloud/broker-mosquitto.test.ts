/**
 * The broker as Debian's mosquitto-clients see it: a client that is not ours, over both versions of TLS. Skipped, and
 * said so, where `mosquitto_pub` is not on the PATH.
 */
import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createCertificateAuthority,
  writeCredentials,
} from "../../../simulator/local-cloud/iot/certificates.ts";
import { startTestCloud, type TestCloud } from "./broker-fixture.ts";

const installed = spawnSync("mosquitto_pub", ["--help"]).error === undefined;
const whenInstalled = installed ? describe : describe.skip;
const OWN_TOPIC = "rosie/reading/kitchen/0";

interface Files {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Publishes at QoS 1 and gives the exit code. */
const mosquittoPub = (
  { host, port }: TestCloud["broker"],
  options: readonly string[],
  topic: string,
): Promise<number> => {
  const fixed = ["-h", host, "-p", String(port), "-i", "kitchen-0"];
  const message = ["-V", "mqttv311", "-q", "1", "-t", topic, "-m", "21.5"];
  return new Promise((resolve) => {
    const child = execFile("mosquitto_pub", [...fixed, ...options, ...message], { timeout: 10_000 });
    child.on("exit", (code) => resolve(code ?? -1));
  });
};
const withFiles = ({ cert, key }: Files): string[] => ["--cert", cert, "--key", key];

whenInstalled.each(["tlsv1.2", "tlsv1.3"])("mosquitto_pub (install mosquitto-clients), %s", (version) => {
  let cloud: TestCloud;
  let directory: string;
  let own: Files;
  let foreign: Files;
  beforeAll(async () => {
    cloud = await startTestCloud();
    directory = await mkdtemp(join(tmpdir(), "ha2m-mosquitto-"));
    const paths = await writeCredentials(
      directory,
      cloud.authority.caPem,
      new Map([["kitchen-0", cloud.device]]),
    );
    own = { ca: paths.ca, ...paths.devices.get("kitchen-0")! };
    const other = await createCertificateAuthority(Date.now());
    const theirs = new Map([["kitchen-0", await other.issueDevice("kitchen-0")]]);
    const otherPaths = await writeCredentials(join(directory, "other"), other.caPem, theirs);
    foreign = { ca: otherPaths.ca, ...otherPaths.devices.get("kitchen-0")! };
  });
  afterAll(async () => {
    await cloud.broker.stop();
    await rm(directory, { recursive: true });
  });
  beforeEach(() => cloud.reset());

  const publish = (ca: string, options: readonly string[], topic = OWN_TOPIC): Promise<number> =>
    mosquittoPub(cloud.broker, ["--tls-version", version, "--cafile", ca, ...options], topic);

  test("own certificate, own topic -> accepted", async () => {
    expect(await publish(own.ca, withFiles(own))).toBe(0);
    expect(cloud.published.map(({ topic, payload }) => [topic, Buffer.from(payload).toString()])).toEqual([
      [OWN_TOPIC, "21.5"],
    ]);
  });

  test("no certificate -> refused, logged", async () => {
    expect(await publish(own.ca, [])).not.toBe(0);
    expect((await cloud.logged("tls-refused")).text).toMatch(/no client certificate/);
    expect(cloud.published).toEqual([]);
  });

  test("another CA's certificate -> refused, logged", async () => {
    expect(await publish(own.ca, withFiles(foreign))).not.toBe(0);
    expect((await cloud.logged("tls-refused")).text).toMatch(/not signed by this cloud's CA/);
    expect(cloud.published).toEqual([]);
  });

  test("another node's topic -> refused, logged", async () => {
    // mosquitto_pub connects again and again after being cut off: it is the broker's answer that counts.
    const exit = publish(own.ca, withFiles(own), "rosie/reading/kitchen/1");
    expect((await cloud.logged("publish-refused")).text).toMatch(
      /kitchen-0 may not publish to rosie\/reading\/kitchen\/1/,
    );
    expect(await exit).not.toBe(0);
    expect(cloud.published).toEqual([]);
  });

  test("client that trusts another CA -> log says what to give it", async () => {
    expect(await publish(foreign.ca, withFiles(own))).not.toBe(0);
    expect((await cloud.logged("tls-refused")).text).toMatch(
      /client rejected our certificate: .*--cafile \/keys\/ca\.pem/,
    );
  });
});
