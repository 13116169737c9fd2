/**
 * The local cloud's certificate authority, in place of AWS IoT's CA with `CreateKeysAndCertificate` and
 * `CreateCertificateFromCsr`. ECDSA P-256 with SHA-256 throughout.
 *
 * Not emulated: intermediate CAs, revocation and de-activation, and the two algorithms that AWS signs with; a CSR keeps
 * its subject, where AWS would put its own common name.
 */
import "reflect-metadata"; // @peculiar/x509 resolves its algorithms through it and fails without, so it comes first.
import { webcrypto } from "node:crypto";
import { chmod, mkdir, rm } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  type PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { readCsr } from "../../../lib/csr.ts";
import { writeFiles } from "../../write-file.ts";
import { certificateId } from "./certificate-id.ts";

/** A certificate with its private key, both PEM; the key is PKCS #8. */
export interface KeyedCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

/** A certificate, PEM, with the id that AWS IoT gives it: SHA-256 of its DER form, in hexadecimal. */
export interface SignedCertificate {
  readonly certPem: string;
  readonly certificateId: string;
}

/** A signed certificate with its private key and its id. */
export type DeviceCertificate = KeyedCertificate & SignedCertificate;

/** A certificate authority whose private key exists in memory only. */
export interface Authority {
  /** Its self-signed certificate: what a client gives as `--cafile`. */
  readonly caPem: string;
  /** Makes a key and certificate for a server. @param names DNS names and IP addresses that clients may use for it */
  issueServer(names: readonly string[]): Promise<KeyedCertificate>;
  /** Makes a key and certificate for a thing. @param notAfterMs expiry in epoch milliseconds, for tests */
  issueDevice(thingName: string, notAfterMs?: number): Promise<DeviceCertificate>;
  /**
   * Signs a PKCS #10 request as AWS IoT would.
   * @param where names the request in errors, e.g. its file.
   * @throws Error when it is no CSR, its own signature is wrong, or its key is one that AWS IoT refuses.
   */
  signCsr(csrPem: string, where: string): Promise<SignedCertificate>;
}

const KEY = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" } as const;
const CA_NAME = "CN=ha2m local CA, O=ha2m";
const DAY_MS = 86_400_000;
/** How long before now certificates become valid, in milliseconds: for devices whose clocks are behind. */
const BACKDATED_MS = DAY_MS;
/** As AWS IoT's own certificates (FACTS, "AWS IoT certificates"). */
const EXPIRES_MS = Date.UTC(2049, 11, 31, 23, 59, 59);

/** What to put into a certificate. */
interface Request {
  readonly subject: string;
  readonly publicKey: webcrypto.CryptoKey | PublicKey;
  readonly extensions: readonly Extension[];
  readonly notAfterMs?: number | undefined;
}

/**
 * Makes a certificate authority with a new key.
 * @param nowMs the machine's time in epoch milliseconds, which TLS checks against: certificates are valid from a day
 * before
 */
