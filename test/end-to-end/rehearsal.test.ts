/**
 * A deploy, rehearsed: keys, synthesis, certificates, nodes against what was "deployed", mails, queues, rotation, the end.
 * `npm run cloud` stands in for AWS alone; all commands take the very way that they take with an account. The tests are
 * the steps of one story, in order.
 */
import { execFile } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { mqtt } from "aws-iot-device-sdk-v2";
import { CSR_FOLDER } from "../../lib/device-files.ts";
import { createCertificateAuthority } from "../../simulator/local-cloud/iot/certificates.ts";
import { storedReadings } from "../../simulator/local-cloud/stored-readings.ts";
import { sdkConnect } from "../simulator/local-cloud/sdk-client.ts";
import { type Finished, projectFolder, type Running, start } from "./support/commands.ts";

const COPIED = [
  "bin",
  "lib",
  "lambda",
  "simulator",
  "cdk.json",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
];
const FREE_PORTS = ["--mqtt-port", "0", "--dynamodb-port", "0", "--ses-port", "0"];
const OUTPUTS = "cdk-outputs.json";
const SIMULATE = ["--target", "aws", "--speed", "max", "--json"];

interface Described {
  readonly mqtt: { readonly host: string; readonly port: number; readonly ca: string };
  readonly nodes: readonly unknown[];
  readonly iot: { readonly endpoint: string };
  readonly dynamodb: { endpoint: string; region: string; tables: string[]; keys: Record<string, string[]> };
}

let folder: string;
let cloud: Running | undefined;
let described: Described;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-rehearsal-"));
  for (const name of COPIED) cpSync(join(projectFolder, name), join(folder, name), { recursive: true });
  symlinkSync(join(projectFolder, "node_modules"), join(folder, "node_modules"), "dir");
});
afterAll(async () => {
  cloud?.child.kill("SIGINT");
  await cloud?.finished;
  rmSync(folder, { recursive: true, force: true });
});

const at = (...path: string[]) => join(folder, ...path);
const secrets = (name: string) => at(".ha2m", "devices", "kitchen", name);

/** As a person with credentials for the account runs it. */
const run = (command: string, ...args: string[]): Promise<Finished> =>
  start(command, args, folder, {
    AWS_ENDPOINT_URL_IOT: described?.iot.endpoint ?? "http://127.0.0.1:9",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_REGION: "",
  }).finished;

/** The CDK's own command, as CI runs it. */
const synth = () =>
  promisify(execFile)(
    process.execPath,
    [at("node_modules/aws-cdk/bin/cdk"), "synth", "--strict", "--quiet"],
    {
      cwd: folder,
      env: { ...process.env, NO_COLOR: "1", HA2M_CSRS: CSR_FOLDER },
    },
  );

const certificatesOf = (template: string): number =>
  Object.values<{ Type: string }>(JSON.parse(readFileSync(template, "utf8")).Resources).filter(
    ({ Type }) => Type === "AWS::IoT::Certificate",
  ).length;

/** `cdk deploy --all --outputs-file`, as far as this machine goes. */
async function deploy(): Promise<void> {
  cloud?.child.kill("SIGINT");
  await cloud?.finished;
  cloud = start("cloud", ["--json", "--outputs", OUTPUTS, ...FREE_PORTS], folder);
  described = JSON.parse(await cloud.until("stdout", /^\}$/m)) as Described;
}

const fetched = () => run("provision", "kitchen", "--fetch", "--ca", described.mqtt.ca);

const stored = async () => {
  const tables = described.dynamodb.tables.map((name) => ({
    name,
    keys: described.dynamodb.keys[name] ?? [],
  }));
  return storedReadings("kitchen", { ...described.dynamodb, tables });
};

/** Polls until it holds: what a rule and a table do to a message takes as long as it takes. */
async function eventually(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}

const connected = (stem: string) =>
  sdkConnect(
    {
      authority: { caPem: readFileSync(described.mqtt.ca, "utf8") },
      broker: described.mqtt,
    },
    "kitchen-0",
    {
      certPem: readFileSync(secrets(`${stem}.cert.pem`), "utf8"),
      keyPem: readFileSync(secrets(`${stem}.key.pem`), "utf8"),
    },
  );

test("no CSRs yet -> the strict synthesis passes, and says what to do", async () => {
  const { stdout, stderr } = await synth();
  expect(stdout + stderr).toMatch(/no CSR yet for kitchen-0, kitchen-1.*npm run provision -- CLUSTER/);
  expect(certificatesOf(at("cdk.out", "Ha2mDevices.template.json"))).toBe(0);
});

test("nothing deployed -> each command says what is missing and what to run, exit 2", async () => {
  for (const [command, ...args] of [
    ["provision", "kitchen", "--fetch"],
    ["simulate", "--target", "aws"],
  ]) {
    const { code, stderr } = await run(command!, ...args);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(
        /cdk-outputs\.json is not there; write it with npx cdk deploy --all --outputs-file cdk-outputs\.json\n$/,
      ),
    ]);
  }
});

