import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBackend, type Whereabouts } from "../../../../../simulator/cli/simulate/deployed/backend.ts";
import {
  type Authority,
  createCertificateAuthority,
  type DeviceCertificate,
} from "../../../../../simulator/local-cloud/iot/certificates.ts";

const NOW = Date.UTC(2026, 10, 20);
const DAY_MS = 86_400_000;

let authority: Authority;
let other: Authority;
beforeAll(async () => {
  [authority, other] = await Promise.all([createCertificateAuthority(NOW), createCertificateAuthority(NOW)]);
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-backend-"));
  mkdirSync(join(folder, "devices"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const device = (name: string) => join(folder, "devices", name);

function save(stem: string, { certPem, keyPem }: Pick<DeviceCertificate, "certPem" | "keyPem">): void {
  writeFileSync(device(`${stem}.cert.pem`), certPem);
  writeFileSync(device(`${stem}.key.pem`), keyPem);
}

function saveOutputs(certificates: Readonly<Record<string, string>>, region = "us-east-1"): void {
  const list = Object.entries(certificates).map(([stem, id]) => `${stem}=${id}`);
  const outputs = { Region: region, Things: "kitchen-0,kitchen-1", CertificatesOfkitchen12: list.join(",") };
  writeFileSync(join(folder, "outputs.json"), JSON.stringify({ Ha2mDevices: outputs }));
}

function saveEndpoint(endpoint: string, region = "us-east-1"): void {
  writeFileSync(device("endpoint.json"), JSON.stringify({ endpoint, region }));
}

/** Two nodes, deployed and fetched. */
async function everything(): Promise<DeviceCertificate[]> {
  const devices = await Promise.all([0, 1].map((node) => authority.issueDevice(`kitchen-${node}`)));
  for (const [node, certificate] of devices.entries()) save(`kitchen-${node}`, certificate);
  writeFileSync(device("ca.pem"), authority.caPem);
  saveOutputs(
    Object.fromEntries(devices.map(({ certificateId }, node) => [`kitchen-${node}`, certificateId])),
  );
  saveEndpoint("a1b2-ats.iot.us-east-1.amazonaws.com");
  return devices;
}

const open = (where: Partial<Whereabouts> = {}, nowMs = NOW) =>
  openBackend(
    { name: "kitchen", deployment: "ha2m" },
    2,
    {
      endpoint: undefined,
      outputs: join(folder, "outputs.json"),
      devices: join(folder, "devices"),
      ...where,
    },
    nowMs,
  );

test("a deployment that has a name -> its own stack's outputs, and its own things", async () => {
  await everything();
  const { Ha2mDevices } = JSON.parse(readFileSync(join(folder, "outputs.json"), "utf8"));
  const open = () =>
    openBackend(
      { name: "kitchen", deployment: "home" },
      2,
      { endpoint: undefined, outputs: join(folder, "outputs.json"), devices: join(folder, "devices") },
      NOW,
    );
  await expect(open()).rejects.toThrow(/has no outputs of the stack HomeDevices; write it/);
  writeFileSync(join(folder, "outputs.json"), JSON.stringify({ Ha2mDevices: {}, HomeDevices: Ha2mDevices }));
  expect((await open()).nodes.map(({ thing }) => thing)).toEqual(["home_kitchen-0", "home_kitchen-1"]);
});

test("deployed and fetched -> endpoint, port 8883, and each node's credentials", async () => {
  const [first] = await everything();
  const { nodes, ...where } = await open();
  expect(where).toEqual({ host: "a1b2-ats.iot.us-east-1.amazonaws.com", port: 8_883, region: "us-east-1" });
  expect(nodes.map(({ thing }) => thing)).toEqual(["kitchen-0", "kitchen-1"]);
  expect(nodes[0]).toMatchObject({ certPem: first?.certPem, keyPem: first?.keyPem, caPem: authority.caPem });
});

test("an endpoint by hand -> that one, with its port, and none needs to have been fetched", async () => {
  await everything();
  rmSync(device("endpoint.json"));
  expect(await open({ endpoint: "127.0.0.1:12345" })).toMatchObject({ host: "127.0.0.1", port: 12_345 });
  await expect(open()).rejects.toThrow(/endpoint\.json is not there: npm run provision -- kitchen --fetch/);
  await expect(open({ endpoint: "mqtts://x" })).rejects.toThrow(/--endpoint takes HOST or HOST:PORT/);
});

test("two certificates, as in a rotation -> the newest that is here", async () => {
  const [first, second] = await everything();
  const next = await authority.issueDevice("kitchen-0");
  const ids = { "kitchen-0": first!.certificateId, "kitchen-1": second!.certificateId };
  saveOutputs({ ...ids, "kitchen-0.2": next.certificateId });
  expect((await open()).nodes[0]?.certPem).toBe(first?.certPem);
  save("kitchen-0.2", next);
  expect((await open()).nodes[0]?.certPem).toBe(next.certPem);
});

test("an expired certificate -> its file, when, and what to do", async () => {
  const [first] = await everything();
  const expired = await authority.issueDevice("kitchen-1", NOW - DAY_MS);
  save("kitchen-1", expired);
  saveOutputs({ "kitchen-0": first!.certificateId, "kitchen-1": expired.certificateId });
  await expect(open()).rejects.toMatchObject({
    name: "UplinkError",
    code: "bad-credentials",
    message: expect.stringMatching(/kitchen-1\.cert\.pem: expired on Nov 19 .* issue a new certificate/),
  });
});

test("a certificate of another deploy, a key that is not its own -> said of which file", async () => {
  await everything();
  save("kitchen-0", await other.issueDevice("kitchen-0"));
  await expect(open()).rejects.toThrow(
    /kitchen-0\.cert\.pem is of another deploy than .*outputs\.json.*--fetch$/,
  );
  await everything();
  writeFileSync(device("kitchen-0.key.pem"), readFileSync(device("kitchen-1.key.pem")));
  await expect(open()).rejects.toThrow(/kitchen-0\.key\.pem: this key does not belong/);
});

test("no certificate deployed, none fetched, the key elsewhere -> what to run", async () => {
  await everything();
  rmSync(device("kitchen-1.key.pem"));
  await expect(open()).rejects.toThrow(
    /kitchen-1\.key\.pem is not there: the key of kitchen-1 is on another/,
  );
  rmSync(device("kitchen-1.cert.pem"));
  await expect(open()).rejects.toThrow(/kitchen-1\.cert\.pem is not there: .*--fetch fetches it$/);
  saveOutputs({ "shed-0": "0".repeat(64) });
  await expect(open()).rejects.toThrow(/names no certificate of kitchen-0: npm run provision -- kitchen/);
});

test("endpoint and deploy of two regions -> both named", async () => {
  await everything();
  saveEndpoint("a1b2-ats.iot.eu-west-1.amazonaws.com", "eu-west-1");
  await expect(open()).rejects.toThrow(/endpoint\.json is of eu-west-1, .*outputs\.json of us-east-1/);
  await expect(open({ endpoint: "a1b2-ats.iot.eu-west-1.amazonaws.com" })).rejects.toThrow(
    /a1b2-ats\.iot\.eu-west-1\.amazonaws\.com is in eu-west-1, but .* to us-east-1/,
  );
});

describe("the outputs file", () => {
  const written = (text: string) => writeFileSync(join(folder, "outputs.json"), text);
  test.each([
    ["that is not there", undefined, /outputs\.json is not there; write it with npx cdk deploy --all/],
    ["that is no JSON", "{", /outputs\.json is not JSON; write it/],
    ["of other stacks alone", '{"Ha2mData":{}}', /has no outputs of the stack Ha2mDevices; write it/],
    ["that is null", "null", /has no outputs of the stack Ha2mDevices/],
    ["of an earlier version", '{"Ha2mDevices":{"Things":"kitchen-0"}}', /has no Region or no Things/],
    [
      "with a broken certificate id",
      '{"Ha2mDevices":{"Things":"kitchen-0","Region":"us-east-1","CertificatesOfkitchen1":"kitchen-0=abc"}}',
      /has a broken output CertificatesOfkitchen1/,
    ],
  ])("%s -> one sentence that says so", async (_, text, expected) => {
    await everything();
    if (text === undefined) rmSync(join(folder, "outputs.json"));
    else written(text);
    await expect(open()).rejects.toThrow(expected);
  });
});
