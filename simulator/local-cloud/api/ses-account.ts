/**
 * The state of the account in SES: the verified identities, and whether it is in the sandbox, as every new account is.
 *
 * Source: SES developer guide, "Creating and verifying identities" and "Request production access". Deviation: an
 * identity is verified as soon as it is created, without a click on a link or a DNS record. Not emulated: sending
 * limits, identities that wait or failed, suppression lists, DKIM, configuration sets beyond the right to use one.
 */

import type { ResolvedResource } from "../template/assembly.ts";

/** A verified identity. */
export interface SesIdentity {
  /** The address or domain, as it was given. */
  readonly name: string;
  /** The default configuration set, which each mail from it uses. */
  readonly configurationSet?: string | undefined;
}

/** "Recipients provided by the Amazon SES mailbox simulator" need no verification. */
const MAILBOX_SIMULATOR = "@simulator.amazonses.com";

/** The account's identities and sandbox in one region. */
export class SesAccount {
  readonly region: string;
  readonly #identities = new Map<string, SesIdentity>();
  #sandbox = true;
  /** Number of recipients of accepted mails. */
  sent = 0;

  constructor(region: string, identities: readonly SesIdentity[]) {
    this.region = region;
    for (const identity of identities) if (this.find(identity.name) === undefined) this.verify(identity);
  }

  get sandbox(): boolean {
    return this.#sandbox;
  }

  /** Gives production access: recipients need no verification any more. */
  endSandbox(): void {
    this.#sandbox = false;
  }

  get identities(): readonly SesIdentity[] {
    return [...this.#identities.values()];
  }

  find(name: string): SesIdentity | undefined {
    return this.#identities.get(domainInLowerCase(name));
  }

  verify(identity: SesIdentity): void {
    this.#identities.set(domainInLowerCase(identity.name), identity);
  }

  delete(name: string): void {
    this.#identities.delete(domainInLowerCase(name));
  }

  /**
   * The identity by which an address is verified: itself, else the nearest domain above it; undefined: it is not
   * verified. "You can send from any subdomain of a verified domain" (SES developer guide, "Creating and verifying
   * identities").
   */
  identityOf(address: string): SesIdentity | undefined {
    const at = address.lastIndexOf("@");
    const labels = address
      .slice(at + 1)
      .toLowerCase()
      .split(".");
    const domains = labels.map((_, i) => labels.slice(i).join("."));
    return [address, ...domains].map((name) => this.find(name)).find((identity) => identity !== undefined);
  }

  /** The addresses that keep a mail from being sent: senders, and in the sandbox recipients, that are not verified. */
  unverified(senders: readonly string[], recipients: readonly string[]): string[] {
    const checked = [...senders, ...(this.#sandbox ? recipients.filter(isNoSimulator) : [])];
    return [...new Set(checked.filter((address) => this.identityOf(address) === undefined))];
  }
}

const isNoSimulator = (recipient: string): boolean => !recipient.toLowerCase().endsWith(MAILBOX_SIMULATOR);

/** An identity with its domain in lower case: domains have no case, local parts have. */
const domainInLowerCase = (identity: string): string => {
  const at = identity.lastIndexOf("@") + 1;
  return identity.slice(0, at) + identity.slice(at).toLowerCase();
};

/** The template's identities, as if they had been verified after the deploy, and `others`. */
export const sesIdentities = (
  resources: readonly ResolvedResource[],
  others: readonly string[] = [],
): SesIdentity[] => [
  ...resources.map(({ name, properties }) => ({
    name,
    configurationSet: (properties as IdentityProperties).ConfigurationSetAttributes?.ConfigurationSetName,
  })),
  ...others.map((name) => ({ name })),
];

interface IdentityProperties {
  readonly ConfigurationSetAttributes?: { readonly ConfigurationSetName?: string };
}
