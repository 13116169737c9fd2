/** Keys of nodes, and the CSRs that go with them. */
import "reflect-metadata"; // @peculiar/x509 resolves its algorithms through it and fails without, so it comes first.
import { createPrivateKey, createPublicKey, generateKeyPairSync, webcrypto } from "node:crypto";
import { Pkcs10CertificateRequestGenerator } from "@peculiar/x509";
import { UsageError } from "../shared/arguments.ts";

const CURVE = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" } as const;

/** A new EC key on P-256, PKCS #8 in PEM. */
export const makeKey = (): string =>
  generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  }).privateKey;

/**
 * A CSR for `CN=<thing>`, PEM, signed with the key.
 * @param where the key's file, for errors
 * @throws UsageError when it is no unencrypted EC key on P-256.
 */
export async function makeCsr(thing: string, keyPem: string, where: string): Promise<string> {
  const { pkcs8, spki } = encoded(keyPem, where);
  const { subtle } = webcrypto;
  const keys = {
    privateKey: await subtle.importKey("pkcs8", pkcs8, CURVE, false, ["sign"]),
    publicKey: await subtle.importKey("spki", spki, CURVE, true, ["verify"]),
  };
  const csr = await Pkcs10CertificateRequestGenerator.create({
    name: `CN=${thing}`,
    keys,
    signingAlgorithm: SIGNATURE,
  });
  return `${csr.toString("pem")}\n`;
}

function encoded(keyPem: string, where: string): { pkcs8: Uint8Array; spki: Uint8Array } {
  const wanted = `expected an unencrypted EC key on P-256, as openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 makes one`;
  let key: ReturnType<typeof createPrivateKey>;
  try {
    key = createPrivateKey(keyPem);
  } catch {
    throw new UsageError(`${where} is not a private key in PEM form; ${wanted}`);
  }
  const { namedCurve } = key.asymmetricKeyDetails ?? {};
  if (namedCurve !== "prime256v1")
    throw new UsageError(`${where} is a key of ${namedCurve ?? key.asymmetricKeyType}; ${wanted}`);
  return {
    pkcs8: new Uint8Array(key.export({ type: "pkcs8", format: "der" })),
    spki: new Uint8Array(createPublicKey(key).export({ type: "spki", format: "der" })),
  };
}
