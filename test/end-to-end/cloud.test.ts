/** `npm run cloud`: the promises to foreign clients, with the device SDK and, where it is installed, mosquitto. */
import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { isAbsolute, join, relative } from "node:path";
import { promisify } from "node:util";
import { mqtt } from "aws-iot-device-sdk-v2";
import { storedReadings } from "../../simulator/local-cloud/stored-readings.ts";
import { sdkConnect } from "../simulator/local-cloud/sdk-client.ts";
import { death, reading } from "../simulator/local-cloud/support/messages.ts";
import { projectFolder, type Running, run, start } from "./support/commands.ts";

const LOCAL_URL = /^http:\/\/127\.0\.0\.1:\d+$/;
const FREE_PORTS = ["--mqtt-port", "0", "--dynamodb-port", "0", "--ses-port", "0"];

interface Described {
  readonly mqtt: { readonly host: string; readonly port: number; readonly ca: string };
  readonly nodes: readonly { readonly thing: string; readonly cert: string; readonly key: string }[];
  readonly dynamodb: { endpoint: string; region: string; tables: string[]; keys: Record<string, string[]> };
  readonly ses: { readonly endpoint: string; readonly inbox: string };
  readonly sqs: { readonly endpoint: string; readonly queues: Readonly<Record<string, string>> };
  readonly rules: readonly string[];
  readonly not_emulated: readonly { readonly type: string; readonly count: number }[];
}

let folder: string;
let cloud: Running;
let described: Described;

/** Starts a cloud on free ports, with its keys in `name`. */
async function startCloud(name: string): Promise<{ running: Running; facts: Described }> {
  const running = start("cloud", ["--json", "--keys", join(folder, name), ...FREE_PORTS]);
  return { running, facts: JSON.parse(await running.until("stdout", /^\}$/m)) };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-"));
  ({ running: cloud, facts: described } = await startCloud("keys"));
});
afterAll(async () => {
  cloud.child.kill("SIGINT");
  expect((await cloud.finished).code).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});

const readingAt = (at: string, changes: object = {}): string => reading({ measured_at: at, ...changes });

const stored = async (): Promise<string[]> => {
  const tables = described.dynamodb.tables.map((name) => ({
    name,
    keys: described.dynamodb.keys[name] ?? [],
  }));
  return [...(await storedReadings("kitchen", { ...described.dynamodb, tables })).keys()];
};

/** Polls until it holds: what a broker, a rule and a table do to a message takes as long as it takes. */
async function eventually(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

test("--json -> endpoints, certificates, tables, rules, schedules, and what is not emulated", () => {
  expect(described).toMatchObject({
    mqtt: { host: "127.0.0.1", port: expect.any(Number) },
    nodes: [{ thing: "kitchen-0" }, { thing: "kitchen-1" }],
    rules: ["ha2m_readings", "ha2m_late_readings", "ha2m_events"],
    schedules: ["ha2m-sweep_clusters"],
    urls: [],
    sqs: { endpoint: expect.stringMatching(LOCAL_URL) },
    lambda: { endpoint: expect.stringMatching(LOCAL_URL) },
    iot_data: { endpoint: expect.stringMatching(LOCAL_URL) },
  });
  expect(described.dynamodb.tables.map((name) => described.dynamodb.keys[name])).toEqual([
    ["cluster_id", "reading_key"],
    ["cluster_id", "item_key"],
  ]);
  expect(Object.keys(described.sqs.queues).sort()).toEqual([
    "EventsRuleErrors",
    "ReadingsRuleErrors",
    "SendClusterMailFailures",
    "SweepClustersFailures",
  ]);
  expect(described.not_emulated.map(({ type }) => type)).toContain("AWS::Logs::LogGroup");
});

test("--json, a folder for the keys that is relative -> absolute paths; the totals stay off stdout", async () => {
  const keys = relative(projectFolder, join(folder, "relative"));
  const other = start("cloud", ["--json", "--keys", keys, ...FREE_PORTS]);
  const { mqtt: broker, nodes } = JSON.parse(await other.until("stdout", /^\}$/m)) as Described;
  other.child.kill("SIGINT");
  const { stdout, stderr } = await other.finished;
  expect(JSON.parse(stdout)).toMatchObject({ mqtt: broker });
  expect(stderr).toMatch(/Since the start:\n +0 {2}messages in\n/);
  expect([broker.ca, ...nodes.flatMap(({ cert, key }) => [cert, key])].every(isAbsolute)).toBe(true);
  expect(broker.ca).toBe(join(folder, "relative", "ca.pem"));
});