export async function createCertificateAuthority(nowMs: number): Promise<Authority> {
  const keys = await generateKeys();
  const notBefore = new Date(nowMs - BACKDATED_MS);
  const ca = await X509CertificateGenerator.createSelfSigned({
    name: CA_NAME,
    keys,
    notBefore,
    notAfter: new Date(EXPIRES_MS),
    signingAlgorithm: SIGNATURE,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  // Every CA of this project has the same name; the key identifier tells the certificates of two of them apart.
  const authorityKey = await AuthorityKeyIdentifierExtension.create(keys.publicKey);

  const issue = (request: Request): Promise<X509Certificate> =>
    X509CertificateGenerator.create({
      subject: request.subject,
      issuer: ca.subject,
      publicKey: request.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: SIGNATURE,
      notBefore: new Date(Math.min(notBefore.getTime(), (request.notAfterMs ?? EXPIRES_MS) - DAY_MS)),
      notAfter: new Date(request.notAfterMs ?? EXPIRES_MS),
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        authorityKey,
        ...request.extensions,
      ],
    });

  return {
    caPem: pemOf(ca),
    issueServer: async (names) => {
      const own = await generateKeys();
      const subject = `CN=${names[0] ?? "localhost"}`;
      const certificate = await issue({ subject, publicKey: own.publicKey, extensions: forServer(names) });
      return { certPem: pemOf(certificate), keyPem: await keyPemOf(own.privateKey) };
    },
    issueDevice: async (thingName, notAfterMs) => {
      const own = await generateKeys();
      const request = {
        subject: `CN=${fileSafe(thingName)}`,
        publicKey: own.publicKey,
        extensions: FOR_DEVICE,
      };
      const certificate = await issue({ ...request, notAfterMs });
      return { ...signed(certificate), keyPem: await keyPemOf(own.privateKey) };
    },
    signCsr: async (csrPem, where) => {
      const { subject, publicKey } = await readCsr(csrPem, where);
      return signed(await issue({ subject, publicKey, extensions: FOR_DEVICE }));
    },
  };
}

/** Paths of the CA's and the devices' files; absolute if the directory is. */
export interface CredentialPaths {
  readonly ca: string;
  readonly devices: ReadonlyMap<string, { readonly cert: string; readonly key: string }>;
}

/** The paths in a directory: `ca.pem` and, for each thing, `THING.cert.pem` and `THING.key.pem`. */
export function credentialPaths(directory: string, things: Iterable<string>): CredentialPaths {
  const devices = new Map<string, { cert: string; key: string }>();
  for (const thingName of things) {
    const stem = join(directory, fileSafe(thingName));
    devices.set(thingName, { cert: `${stem}.cert.pem`, key: `${stem}.key.pem` });
  }
  return { ca: join(directory, "ca.pem"), devices };
}

/**
 * Writes the files of `credentialPaths`, for any MQTT client. The directory's mode becomes 0700, that of keys 0600.
 * Files of an earlier run are replaced; the key of a thing that has none now is removed.
 */
export async function writeCredentials(
  directory: string,
  caPem: string,
  devices: ReadonlyMap<string, Pick<KeyedCertificate, "certPem"> & Partial<KeyedCertificate>>,
): Promise<CredentialPaths> {
  const paths = credentialPaths(directory, devices.keys());
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700); // mkdir leaves an existing directory as it was
  const files = [{ path: paths.ca, data: caPem, mode: 0o644 }];
  for (const [thingName, { cert, key }] of paths.devices) {
    const { certPem, keyPem } = devices.get(thingName)!;
    files.push({ path: cert, data: certPem, mode: 0o644 });
    if (keyPem === undefined) await rm(key, { force: true });
    else files.push({ path: key, data: keyPem, mode: 0o600 });
  }
  writeFiles(files);
  return paths;
}

/**
 * Thing names of AWS IoT are `[a-zA-Z0-9:_-]+`, 128 at most: safe in a subject and, without the colon, in a file name.
 */
function fileSafe(thingName: string): string {
  if (/^[\w-]{1,128}$/.test(thingName)) return thingName;
  throw new Error(`thing name ${JSON.stringify(thingName)}: only letters, digits, "_" and "-" can be used`);
}

const FOR_DEVICE: readonly Extension[] = [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])];

const forServer = (names: readonly string[]): Extension[] => [
  new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
  new SubjectAlternativeNameExtension(
    names.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value }) as const),
  ),
];

const generateKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(KEY, true, ["sign", "verify"]);

const signed = (certificate: X509Certificate): SignedCertificate => ({
  certPem: pemOf(certificate),
  certificateId: certificateId(certificate.rawData),
});

// The device SDK refuses a PEM that does not end with a newline.
const pemOf = (certificate: X509Certificate): string => `${certificate.toString("pem")}\n`;

async function keyPemOf(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN PRIVATE KEY-----", ...lines, "-----END PRIVATE KEY-----", ""].join("\n");
}
