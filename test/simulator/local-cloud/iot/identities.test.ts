import { X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type IdentityOptions, issueIdentities } from "../../../../simulator/local-cloud/iot/identities.ts";
import { loadAssembly } from "../../../../simulator/local-cloud/template/assembly.ts";
import { csrPem } from "../../../lib/csr-fixture.ts";

const NOW = Date.UTC(2026, 10, 20);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-identities-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

type Resources = Record<string, { readonly Type: string; readonly Properties: Record<string, unknown> }>;

const statement = (action: string) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: action, Resource: "*" }],
});
const thing = (node: number) => ({
  Type: "AWS::IoT::Thing",
  Properties: {
    ThingName: `kitchen-${node}`,
    AttributePayload: { Attributes: { cluster: "kitchen", node: String(node) } },
  },
});
const policy = (PolicyName: string, action: string) => ({
  Type: "AWS::IoT::Policy",
  Properties: { PolicyName, PolicyDocument: statement(action) },
});
const certificate = (CertificateSigningRequest: string, Status = "ACTIVE") => ({
  Type: "AWS::IoT::Certificate",
  Properties: { CertificateSigningRequest, Status },
});
const attached = (what: "Thing" | "Policy", name: string, id: string) => ({
  Type: `AWS::IoT::${what}PrincipalAttachment`,
  Properties: { [`${what}Name`]: name, Principal: { "Fn::GetAtt": [id, "Arn"] } },
});

/** Things kitchen-0 and kitchen-1, a policy that lets connect and one that lets publish, and what else is given. */
async function issued(more: Resources, options: Partial<IdentityOptions> = {}) {
  const Resources = {
    Thing0: thing(0),
    Thing1: thing(1),
    Connects: policy("connects", "iot:Connect"),
    Publishes: policy("publishes", "iot:Publish"),
    ...more,
  };
  const Outputs = { Id: { Value: { Ref: "Own" } } };
  writeFileSync(join(folder, "devices.json"), JSON.stringify({ Resources, Outputs }));
  const artifacts = {
    Devices: { type: "aws:cloudformation:stack", properties: { templateFile: "devices.json" } },
  };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({ artifacts }));
  const ids = new Map<string, string>();
  const assembly = loadAssembly(folder, {
    accountId: "123456789012",
    region: "us-east-1",
    certificateId: (name) => ids.get(name),
  });
  const keysDir = join(folder, "keys");
  const identities = await issueIdentities(assembly, {
    realNowMs: NOW,
    keysDir,
    ownKeys: "uncertified",
    onSigned: (name, id) => ids.set(name, id),
    ...options,
  });
  await identities.save();
  return { ...identities, assembly, keysDir };
}

const namesOf = (policies: readonly { readonly where: string }[]) => policies.map(({ where }) => where);

test("a CSR with thing and policy attached -> its certificate, no key of ours; the other thing gets one", async () => {
  const { devices, nodes, provisioned, keysDir, assembly } = await issued({
    Own: certificate(await csrPem("kitchen-0")),
    OwnThing: attached("Thing", "kitchen-0", "Own"),
    OwnPolicy: attached("Policy", "connects", "Own"),
  });
  expect(provisioned).toEqual([{ thing: "kitchen-0", certPath: join(keysDir, "kitchen-0.cert.pem") }]);
  expect(nodes.map((node) => node.thing)).toEqual(["kitchen-1"]);
  expect(existsSync(join(keysDir, "kitchen-0.key.pem"))).toBe(false);
  expect(existsSync(join(keysDir, "kitchen-1.key.pem"))).toBe(true);
  const saved = new X509Certificate(readFileSync(join(keysDir, "kitchen-0.cert.pem")));
  const id = saved.fingerprint256.replaceAll(":", "").toLowerCase();
  expect(assembly.outputs()).toEqual({ Devices: { Id: id } });
  expect(devices.get(id)).toMatchObject({
    thingName: "kitchen-0",
    attributes: { cluster: "kitchen", node: "0" },
  });
  expect(namesOf(devices.get(id)!.policies)).toEqual(["Devices/Connects"]);
  const other = [...devices.values()].find(({ thingName }) => thingName === "kitchen-1")!;
  expect(namesOf(other.policies)).toEqual(["Devices/Connects", "Devices/Publishes"]);
});

test("no policy attached -> registered, and may do nothing", async () => {
  const { devices } = await issued({
    Own: certificate(await csrPem("kitchen-0")),
    OwnThing: attached("Thing", "kitchen-0", "Own"),
  });
  const own = [...devices.values()].filter(({ thingName }) => thingName === "kitchen-0");
  expect(own.map(({ policies }) => policies)).toEqual([[]]);
});

test.each([
  ["not active", "INACTIVE", "kitchen-0"],
  ["attached to a thing that is not there", "ACTIVE", "attic-0"],
])("%s -> not registered", async (_, status, of) => {
  const { devices } = await issued({
    Own: certificate(await csrPem("kitchen-0"), status),
    OwnThing: attached("Thing", of, "Own"),
  });
  expect([...devices.values()].map(({ thingName }) => thingName)).toEqual(["kitchen-0", "kitchen-1"]);
  expect([...devices.values()].every(({ policies }) => policies.length === 2)).toBe(true);
});

test("two certificates of a thing, as in a rotation -> both registered, the second one's file written", async () => {
  const { devices, keysDir } = await issued({
    Own: certificate(await csrPem("kitchen-0")),
    OwnThing: attached("Thing", "kitchen-0", "Own"),
    Next: certificate(await csrPem("kitchen-0")),
    NextThing: attached("Thing", "kitchen-0", "Next"),
  });
  const own = [...devices.values()].filter(({ thingName }) => thingName === "kitchen-0");
  expect(own).toHaveLength(2);
  expect(readFileSync(join(keysDir, "kitchen-0.cert.pem"), "utf8")).toBe(own[1]?.certPem);
});

test("keys of ours for every thing -> one beside the certificate, with its policies", async () => {
  const { devices, nodes, provisioned } = await issued(
    {
      Own: certificate(await csrPem("kitchen-0")),
      OwnThing: attached("Thing", "kitchen-0", "Own"),
      OwnPolicy: attached("Policy", "publishes", "Own"),
    },
    { ownKeys: "every-thing" },
  );
  expect([nodes.map((node) => node.thing), provisioned]).toEqual([["kitchen-0", "kitchen-1"], []]);
  const own = [...devices.values()].filter(({ thingName }) => thingName === "kitchen-0");
  expect(own.map(({ policies }) => namesOf(policies))).toEqual([
    ["Devices/Publishes"],
    ["Devices/Publishes"],
  ]);
});

test("a certificate of two things, a CSR that is none -> refused, naming where it stands", async () => {
  const twice = {
    Own: certificate(await csrPem("kitchen-0")),
    A: attached("Thing", "kitchen-0", "Own"),
    B: attached("Thing", "kitchen-1", "Own"),
  };
  await expect(issued(twice)).rejects.toThrow("Devices/Own: a certificate of several things is not emulated");
  await expect(issued({ Own: certificate("hello") })).rejects.toThrow("Devices/Own: not a PEM certificate");
});