test("provision -> keys that only their owner reads, CSRs where the app finds them; a second run keeps them", async () => {
  const { code, stdout } = await run("provision", "kitchen");
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^kitchen-0 {2}a new key, a new CSR\n/)]);
  expect(readdirSync(at("devices"))).toEqual(["kitchen-0.csr.pem", "kitchen-1.csr.pem"]);
  const key = readFileSync(secrets("kitchen-0.key.pem"), "utf8");
  expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  expect(statSync(secrets("kitchen-0.key.pem")).mode & 0o777).toBe(0o600);
  expect(statSync(secrets("")).mode & 0o777).toBe(0o700);
  expect((await run("provision", "kitchen")).stdout).toMatch(/^kitchen-0 {2}its key kept, its CSR kept\n/);
  expect(readFileSync(secrets("kitchen-0.key.pem"), "utf8")).toBe(key);
});

test("synthesis -> a certificate for each CSR, no private key in the assembly", async () => {
  await synth();
  const template = at("cdk.out", "Ha2mDevices.template.json");
  expect(certificatesOf(template)).toBe(2);
  expect(readFileSync(template, "utf8")).not.toContain("PRIVATE KEY");
});

test("a broken CSR -> synthesis stops, naming the file and what to do", async () => {
  const csr = at("devices", "kitchen-1.csr.pem");
  const pem = readFileSync(csr, "utf8");
  writeFileSync(csr, pem.replace("\n", "\nAAAA"));
  await expect(synth()).rejects.toMatchObject({
    stderr: expect.stringMatching(/CFG-002 the nodes' CSRs:\n {2}- devices\/kitchen-1\.csr\.pem: /),
  });
  writeFileSync(csr, pem);
});

test("deploy and --fetch -> certificates, endpoint and CA beside the keys; the cloud has no key of theirs", async () => {
  await deploy();
  expect(described.nodes).toEqual([]);
  expect(existsSync(at(".ha2m", "cloud", "kitchen-0.key.pem"))).toBe(false);
  const { code, stdout, stderr } = await fetched();
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^kitchen-0 {2}\S+kitchen-0\.cert\.pem\nkitchen-1 {2}/);
  expect(JSON.parse(readFileSync(secrets("endpoint.json"), "utf8"))).toEqual({
    endpoint: `${described.mqtt.host}:${described.mqtt.port}`,
    region: "us-east-1",
  });
});

test("simulate --target aws -> the estimate first; all acknowledged, all stored; the mails that the story asks for", async () => {
  const { code, stdout, stderr } = await run("simulate", ...SIMULATE);
  expect(code).toBe(0);
  expect(stderr).toMatch(/^target .*kitchen at 127\.0\.0\.1, us-east-1/);
  expect(stderr).toMatch(/^cost +about \d+ readings; at most \d+ messages and \$0\.\d+ by list price/m);
  expect(stderr).toMatch(/^CAUTION +accelerated: /m);
  const { readings, failures, failovers, completed } = JSON.parse(stdout);
  expect({ failures, completed }).toEqual({ failures: [], completed: true });
  expect(readings.due).toBeGreaterThan(150);
  expect(readings.acknowledged).toBe(readings.due);
  expect(failovers).toMatchObject([
    { from: 0, to: 1 },
    { from: 1, to: 0 },
  ]);
  await eventually(async () => (await stored()).size === readings.acknowledged);
  await cloud!.until("stderr", /mail to you@example\.com: \[ha2m\] FIRING kitchen: node 0 stopped/);
  await cloud!.until("stderr", /mail to you@example\.com: \[ha2m\] RESOLVED kitchen: node 0 is back/);
});

test("simulate --target aws in real time, Ctrl-C -> a summary as far as it came, exit 130", async () => {
  const running = start("simulate", ["--target", "aws"], folder);
  expect(await running.until("stderr", /^CAUTION /m)).toMatch(/in real time, so it takes 2 days$/m);
  await running.until("stdout", /batteries/);
  running.child.kill("SIGINT");
  const { code, stdout } = await running.finished;
  expect(code).toBe(130);
  expect(stdout).toMatch(/^Summary so far\n {2}readings +\d due, \d published/m);
});

test("a reading that cannot be stored -> npm run replay shows it, sends nothing unasked, discards it when told", async () => {
  const client = await connected("kitchen-0");
  await client.connection.publish("rosie/reading/kitchen/0", '{"v":1,"is":"wrong"}', mqtt.QoS.AtLeastOnce);
  await client.end();
  await cloud!.until("stderr", /queue Ha2mPipeline-ReadingsRuleErrors\w+: message 1 arrived/);
  const shown = await run("replay");
  expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining('{"v":1,"is":"wrong"}')]);
  const discarded = await run("replay", "--queue", "ReadingsRuleErrors", "--discard", "--execute");
  expect(discarded.code).toBe(0);
  expect((await run("replay")).stdout).not.toContain('"is":"wrong"');
});

