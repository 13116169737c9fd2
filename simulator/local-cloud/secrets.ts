/**
 * The secrets of the template, made anew at every start. They are truly random, not seeded: a person who knew one could
 * sign with it.
 *
 * Not emulated: rotation, versions, resource policies, KMS keys.
 */
import { randomInt } from "node:crypto";
import type { ResolvedResource } from "./template/assembly.ts";
import { only, type Properties, record } from "./template/properties.ts";

/** A secret of the template, with a value made up at start. */
export interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly value: string;
}

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
/** Length of a password in characters: the API's default. */
const LENGTH = 32;

/** A value for each secret of the template. @throws TemplateError when it asks for one in a way that is not emulated */
export const makeSecrets = (resources: readonly ResolvedResource[]): Secret[] =>
  resources.map(({ stack, logicalId, name, arn, properties }) => {
    const where = `${stack}/${logicalId}`;
    only(properties, ["Description", "GenerateSecretString", "Name", "SecretString"], where);
    const { SecretString, GenerateSecretString = {} } = properties;
    const value =
      typeof SecretString === "string"
        ? SecretString
        : generate(record(GenerateSecretString, where), `${where}.GenerateSecretString`);
    return { name, arn, value };
  });

function generate(asked: Properties, where: string): string {
  only(asked, ["ExcludePunctuation", "PasswordLength"], where);
  const characters = asked.ExcludePunctuation === true ? ALPHANUMERIC : ALPHANUMERIC + PUNCTUATION;
  const length = Number(asked.PasswordLength ?? LENGTH);
  return Array.from({ length }, () => characters[randomInt(characters.length)]).join("");
}
