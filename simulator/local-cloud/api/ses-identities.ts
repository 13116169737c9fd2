/**
 * The part of SES API version 1 that describes the account and verifies identities, as XML.
 *
 * Source: Amazon SES API reference (2010-12-01). A list is one page.
 */
import type { SesAccount } from "./ses-account.ts";

/** An operation. @returns the XML inside its result */
type Operation = (account: SesAccount, form: URLSearchParams) => string;

const sendQuota = ({ sandbox }: SesAccount) =>
  sandbox ? { perDay: 200, perSecond: 1 } : { perDay: 50_000, perSecond: 14 };

/** The account's "sending quotas": those of the sandbox, or those of a usual first production access. */
export const quotaOf = (account: SesAccount) => {
  const { perDay, perSecond } = sendQuota(account);
  return { Max24HourSend: perDay, MaxSendRate: perSecond, SentLast24Hours: account.sent };
};

/** By action of the query protocol: the operations on the account and its identities. */
export const IDENTITY_OPERATIONS: Readonly<Record<string, Operation>> = {
  VerifyEmailIdentity: (account, form) => {
    const name = form.get("EmailAddress") ?? "";
    if (account.find(name) === undefined) account.verify({ name });
    return "";
  },
  DeleteIdentity: (account, form) => {
    account.delete(form.get("Identity") ?? "");
    return "";
  },
  ListIdentities: (account, form) => {
    const type = form.get("IdentityType");
    const wanted = account.identities.filter(
      ({ name }) => type === null || (type === "EmailAddress") === name.includes("@"),
    );
    return `<Identities>${wanted.map(({ name }) => element("member", escapeXml(name))).join("")}</Identities>`;
  },
  GetIdentityVerificationAttributes: (account, form) => {
    const asked = [...form].filter(([key]) => key.startsWith("Identities.member.")).map(([, name]) => name);
    const entries = asked
      .filter((name) => account.find(name) !== undefined)
      .map((name) =>
        element(
          "entry",
          element("key", escapeXml(name)) + element("value", element("VerificationStatus", "Success")),
        ),
      );
    return element("VerificationAttributes", entries.join(""));
  },
  GetSendQuota: (account) =>
    Object.entries(quotaOf(account))
      .map(([name, value]) => element(name, value.toFixed(1)))
      .join(""),
};

/** The whole response of an operation. */
export const xmlAnswer = (action: string, result: string): string =>
  `<${action}Response xmlns="http://ses.amazonaws.com/doc/2010-12-01/">${element(`${action}Result`, result)}` +
  `<ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></${action}Response>`;

const element = (name: string, content: string): string => `<${name}>${content}</${name}>`;

/** The text as XML content: `<`, `>` and `&` as character references. */
export const escapeXml = (text: string): string =>
  text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