describe("a second cloud with the folder of one that runs", () => {
  const endpoints = () => join(folder, "keys", "endpoints.json");
  const filesOfFirst = () =>
    [endpoints(), described.mqtt.ca, ...described.nodes.flatMap(({ cert, key }) => [cert, key])].map((file) =>
      readFileSync(file, "utf8"),
    );

  test.each([
    [
      "on its ports",
      () => ["--mqtt-port", String(described.mqtt.port), "--dynamodb-port", "0", "--ses-port", "0"],
    ],
    ["on ports of its own", () => FREE_PORTS],
  ])("%s -> refused, and the first one's files are as they were", async (_, ports) => {
    const before = filesOfFirst();
    const { code, stderr } = await run("cloud", ["--keys", join(folder, "keys"), ...ports()]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(`Another cloud (process ${cloud.child.pid}) has its keys in `),
    });
    expect(filesOfFirst()).toEqual(before);
  });

  test("as the error says -> it starts beside the first, and takes away only its own files at its end", async () => {
    const { stderr } = await run("cloud", ["--keys", join(folder, "keys")]);
    const [, typed = ""] = /^ {2}npm run cloud -- (.*)$/m.exec(stderr) ?? [];
    const keys = join(projectFolder, /--keys (\S+)/.exec(typed)?.[1] ?? "");
    const before = filesOfFirst();
    const second = start("cloud", ["--json", ...typed.split(" ")]);
    const facts: Described = JSON.parse(await second.until("stdout", /^\}$/m));
    expect(facts.mqtt.ca).toBe(join(keys, "ca.pem"));
    expect(existsSync(join(keys, "endpoints.json"))).toBe(true);
    second.child.kill("SIGINT");
    expect((await second.finished).code).toBe(0);
    expect([join(keys, "endpoints.json"), join(keys, ".lock")].filter((file) => existsSync(file))).toEqual(
      [],
    );
    expect(filesOfFirst()).toEqual(before);
    rmSync(keys, { recursive: true });
  });

  test("of one that was killed -> taken over", async () => {
    const first = await startCloud("killed");
    first.running.child.kill("SIGKILL");
    await first.running.finished;
    const second = await startCloud("killed");
    expect(second.facts.mqtt.ca).toBe(first.facts.mqtt.ca);
    second.running.child.kill("SIGINT");
    expect((await second.running.finished).code).toBe(0);
  });
});

