import "reflect-metadata";
import { webcrypto, X509Certificate } from "node:crypto";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pkcs10CertificateRequestGenerator } from "@peculiar/x509";
import {
  type Authority,
  createCertificateAuthority,
  writeCredentials,
} from "../../../../simulator/local-cloud/iot/certificates.ts";

const NOW = Date.UTC(2026, 10, 20);
const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const P384 = { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" };
const rsa = (modulusLength: number) => ({
  name: "RSASSA-PKCS1-v1_5",
  modulusLength,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256",
});

let authority: Authority;
beforeAll(async () => {
  authority = await createCertificateAuthority(NOW);
});

async function csrOf(algorithm: typeof P256 | ReturnType<typeof rsa>, name = "CN=kitchen-0") {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, [
    "sign",
    "verify",
  ])) as webcrypto.CryptoKeyPair;
  const request = { name, keys, signingAlgorithm: algorithm };
  return Pkcs10CertificateRequestGenerator.create(request);
}

describe("a device's certificate", () => {
  test("issued -> signed by the CA, for the thing, with its own key", async () => {
    const device = await authority.issueDevice("kitchen-0");
    const certificate = new X509Certificate(device.certPem);
    const ca = new X509Certificate(authority.caPem);
    expect(certificate.verify(ca.publicKey)).toBe(true);
    expect(certificate.checkIssued(ca)).toBe(true);
    expect(certificate.subject).toBe("CN=kitchen-0");
    expect(certificate.ca).toBe(false);
    expect(device.keyPem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  });

  test("issued -> its id is the SHA-256 of its DER form", async () => {
    const device = await authority.issueDevice("kitchen-0");
    const fingerprint = new X509Certificate(device.certPem).fingerprint256;
    expect(device.certificateId).toBe(fingerprint.replaceAll(":", "").toLowerCase());
  });

  test("issued -> valid from a day before until AWS IoT's 2049", async () => {
    const certificate = new X509Certificate((await authority.issueDevice("kitchen-0")).certPem);
    expect(Date.parse(certificate.validFrom)).toBe(NOW - 86_400_000);
    expect(new Date(certificate.validTo).toISOString()).toBe("2049-12-31T23:59:59.000Z");
  });

  test("thing name that would leave the directory -> refused", async () => {
    await expect(authority.issueDevice("../kitchen-0")).rejects.toThrow(/thing name "\.\.\/kitchen-0"/);
  });
});

test("server's certificate -> names and addresses that were asked for, no other", async () => {
  const { certPem } = await authority.issueServer(["127.0.0.1", "localhost"]);
  const certificate = new X509Certificate(certPem);
  expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(certificate.checkHost("localhost")).toBe("localhost");
  expect(certificate.checkHost("example.com")).toBeUndefined();
});

describe("signCsr", () => {
  test.each([
    ["P-256", P256],
    ["P-384", P384],
    ["RSA 2048", rsa(2_048)],
  ])("%s -> a certificate for the key and subject in the request", async (_, algorithm) => {
    const csr = await csrOf(algorithm);
    const { certPem, certificateId } = await authority.signCsr(csr.toString("pem"), "kitchen-0.csr");
    const certificate = new X509Certificate(certPem);
    expect(certificate.verify(new X509Certificate(authority.caPem).publicKey)).toBe(true);
    expect(certificate.subject).toBe("CN=kitchen-0");
    const key = certificate.publicKey.export({ type: "spki", format: "der" });
    expect(key.equals(Buffer.from(csr.publicKey.rawData))).toBe(true);
    expect(certificateId).toMatch(/^[0-9a-f]{64}$/);
  });

  test("RSA 1024 -> refused, naming file and key", async () => {
    const csr = await csrOf(rsa(1_024));
    await expect(authority.signCsr(csr.toString("pem"), "kitchen-0.csr")).rejects.toThrow(
      "kitchen-0.csr: key is RSASSA-PKCS1-v1_5 1024; AWS IoT accepts RSA of 2048 bits or more, P-256, P-384, P-521",
    );
  });

  test("one byte of the subject changed -> refused, for the signature is no longer right", async () => {
    const der = Buffer.from((await csrOf(P256)).rawData);
    der.write("kitchen-1", der.indexOf("kitchen-0"));
    const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;
    await expect(authority.signCsr(pem, "kitchen-0.csr")).rejects.toThrow(
      /kitchen-0\.csr: .*not signed by the key in it/,
    );
  });

  test("no PEM at all -> refused, naming the file", async () => {
    await expect(authority.signCsr("hello", "kitchen-0.csr")).rejects.toThrow(
      /kitchen-0\.csr: not a PEM certificate signing/,
    );
  });
});

describe("writeCredentials", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "ha2m-certificates-"));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

  test("directory open to all, key of an earlier run readable by all -> 0700, and a new key with 0600", async () => {
    await chmod(directory, 0o755);
    await writeFile(join(directory, "kitchen-0.key.pem"), "old", { mode: 0o644 });
    const device = await authority.issueDevice("kitchen-0");
    const paths = await writeCredentials(directory, authority.caPem, new Map([["kitchen-0", device]]));
    const { cert, key } = paths.devices.get("kitchen-0")!;
    expect(await modeOf(directory)).toBe(0o700);
    expect(await modeOf(key)).toBe(0o600);
    expect(await readFile(key, "utf8")).toBe(device.keyPem);
    expect(await readFile(cert, "utf8")).toBe(device.certPem);
    expect(await readFile(paths.ca, "utf8")).toBe(authority.caPem);
  });
});
