/** CSRs of all kinds, for the tests of what reads them. */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { Pkcs10CertificateRequestGenerator } from "@peculiar/x509";

export const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
export const RSA_1024 = {
  name: "RSASSA-PKCS1-v1_5",
  modulusLength: 1_024,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256",
};

/** A CSR for `CN=<commonName>`, PEM. */
export async function csrPem(
  commonName: string,
  algorithm: typeof P256 | typeof RSA_1024 = P256,
): Promise<string> {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, [
    "sign",
    "verify",
  ])) as webcrypto.CryptoKeyPair;
  const csr = await Pkcs10CertificateRequestGenerator.create({
    name: `CN=${commonName}`,
    keys,
    signingAlgorithm: algorithm,
  });
  return `${csr.toString("pem")}\n`;
}
