/**
 * What an SES request asks for, whether its caller may, and whether SES would take the mail.
 *
 * Emulated: SendEmail and SendRawEmail of API version 1; the sender must be an identity of the template, recipients must
 * be addresses, header values hold no line break. GET passes to the inbox.
 * Not emulated: the sandbox (unverified recipients), sending quotas, bounces, configuration sets, templates, API version
 * 2: what else is asked is refused by name.
 */
import PostalMime, { type Address, type Email } from "postal-mime";
import { type Front, type FrontRequest, type Judgement, type Refusal, startFront } from "./front.ts";

/** A mail that was accepted. */
export interface AcceptedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface SesFrontOptions {
  readonly port: number;
  readonly backendPort: number;
  /** `arn:aws:ses:REGION:ACCOUNT:identity/` */
  readonly identityArnPrefix: string;
  /** Addresses and domains that the template verifies. */
  readonly identities: readonly string[];
  readonly refuse: (
    accessKeyId: string,
    action: string,
    resource: string,
    context: Readonly<Record<string, string>>,
  ) => string | undefined;
  readonly onDenied: (text: string) => void;
  readonly onAccepted: (mail: AcceptedMail) => void;
  readonly onError: (error: unknown) => void;
}

type Form = URLSearchParams;
const ACTIONS = ["SendEmail", "SendRawEmail"];
/** No more than what makes an address unambiguous; SES itself accepts little more. */
const ADDRESS = /^[^\s@<>,;"()[\]\\:]+@[^\s@<>,;"()[\]\\:]+$/;

export const startSesFront = (options: SesFrontOptions): Promise<Front> =>
  startFront({
    what: "SES",
    port: options.port,
    portFlag: "--ses-port",
    backendPort: options.backendPort,
    judge: (request) => judge(request, options),
    onError: options.onError,
  });

async function judge(request: FrontRequest, options: SesFrontOptions): Promise<Judgement> {
  if (request.method === "GET") return { pass: true };
  if (request.path !== "/")
    return refused(
      options,
      "InvalidAction",
      `${request.method} ${request.path} is not emulated; use SES API version 1`,
    );
  const form = new URLSearchParams(request.body.toString("utf8"));
  const action = form.get("Action") ?? "";
  if (!ACTIONS.includes(action))
    return refused(
      options,
      "InvalidAction",
      `the action "${action}" is not emulated; these are: ${ACTIONS.join(", ")}`,
    );
  if (request.accessKeyId === undefined)
    return refused(options, "MissingAuthenticationToken", "the request is not signed");

  const mail = action === "SendRawEmail" ? await rawMail(form) : formMail(form);
  const problem = typeof mail === "string" ? mail : problemOf(mail);
  if (typeof mail === "string" || problem !== undefined)
    return refused(options, "InvalidParameterValue", problem ?? "");
  const identity = options.identities.find((known) => isOf(mail.from, known));
  if (identity === undefined)
    return refused(
      options,
      "MessageRejected",
      `Email address is not verified. The following identities failed the check: ${mail.from}`,
    );
  const context = { "ses:FromAddress": mail.from };
  const text = options.refuse(
    request.accessKeyId,
    `ses:${action}`,
    `${options.identityArnPrefix}${identity}`,
    context,
  );
  if (text !== undefined) return refused(options, "AccessDenied", text, 403);
  return { pass: true, onPassed: (status) => void (status === 200 && options.onAccepted(mail)) };
}

/** Error format: "Handling Amazon SES API errors", developer guide. */
function refused(options: SesFrontOptions, code: string, text: string, status = 400): Judgement {
  options.onDenied(`${code}: ${text}`);
  const escaped = text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
  const body = `<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${escaped}</Message></Error><RequestId>local</RequestId></ErrorResponse>`;
  const refusal: Refusal = { status, contentType: "text/xml", body };
  return { pass: false, refusal };
}

const isOf = (address: string, identity: string): boolean =>
  identity.includes("@")
    ? address === identity
    : address.slice(address.lastIndexOf("@") + 1).toLowerCase() === identity.toLowerCase();

function problemOf(mail: AcceptedMail): string | undefined {
  const wrong = [mail.from, ...mail.to].find((address) => !ADDRESS.test(address));
  if (wrong !== undefined) return `${JSON.stringify(wrong)} is not an address`;
  if (mail.to.length === 0) return "the mail has no recipient";
  if (/[\r\n]/.test(mail.subject)) return "the subject holds a line break";
  return undefined;
}

const members = (form: Form, prefix: string): string[] =>
  [...form].filter(([name]) => name.startsWith(`${prefix}.member.`)).map(([, value]) => value);

function formMail(form: Form): AcceptedMail {
  const to = ["To", "Cc", "Bcc"].flatMap((kind) => members(form, `Destination.${kind}Addresses`));
  const body = (kind: string) => form.get(`Message.Body.${kind}.Data`) ?? "";
  return {
    from: bare(form.get("Source") ?? ""),
    to: to.map(bare),
    subject: form.get("Message.Subject.Data") ?? "",
    text: body("Text"),
    html: body("Html"),
    headers: {},
  };
}

/** `Name <a@b>` without the name. */
const bare = (address: string): string => /<([^<>]*)>\s*$/.exec(address)?.[1] ?? address.trim();

async function rawMail(form: Form): Promise<AcceptedMail | string> {
  const raw = Buffer.from(form.get("RawMessage.Data") ?? "", "base64");
  if (raw.length === 0) return "RawMessage.Data is empty";
  const parsed = await PostalMime.parse(raw);
  const from = bare(form.get("Source") ?? "") || addressesIn(parsed.from)[0];
  if (from === undefined) return "the message has no From header";
  const named = [parsed.to, parsed.cc, parsed.bcc].flatMap((list) => list ?? []).flatMap(addressesIn);
  const destinations = members(form, "Destinations").map(bare);
  return {
    from,
    to: destinations.length > 0 ? destinations : named,
    subject: parsed.subject ?? "",
    text: parsed.text ?? "",
    html: parsed.html ?? "",
    headers: headersOf(parsed),
  };
}

/** A mailbox's address; those of a group's members. */
const addressesIn = (entry: Address | undefined): string[] =>
  entry === undefined
    ? []
    : entry.group === undefined
      ? [entry.address]
      : entry.group.map(({ address }) => address);

const headersOf = ({ headers }: Email): Record<string, string> =>
  Object.fromEntries(headers.map(({ key, value }) => [key.toLowerCase(), value]));
