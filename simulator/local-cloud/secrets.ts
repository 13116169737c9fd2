/**
 * The secrets of the template, made anew at every start: by chance, because whoever knows one may sign what it signs.
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
/** The API's default. */
const LENGTH = 32;

/** @throws TemplateError when a value is to be made in a way that is not emulated. */
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
