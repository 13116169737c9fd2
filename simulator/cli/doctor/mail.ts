/** SES: the account's sandbox, the sender, and each recipient. */

import {
  GetAccountCommand,
  type GetAccountCommandOutput,
  GetEmailIdentityCommand,
} from "@aws-sdk/client-sesv2";
import { shellWord } from "../shared/arguments.ts";
import { type Check, type Finding, good, wrong } from "./finding.ts";
import type { Look } from "./look.ts";
import type { Target } from "./target.ts";

/** "Recipients provided by the Amazon SES mailbox simulator" need no verification. */
const MAILBOX_SIMULATOR = "@simulator.amazonses.com";

/** Whether SES would take a mail to each recipient: sandbox, sender, addresses. */
export async function examineMail({ target, here }: Look): Promise<Finding[]> {
  const { mail } = here.config;
  const account = await target.clients.ses.send(new GetAccountCommand({}));
  const sandbox = account.ProductionAccessEnabled !== true;
  const sender = await identityFinding(target, "sender", mail.identity, [mail.identity]);
  const addresses = mail.to.map(({ address }) => address);
  const recipients = sandbox
    ? await Promise.all(addresses.map((address) => recipientFinding(target, address)))
    : addresses.map((address) => good("recipient", `${address}: needs no verification outside the sandbox`));
  return [accountFinding(target, account, sandbox), sender, ...recipients];
}

function accountFinding(target: Target, account: GetAccountCommandOutput, sandbox: boolean): Finding {
  const { SendingEnabled, EnforcementStatus, SendQuota } = account;
  if (EnforcementStatus === "SHUTDOWN" || SendingEnabled === false)
    return wrong(
      "mail",
      `SES sends nothing for this account (${EnforcementStatus}): the SES console says why`,
      target.aws("sesv2 get-account"),
    );
  const daily = SendQuota?.Max24HourSend;
  const quota = daily === undefined ? "" : `, up to ${daily} mails a day`;
  return good(
    "mail",
    sandbox
      ? `SES is in its sandbox${quota}: every recipient must be verified`
      : `SES is out of its sandbox${quota}`,
  );
}

async function recipientFinding(target: Target, address: string): Promise<Finding> {
  if (address.toLowerCase().endsWith(MAILBOX_SIMULATOR))
    return good("recipient", `${address}: SES's own simulator needs no verification`);
  return identityFinding(target, "recipient", address, [address, ...domainsAbove(address)]);
}

/** `you@a.example.com` is verified by `a.example.com` and by `example.com` as well. */
function domainsAbove(address: string): string[] {
  const labels = address
    .slice(address.lastIndexOf("@") + 1)
    .toLowerCase()
    .split(".");
  return labels.slice(0, -1).map((_, i) => labels.slice(i).join("."));
}

/** @param identities any of which does */
async function identityFinding(
  target: Target,
  check: Check,
  name: string,
  identities: readonly string[],
): Promise<Finding> {
  const statuses = await Promise.all(
    identities.map(async (identity) => ({ identity, ...(await statusOf(target, identity)) })),
  );
  const verified = statuses.find((status) => status.verified);
  if (verified !== undefined)
    return good(check, `${name} is verified${verified.identity === name ? "" : ` by ${verified.identity}`}`);
  const own = statuses[0];
  return name.includes("@")
    ? unverifiedAddress(target, check, name, own?.status)
    : unverifiedDomain(target, check, name, own?.status);
}

/** Asking again sends the mail again. */
function unverifiedAddress(target: Target, check: Check, name: string, status: string | undefined): Finding {
  const why =
    status === undefined
      ? `${name} is not verified in SES: request it, and open the link in the mail that SES sends`
      : `${name} is not verified in SES (${status}): open the link in the mail that SES sent, or have it sent again`;
  return wrong(check, why, target.aws(`ses verify-email-identity --email-address ${shellWord(name)}`));
}

function unverifiedDomain(target: Target, check: Check, name: string, status: string | undefined): Finding {
  return status === undefined
    ? wrong(
        check,
        `the domain ${name} is unknown to SES: create it, and publish the DKIM records of the answer`,
        target.aws(`sesv2 create-email-identity --email-identity ${name}`),
      )
    : wrong(
        check,
        `the domain ${name} is not verified in SES (${status}): publish TOKEN._domainkey.${name} as CNAME of TOKEN.dkim.amazonses.com, for each token`,
        target.aws(`sesv2 get-email-identity --email-identity ${name} --query DkimAttributes`),
      );
}

/** `status` is undefined where SES has never heard of it. */
async function statusOf(
  { clients }: Target,
  identity: string,
): Promise<{ readonly verified: boolean; readonly status?: string }> {
  try {
    const { VerifiedForSendingStatus, VerificationStatus = "unknown" } = await clients.ses.send(
      new GetEmailIdentityCommand({ EmailIdentity: identity }),
    );
    return { verified: VerifiedForSendingStatus === true, status: VerificationStatus };
  } catch (error) {
    if (error instanceof Error && error.name === "NotFoundException") return { verified: false };
    throw error;
  }
}
