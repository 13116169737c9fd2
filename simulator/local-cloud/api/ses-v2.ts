/**
 * The part of SES API version 2 that describes the account and verifies identities: GetAccount, PutAccountDetails,
 * CreateEmailIdentity, GetEmailIdentity, ListEmailIdentities, DeleteEmailIdentity. Every other operation, SendEmail
 * included, is refused by name, in the form of a JSON protocol.
 *
 * Source: Amazon SES API v2 reference. Deviations: a request for production access is granted at once; a list is one
 * page.
 */
import type { SesAccount, SesIdentity } from "./ses-account.ts";
import { quotaOf } from "./ses-identities.ts";

/** The response to a request of version 2. */
export interface V2Answer {
  readonly status: number;
  readonly body: object;
  /** `x-amzn-errortype`; absent: it is no error. */
  readonly error?: string;
}

/** An operation, with the identity for which a policy must allow it. */
export interface V2Operation {
  readonly name: string;
  /** Undefined: the resource is `*`. */
  readonly identity?: string;
  readonly run: (account: SesAccount) => V2Answer;
}

type Asked = Readonly<Record<string, unknown>>;

const PREFIX = "/v2/email/";
/** Whether a request's path belongs to version 2. */
export const isV2 = (path: string): boolean => path.startsWith("/v2/");

const ok = (body: object): V2Answer => ({ status: 200, body });
/** A refusal in the form of version 2. @param code name of the exception */
export const v2Error = (status: number, code: string, message: string): V2Answer => ({
  status,
  error: code,
  body: { message },
});

/** The operation that a request asks for, or the response that says why it is none of these. */
export function readV2(method: string, path: string, body: Buffer): V2Operation | V2Answer {
  const asked = parsed(body);
  if (asked === undefined) return v2Error(400, "BadRequestException", "The request body is not valid JSON.");
  const [route = ""] = path.split("?");
  const operation = operationOf(`${method} ${route.replace(PREFIX, "")}`, asked);
  return (
    operation ??
    v2Error(
      400,
      "BadRequestException",
      `${method} ${path} of SES API version 2 is not emulated here; these are: ${EMULATED}. Mails are sent by version 1: SendEmail and SendRawEmail`,
    )
  );
}

function operationOf(request: string, asked: Asked): V2Operation | V2Answer | undefined {
  switch (request) {
    case "GET account":
      return { name: "GetAccount", run: getAccount };
    case "POST account/details":
      return { name: "PutAccountDetails", run: (account) => putAccountDetails(account, asked) };
    case "GET identities":
      return { name: "ListEmailIdentities", run: listIdentities };
    case "POST identities":
      return createIdentity(asked);
  }
  const [, method, named = ""] = /^(GET|DELETE) identities\/([^/]+)$/.exec(request) ?? [];
  const identity = decoded(named);
  if (method === undefined || identity === undefined) return undefined;
  return method === "GET"
    ? { name: "GetEmailIdentity", identity, run: (account) => getIdentity(account, identity) }
    : { name: "DeleteEmailIdentity", identity, run: (account) => deleteIdentity(account, identity) };
}

const EMULATED =
  "GetAccount, PutAccountDetails, CreateEmailIdentity, GetEmailIdentity, ListEmailIdentities, DeleteEmailIdentity";

const getAccount = (account: SesAccount): V2Answer =>
  ok({
    DedicatedIpAutoWarmupEnabled: false,
    EnforcementStatus: "HEALTHY",
    ProductionAccessEnabled: !account.sandbox,
    SendQuota: quotaOf(account),
    SendingEnabled: true,
  });

function putAccountDetails(account: SesAccount, { ProductionAccessEnabled }: Asked): V2Answer {
  if (ProductionAccessEnabled === true) account.endSandbox();
  return ok({});
}

const listIdentities = ({ identities }: SesAccount): V2Answer =>
  ok({
    EmailIdentities: identities.map(({ name }) => ({
      IdentityName: name,
      IdentityType: typeOf(name),
      SendingEnabled: true,
      VerificationStatus: "SUCCESS",
    })),
  });

function createIdentity({ EmailIdentity: name, ConfigurationSetName }: Asked): V2Operation | V2Answer {
  if (typeof name !== "string" || name === "")
    return v2Error(400, "BadRequestException", "The request has no EmailIdentity.");
  const configurationSet = typeof ConfigurationSetName === "string" ? ConfigurationSetName : undefined;
  return {
    name: "CreateEmailIdentity",
    identity: name,
    run: (account) => {
      if (account.find(name) !== undefined)
        return v2Error(400, "AlreadyExistsException", `Email identity ${name} already exist.`);
      account.verify({ name, configurationSet });
      return ok({ IdentityType: typeOf(name), VerifiedForSendingStatus: true });
    },
  };
}

const getIdentity = (account: SesAccount, name: string): V2Answer =>
  onKnown(account, name, ({ configurationSet }) => ({
    IdentityType: typeOf(name),
    FeedbackForwardingStatus: true,
    VerifiedForSendingStatus: true,
    VerificationStatus: "SUCCESS",
    ...(configurationSet === undefined ? {} : { ConfigurationSetName: configurationSet }),
  }));

const deleteIdentity = (account: SesAccount, name: string): V2Answer =>
  onKnown(account, name, () => {
    account.delete(name);
    return {};
  });

function onKnown(account: SesAccount, name: string, answer: (identity: SesIdentity) => object): V2Answer {
  const identity = account.find(name);
  return identity === undefined
    ? v2Error(404, "NotFoundException", `Email identity ${name} does not exist.`)
    : ok(answer(identity));
}

const typeOf = (name: string): string => (name.includes("@") ? "EMAIL_ADDRESS" : "DOMAIN");

function parsed(body: Buffer): Asked | undefined {
  try {
    const value: unknown = body.length === 0 ? {} : JSON.parse(body.toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Asked) : undefined;
  } catch {
    return undefined;
  }
}

/** A part of a path, decoded; undefined: it is not URL-encoded. */
function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