test.each([
  [
    "another region's endpoint",
    ["--endpoint", "a1b2c3-ats.iot.eu-west-1.amazonaws.com"],
    /is in eu-west-1, but .* us-east-1/,
  ],
  ["nobody at the endpoint", ["--endpoint", "127.0.0.1:9"], /kitchen-0 cannot connect to 127\.0\.0\.1:9/],
  ["no such outputs", ["--outputs", "none.json"], /none\.json is not there; write it with/],
  ["no such folder of certificates", ["--devices", "none"], /--fetch/],
  ["more nodes than there are", ["--nodes", "3"], /this run has 3 nodes, but kitchen has 2/],
  ["no such cluster", ["--cluster", "attic"], /has no cluster "attic", only kitchen/],
  ["a flag of the local cloud", ["--keep"], /--keep does not go with --target aws/],
])("simulate --target aws, %s -> one clear sentence, exit 2", async (_, args, expected) => {
  const { code, stdout, stderr } = await run("simulate", ...SIMULATE, ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(expected);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test("simulate --target aws, an expired certificate -> its file and when, before anything is sent, exit 2", async () => {
  const authority = await createCertificateAuthority(Date.now());
  const { certPem, keyPem, certificateId } = await authority.issueDevice("kitchen-0", Date.UTC(2026, 0, 1));
  mkdirSync(at("expired"));
  writeFileSync(at("expired", "ca.pem"), authority.caPem);
  writeFileSync(at("expired", "kitchen-0.cert.pem"), certPem);
  writeFileSync(at("expired", "kitchen-0.key.pem"), keyPem, { mode: 0o600 });
  const outputs = { Region: "us-east-1", Things: "kitchen-0", CertificatesOf: `kitchen-0=${certificateId}` };
  writeFileSync(at("expired.json"), JSON.stringify({ Ha2mDevices: outputs }));
  const where = ["--devices", "expired", "--outputs", "expired.json", "--endpoint", "127.0.0.1:9"];
  const { code, stderr } = await run("simulate", ...SIMULATE, ...where);
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^expired\/kitchen-0\.cert\.pem: expired on Jan +1 .* 2026 GMT; issue a new certificate/,
  );
});

test("rotation -> two certificates that both work, then the new one alone; the old one's files go only when told", async () => {
  expect((await run("provision", "kitchen", "--rotate", "0")).code).toBe(0);
  expect((await run("provision", "kitchen", "--retire", "0")).stderr).toMatch(/deploy first/);
  await deploy();
  expect((await run("provision", "kitchen", "--retire", "0")).stderr).toMatch(/was never fetched/);
  expect((await fetched()).code).toBe(0);
  for (const stem of ["kitchen-0", "kitchen-0.2"]) await (await connected(stem)).end();

  for (const suffix of ["cert.pem", "key.pem"])
    copyFileSync(secrets(`kitchen-0.${suffix}`), secrets(`stolen.${suffix}`));
  const dry = await run("provision", "kitchen", "--retire", "0");
  expect([dry.code, dry.stdout]).toEqual([0, expect.stringMatching(/Nothing was done/)]);
  expect(existsSync(at("devices", "kitchen-0.csr.pem"))).toBe(true);
  await (await connected("stolen")).end();

  expect((await run("provision", "kitchen", "--retire", "0", "--execute")).code).toBe(0);
  expect(readdirSync(at("devices"))).toEqual(["kitchen-0.2.csr.pem", "kitchen-1.csr.pem"]);
  expect(existsSync(secrets("kitchen-0.key.pem"))).toBe(false);
  await expect(connected("stolen")).rejects.toBeDefined();
  await (await connected("kitchen-0.2")).end();
});

test("revocation -> the certificate is refused at once, and what is fetched says so; then a new one", async () => {
  for (const suffix of ["cert.pem", "key.pem"])
    copyFileSync(secrets(`kitchen-0.2.${suffix}`), secrets(`stolen.${suffix}`));
  expect((await run("provision", "kitchen", "--revoke", "0", "--execute")).code).toBe(0);
  await expect(connected("stolen")).rejects.toBeDefined();
  await cloud!.until("stderr", /certificate [0-9a-f]{64} is not registered here/);
  expect((await fetched()).stdout).toMatch(/^kitchen-0\.2 {2}REVOKED; the next deploy deletes it$/m);
  expect((await run("provision", "kitchen")).stdout).toMatch(/^kitchen-0 {2}a new key, a new CSR\n/);
  await deploy();
  expect((await fetched()).code).toBe(0);
  await (await connected("kitchen-0")).end();
});

test("the end -> the cloud's state is gone, the nodes' keys stay", async () => {
  cloud!.child.kill("SIGINT");
  expect((await cloud!.finished).code).toBe(0);
  cloud = undefined;
  expect(existsSync(secrets("kitchen-0.key.pem"))).toBe(true);
  const { code, stderr } = await run("simulate", ...SIMULATE);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/kitchen-0 cannot connect/)]);
});
