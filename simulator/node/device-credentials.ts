/**
 * A device's credentials, checked before a TLS library sees them: what is wrong is then said at once and with the name
 * of the file, where the device SDK would say "handshake failed" half a minute later.
 *
 * Not checked: revocation, and whether the broker knows the certificate.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { UplinkError } from "./uplink.ts";

/** PEM texts. `caPem` is what the device trusts the broker by. */
export interface DeviceCredentials {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

/** Where the three came from, for messages: file paths, or a description. */
export interface CredentialNames {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * Reads and checks the three files.
 * @param nowMs real time, epoch milliseconds: expiry is judged by it.
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
 * Returns the credentials when certificate and CA parse, neither is expired or not yet valid, and the key is the certificate's.
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
