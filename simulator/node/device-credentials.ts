/**
 * Checks a device's credentials before the TLS library gets them. So a mistake is reported at once, with the name of
 * the file; the device SDK would report "handshake failed" half a minute later.
 *
 * Not checked: revocation, and whether the broker knows the certificate.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { UplinkError } from "./uplink.ts";

/** A device's credentials as PEM texts. `caPem` is the CA that the broker's certificate must be signed by. */
export interface DeviceCredentials {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

/** Names of the three for messages: paths, or descriptions. */
export interface CredentialNames {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * Reads and checks the three files.
 * @param nowMs real time in epoch milliseconds, against which expiry is checked
 * @throws UplinkError `bad-credentials`, naming the file and what to do.
 */
export async function readDeviceCredentials(
  files: CredentialNames,
  nowMs: number,
): Promise<DeviceCredentials> {
  const [caPem, certPem, keyPem] = await Promise.all([
    readPem(files.ca, "CA certificate"),
    readPem(files.cert, "certificate"),
    readPem(files.key, "private key"),
  ]);
  return checkDeviceCredentials({ caPem, certPem, keyPem }, files, nowMs);
}

/**
 * The credentials, if certificate and CA parse and are valid now, and the key belongs to the certificate.
 * @throws UplinkError `bad-credentials`, naming which of `names` is at fault and what to do.
 */
export function checkDeviceCredentials(
  credentials: DeviceCredentials,
  names: CredentialNames,
  nowMs: number,
): DeviceCredentials {
  const ca = parseCertificate(credentials.caPem, names.ca, "CA certificate");
  const certificate = parseCertificate(credentials.certPem, names.cert, "certificate");
  checkValidity(ca, names.ca, nowMs);
  checkValidity(certificate, names.cert, nowMs);
  if (!certificate.checkPrivateKey(parseKey(credentials.keyPem, names.key))) {
    throw bad(
      `${names.key}: this key does not belong to the certificate ${names.cert}; give the pair that was issued together`,
    );
  }
  return credentials;
}

async function readPem(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : String(cause);
    throw bad(`${path}: cannot read the ${what}: ${why}; check the path and the file's permissions`, cause);
  }
}

function parseCertificate(pem: string, name: string, what: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw bad(`${name}: not a ${what} in PEM form ("-----BEGIN CERTIFICATE-----")`, cause);
  }
}

function parseKey(pem: string, name: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw bad(`${name}: not an unencrypted private key in PEM form ("-----BEGIN PRIVATE KEY-----")`, cause);
  }
}

function checkValidity(certificate: X509Certificate, name: string, nowMs: number): void {
  if (nowMs > Date.parse(certificate.validTo)) {
    throw bad(
      `${name}: expired on ${certificate.validTo}; issue a new certificate, or check this machine's clock`,
    );
  }
  if (nowMs < Date.parse(certificate.validFrom)) {
    throw bad(`${name}: not valid before ${certificate.validFrom}; check this machine's clock`);
  }
}

const bad = (message: string, cause?: unknown): UplinkError =>
  new UplinkError("bad-credentials", message, cause === undefined ? undefined : { cause });
