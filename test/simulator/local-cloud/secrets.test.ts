import { makeSecrets } from "../../../simulator/local-cloud/secrets.ts";
import type { ResolvedResource } from "../../../simulator/local-cloud/template/assembly.ts";

const secret = (properties: Readonly<Record<string, unknown>>): ResolvedResource => ({
  stack: "S",
  logicalId: "Key",
  type: "AWS::SecretsManager::Secret",
  name: "S-Key",
  arn: "arn",
  properties,
});
const made = (properties: Readonly<Record<string, unknown>>) => makeSecrets([secret(properties)])[0]?.value;

test("a secret to be generated -> as long as asked, of the characters asked, and another one each time", () => {
  const asked = { GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true } };
  const values = Array.from({ length: 20 }, () => made(asked));
  for (const value of values) expect(value).toMatch(/^[A-Za-z0-9]{64}$/);
  expect(new Set(values).size).toBe(20);
});

test("nothing asked of it -> 32 characters, punctuation among them", () => {
  const all = Array.from({ length: 50 }, () => made({}));
  for (const value of all) expect(value).toHaveLength(32);
  expect(all.join("")).toMatch(/[!-/]/);
});

test("a secret whose text stands in the template -> that text", () => {
  expect(made({ SecretString: "open sesame" })).toBe("open sesame");
});

test("a way to generate it that is not emulated -> refused by name", () => {
  expect(() => made({ GenerateSecretString: { SecretStringTemplate: "{}" } })).toThrow(
    "S/Key.GenerateSecretString: not emulated: SecretStringTemplate",
  );
});
