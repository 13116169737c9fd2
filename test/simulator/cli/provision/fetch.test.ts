import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { amazonRoots, fetchCluster } from "../../../../simulator/cli/provision/fetch.ts";
import { makeAll } from "../../../../simulator/cli/provision/make.ts";
import {
  type Authority,
  createCertificateAuthority,
} from "../../../../simulator/local-cloud/iot/certificates.ts";
import { accountOf, Folders, outputsOf } from "./folders-fixture.ts";

let authority: Authority;
beforeAll(async () => {
  authority = await createCertificateAuthority(Date.UTC(2026, 10, 20));
});
let folders: Folders;
/** Of kitchen-0, by id; deployed as the outputs have it. */
let account: Record<string, { pem: string; status: string }>;
let outputs: ReturnType<typeof outputsOf>;
beforeEach(async () => {
  folders = new Folders();
  await makeAll(folders, 1, false);
  const csr = readFileSync(join(folders.csrs, "kitchen-0.csr.pem"), "utf8");
  const { certPem, certificateId } = await authority.signCsr(csr, "csr");
  account = { [certificateId]: { pem: certPem, status: "ACTIVE" } };
  outputs = outputsOf({ "kitchen-0": certificateId, "shed-0": "0".repeat(64) });
});
afterEach(() => folders.remove());

const fetched = () => fetchCluster(folders, outputs, accountOf(account), authority.caPem);
const cert = () => join(folders.dir, "kitchen-0.cert.pem");

test("Amazon's roots -> the four that AWS IoT's endpoints chain to", () => {
  const pems = amazonRoots().match(/-----BEGIN[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  expect(pems.map((pem) => new X509Certificate(pem).subject.split("\n").at(-1))).toEqual(
    [1, 2, 3, 4].map((n) => `CN=Amazon Root CA ${n}`),
  );
});

test("deployed -> the cluster's certificates, the CA, and where to connect; nobody else's", async () => {
  expect(await fetched()).toMatchObject({
    endpoint: "a1b2-ats.iot.us-east-1.amazonaws.com",
    region: "us-east-1",
    certificates: [{ stem: "kitchen-0", cert: cert(), hasKey: true }],
    withdrawn: [],
  });
  expect(new X509Certificate(readFileSync(cert())).subject).toBe("CN=kitchen-0");
  expect(readFileSync(cert(), "utf8")).toMatch(/-----END CERTIFICATE-----\n$/);
  expect(readFileSync(folders.ca, "utf8")).toBe(authority.caPem);
  expect(JSON.parse(readFileSync(folders.endpoint, "utf8"))).toEqual({
    endpoint: "a1b2-ats.iot.us-east-1.amazonaws.com",
    region: "us-east-1",
  });
});

test("a key on another machine -> its certificate all the same", async () => {
  rmSync(join(folders.dir, "kitchen-0.key.pem"));
  expect(await fetched()).toMatchObject({ certificates: [{ stem: "kitchen-0", hasKey: false }] });
});

test("a key made anew since the deploy -> said, and nothing written", async () => {
  await makeAll(folders, 1, true);
  await expect(fetched()).rejects.toThrow(/kitchen-0\.key\.pem does not belong .* deploy again$/);
  expect(existsSync(cert())).toBe(false);
});

test("withdrawn -> named; with its CSR still there it was done by hand, and is an error", async () => {
  for (const certificate of Object.values(account)) certificate.status = "REVOKED";
  await expect(fetched()).rejects.toThrow(/kitchen-0 \(\w{64}\) is REVOKED.*by hand\..*--rotate 0/);
  rmSync(join(folders.csrs, "kitchen-0.csr.pem"));
  expect(await fetched()).toMatchObject({
    certificates: [],
    withdrawn: [{ stem: "kitchen-0", status: "REVOKED" }],
  });
});

test("a cluster that was not deployed -> what to do", async () => {
  outputs = outputsOf({ "shed-0": "0".repeat(64) });
  await expect(fetched()).rejects.toThrow(/names no certificate of kitchen: .*npx cdk deploy --all/);
});