describe("a person at the terminal", () => {
  const good = readingAt("2026-02-01T00:00:00.000Z");
  const bad = readingAt("2026-02-01T00:15:00.000Z", { temperature_c: "warm" });
  let welcome: string;
  let log: string;
  let totals: string;
  beforeAll(async () => {
    const person = start("cloud", ["--keys", join(folder, "person"), ...FREE_PORTS]);
    welcome = await person.until("stdout", /--table-name \S+\n/);
    const read = (name: string) => readFileSync(join(folder, "person", name), "utf8");
    const port = Number(/mqtts:\/\/127\.0\.0\.1:(\d+)/.exec(welcome)?.[1]);
    const endpoint = { authority: { caPem: read("ca.pem") }, broker: { host: "127.0.0.1", port } };
    const device = { certPem: read("kitchen-0.cert.pem"), keyPem: read("kitchen-0.key.pem") };
    const client = await sdkConnect(endpoint, "kitchen-0", device);
    for (const payload of [good, good, bad])
      await client.connection.publish("rosie/reading/kitchen/0", payload, mqtt.QoS.AtLeastOnce);
    await client.end();
    await person.until("stderr", /message 1 arrived/);
    await person.until("stderr", /(?:info {2}rule ha2m_readings: [\s\S]*){2}/);
    person.child.kill("SIGINT");
    const { code, stdout, stderr } = await person.finished;
    expect(code).toBe(0);
    [totals, log] = [stdout.slice(welcome.length), stderr];
  });

  test("at the start -> how to look at a stored reading, what is not emulated, and that certificates are new", () => {
    expect(welcome).toMatch(
      /aws dynamodb scan --region us-east-1 \\\n {6}--endpoint-url http:\/\/127\.0\.0\.1:\d+ \\\n/,
    );
    expect(welcome).toMatch(/--table-name Ha2mData-Readings\w+\n/);
    expect(welcome).toMatch(/AWS::DynamoDB::GlobalTable: expiry by TTL \(2\)\n/);
    expect(welcome).toMatch(/AWS::DynamoDB::GlobalTable: point-in-time recovery \(2\)\n/);
    expect(welcome).toMatch(/certificates and keys are new at every start/);
  });

  test("a malformed reading -> the log names the field and what belongs there, and what is in the queue", () => {
    expect(log).toMatch(
      /kitchen-0 on rosie\/reading\/kitchen\/0: outside the contract \(temperature_c: expected a number\)/,
    );
    expect(log).toContain(`message 1 arrived: ${bad}\n`);
  });

  test("at the end -> what came in, what is stored, what was sent, what is in each queue", () => {
    expect(totals).toMatch(
      /^\nSince the start:\n +3 {2}messages in\n +1 {2}readings stored\n +0 {2}mails sent\n/,
    );
    expect(totals).toMatch(/^ +1 {2}in Ha2mPipeline-ReadingsRuleErrors\w+$/m);
    expect(totals).toMatch(/^ +0 {2}in Ha2mPipeline-SendClusterMailFailures\w+$/m);
  });
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s right after the last PUBACK -> all is stored and mailed before the totals, or said not to be",
  async (signal) => {
    const { running, facts } = await startCloud(`drained-${signal}`);
    const read = (file: string) => readFileSync(file, "utf8");
    const { cert, key } = facts.nodes[1]!;
    const endpoint = { authority: { caPem: read(facts.mqtt.ca) }, broker: facts.mqtt };
    const client = await sdkConnect(endpoint, "kitchen-1", { certPem: read(cert), keyPem: read(key) });
    const readings = Array.from({ length: 40 }, (_, i) =>
      readingAt(new Date(Date.UTC(2026, 4, 1) + i * 900_000).toISOString()),
    );
    const { AtLeastOnce } = mqtt.QoS;
    await Promise.all([
      client.connection.publish("rosie/event/kitchen/1", death(), AtLeastOnce),
      ...readings.map((payload) =>
        client.connection.publish("rosie/reading/kitchen/1", payload, AtLeastOnce),
      ),
    ]);
    running.child.kill(signal);
    const { code, stderr } = await running.finished;
    await client.end();
    expect(code).toBe(0);
    expect(stderr).toMatch(/\nSince the start:\n +41 {2}messages in\n +40 {2}readings stored\n/);
    // On a machine that has no time a function's request may have run into its limit: that is said, then.
    expect(stderr).toMatch(
      / 1 {2}mails sent\n(?: +0 {2}in \S+\n)+$| 0 {2}mails sent\n(?: +0 {2}in \S+\n)+Not done:\n +1 {2}failed events of functions, waiting for a retry\n$/,
    );
  },
);

test("private keys -> readable by their owner alone", () => {
  for (const { key } of described.nodes) expect(statSync(key).mode & 0o777).toBe(0o600);
});

test("the inbox -> a web page", async () => {
  const page = await fetch(described.ses.inbox);
  expect([page.status, page.headers.get("content-type")]).toEqual([
    200,
    expect.stringMatching(/^text\/html/),
  ]);
});

const hasMosquitto = spawnSync("mosquitto_pub", ["--help"]).error === undefined;
(hasMosquitto ? describe : describe.skip)("mosquitto_pub", () => {
  type Node = Described["nodes"][number];
  const publish = async (node: Node | undefined, topic: string, payload: string, ...more: string[]) => {
    const identity = node === undefined ? [] : ["--cert", node.cert, "--key", node.key];
    const clientId = node?.thing ?? "stranger";
    const broker = ["-h", "localhost", "-p", String(described.mqtt.port), "--cafile", described.mqtt.ca];
    const args = [...broker, ...identity, "-i", clientId, "-q", "1", "-t", topic, "-m", payload, ...more];
    return promisify(execFile)("mosquitto_pub", args, { timeout: 20_000 }).then(
      () => "accepted",
      () => "refused",
    );
  };
  const own = () => described.nodes[0]!;
  const logged = (pattern: RegExp) => cloud.until("stderr", pattern);

  test.each(["tlsv1.2", "tlsv1.3"])("%s, a node's certificate and topic -> stored", async (version) => {
    const at = version === "tlsv1.2" ? "2026-01-01T00:00:00.000Z" : "2026-01-01T00:15:00.000Z";
    expect(await publish(own(), "rosie/reading/kitchen/0", readingAt(at), "--tls-version", version)).toBe(
      "accepted",
    );
    await eventually(async () => (await stored()).includes(`${at}#0`));
  });

  test("another node's topic -> not stored, and the log says why", async () => {
    const at = "2026-01-02T00:00:00.000Z";
    expect(await publish(own(), "rosie/reading/kitchen/1", readingAt(at))).toBe("refused");
    await logged(/kitchen-0.*iot:Publish.*topic\/rosie\/reading\/kitchen\/1/);
    expect(await stored()).not.toContain(`${at}#1`);
  });

  test("another node's client id -> not let in, and the log says why", async () => {
    expect(await publish(own(), "rosie/reading/kitchen/1", "{}", "-i", "kitchen-1")).toBe("refused");
    await logged(/iot:Connect.*client\/kitchen-1/);
  });

  test("no certificate -> not let in, and the log says why", async () => {
    expect(await publish(undefined, "rosie/reading/kitchen/0", "{}")).toBe("refused");
    await logged(/no client certificate/);
  });

  test("a certificate of another CA -> not let in, and the log says why", async () => {
    const other = await startCloud("other");
    const { cert, key } = other.facts.nodes[0]!;
    expect(await publish({ thing: "kitchen-0", cert, key }, "rosie/reading/kitchen/0", "{}")).toBe("refused");
    await logged(/not signed by this cloud's CA/);
    other.running.child.kill("SIGINT");
    expect((await other.running.finished).code).toBe(0);
  });

  test("malformed readings -> in the rule's error queue, counted; the next good one is stored", async () => {
    for (const payload of [
      "not JSON",
      readingAt("yesterday"),
      readingAt("2026-01-03T00:00:00.000Z", { temperature_c: "warm" }),
    ])
      expect(await publish(own(), "rosie/reading/kitchen/0", payload)).toBe("accepted");
    await logged(/queue Ha2mPipeline-ReadingsRuleErrors\w+: message 3 arrived/);
    const at = "2026-01-03T00:15:00.000Z";
    expect(await publish(own(), "rosie/reading/kitchen/0", readingAt(at))).toBe("accepted");
    await eventually(async () => (await stored()).includes(`${at}#0`));
    expect((await stored()).filter((key) => key.startsWith("2026-01-03"))).toEqual([`${at}#0`]);
  });
});

describe("bad input -> a clear error, exit 2", () => {
  test("a port in use names it, and what to type instead", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    for (const flag of ["--mqtt-port", "--dynamodb-port", "--ses-port"]) {
      const others = FREE_PORTS.map((word, i) => (FREE_PORTS[i - 1] === flag ? String(port) : word));
      const { code, stderr } = await run("cloud", ["--keys", join(folder, "busy"), ...others]);
      expect(code).toBe(2);
      expect(stderr).toMatch(new RegExp(`port ${port} on 127.0.0.1 is in use.*${flag}`));
      expect(stderr).not.toMatch(/^\s+at /m);
    }
    server.close();
  });

  test.each([
    ["an unknown flag", ["--mqqt-port", "1"], /Did you mean --mqtt-port\?/],
    [
      "a port that is none",
      ["--ses-port", "70000"],
      /--ses-port takes a whole number from 0 to 65535, not "70000"/,
    ],
    ["a port below zero", ["--ses-port", "-1"], /--ses-port takes a whole number from 0 to 65535, not "-1"/],
    [
      "a folder for the keys that is a file",
      ["--keys", __filename, ...FREE_PORTS],
      /^the certificates cannot be written to .*cloud\.test\.ts \(.*\); choose another folder with --keys DIR\n$/,
    ],
  ])("%s", async (_, args, expected) => {
    const { code, stderr } = await run("cloud", args);
    expect(code).toBe(2);
    expect(stderr).toMatch(expected);
  });
});

test("--help -> printed in lines that fit a terminal of 80 columns, exit 0", async () => {
  const { code, stdout } = await run("cloud", ["--help"]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/--mqtt-port/)]);
  expect(stdout.split("\n").filter((line) => line.length > 79)).toEqual([]);
});
