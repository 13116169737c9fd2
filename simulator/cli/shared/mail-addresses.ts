/** The mail addresses of the configuration, and what the local SES makes of them. */
import { CONFIG_KEY, ConfigError, parseConfig } from "../../../lib/config.ts";
import { nearest } from "../../../lib/nearest.ts";
import type { SesAccount } from "../../local-cloud/api/ses-account.ts";
import { UsageError } from "./arguments.ts";
import { readCdkJson } from "./cdk-json.ts";

function configuredMail() {
  const { file, context } = readCdkJson();
  try {
    return parseConfig(context[CONFIG_KEY]).mail;
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

/** Each once. @throws UsageError when the configuration is wrong */
export const configuredRecipients = (): string[] => [
  ...new Set(configuredMail().to.map(({ address }) => address)),
];

/**
 * The sender's identity and the recipients, but those that are not to be verified.
 * @param unverified what `--unverified` says: addresses with commas between them
 * @throws UsageError when the configuration is wrong, or one of them is no recipient
 */
export function verifiedAddresses(unverified?: string): string[] {
  const recipients = configuredRecipients();
  const left = unverified === undefined ? [] : unverified.split(",").map((address) => address.trim());
  for (const address of left) {
    if (recipients.includes(address)) continue;
    const near = nearest(address, recipients);
    throw new UsageError(
      `--unverified takes recipients of the configuration, not "${address}": ${near === undefined ? `there are ${recipients.join(", ")}` : `did you mean ${near}?`}`,
    );
  }
  return [configuredMail().identity, ...recipients.filter((address) => !left.includes(address))];
}

/** What is verified, where that matters. */
export const sandboxLines = (account: SesAccount): string[] =>
  account.sandbox
    ? ["sandbox on, as in a new account; verified:", ...verifiedNames(account)]
    : ["sandbox off"];

/** Addresses and domains that SES holds to be verified. */
export const verifiedNames = ({ identities }: SesAccount): string[] => identities.map(({ name }) => name);
