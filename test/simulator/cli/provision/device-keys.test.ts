import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { readCsr } from "../../../../lib/csr.ts";
import { makeCsr, makeKey } from "../../../../simulator/cli/provision/device-keys.ts";

const pem = { type: "pkcs8", format: "pem" } as const;

test("a key -> EC on P-256, PKCS #8, another each time", () => {
  const [one, other] = [makeKey(), makeKey()];
  expect(createPrivateKey(one).asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
  expect(one).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  expect(one).not.toBe(other);
});

test("a CSR -> for the thing alone, with the key's public half, signed by it", async () => {
  const key = makeKey();
  const { subject, commonNames, publicKey } = await readCsr(await makeCsr("kitchen-0", key, "key"), "csr");
  expect([subject, commonNames]).toEqual(["CN=kitchen-0", ["kitchen-0"]]);
  const own = createPrivateKey(key).export({ type: "pkcs8", format: "der" });
  // The public point stands at the end of both forms.
  expect(own.subarray(-65).equals(Buffer.from(publicKey.rawData).subarray(-65))).toBe(true);
});

test.each([
  ["no key", "hello", /^k\.pem is not a private key in PEM form; expected an unencrypted EC key on P-256/],
  [
    "RSA",
    generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey.export(pem),
    /^k\.pem is a key of rsa; expected/,
  ],
  [
    "another curve",
    generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey.export(pem),
    /^k\.pem is a key of secp384r1; expected/,
  ],
  [
    "an encrypted one",
    generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
      ...pem,
      cipher: "aes-256-cbc",
      passphrase: "secret",
    }),
    /^k\.pem is not a private key/,
  ],
])("a CSR of %s -> refused, naming the file and what is expected", async (_, key, expected) => {
  await expect(makeCsr("kitchen-0", String(key), "k.pem")).rejects.toThrow(expected);
});
