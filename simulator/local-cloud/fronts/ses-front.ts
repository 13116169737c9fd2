/**
 * What an SES request asks for, whether its caller may, and whether SES would take the mail (mail-request.ts).
 *
 * Emulated: SendEmail and SendRawEmail of API version 1. Every sender must be an identity of the template: an address, a
 * domain, or a domain above it. The role's policies are asked with ses:FromAddress and ses:Recipients. GET passes to the
 * inbox, which shows of a SendEmail the first recipient of each kind only.
 * Not emulated: the sandbox (unverified recipients), sending quotas, bounces, configuration sets, templates, tags, API
 * version 2: what else is asked is refused by name.
 */
import { type Judgement, type Refusal, startFront } from "./front.ts";
import { formMail, type Mail, type MailRequest, rawMail } from "./mail-request.ts";
import type { Front, FrontRequest } from "./server.ts";

export interface SesFrontOptions {
  readonly port: number;
  readonly backendPort: Promise<number>;
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
  /** What a mail of this caller meets now, though it is allowed; undefined: nothing. */
  readonly trouble?: (accessKeyId: string) => { readonly code: string; readonly text: string } | undefined;
  readonly onDenied: (text: string) => void;
  /** Gets each mail that the inbox took. */
  readonly onAccepted: (mail: Mail) => void;
  readonly onError: (error: unknown) => void;
}

const READERS: Readonly<Record<string, (form: URLSearchParams) => MailRequest | Promise<MailRequest>>> = {
  SendEmail: formMail,
  SendRawEmail: rawMail,
};

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
  const refused = (code: string, text: string, status = 400): Judgement => {
    options.onDenied(`${code}: ${text}`);
    return { pass: false, refusal: refusal(code, text, status) };
  };
  const { accessKeyId, method, path } = request;
  // The inbox: its page, its mails, and the button that clears it.
  if (method === "GET" || path === "/clear-store") return { pass: true };
  if (path !== "/")
    return refused("InvalidAction", `${method} ${path} is not emulated; use SES API version 1`);
  const form = new URLSearchParams(request.body.toString("utf8"));
  const action = form.get("Action") ?? "";
  const read = Object.hasOwn(READERS, action) ? READERS[action] : undefined;
  if (read === undefined)
    return refused(
      "InvalidAction",
      `the action "${action}" is not emulated; these are: ${Object.keys(READERS).join(", ")}`,
    );
  if (accessKeyId === undefined)
    return refused("MissingAuthenticationToken", "the request is not signed", 403);

  const asked = await read(form);
  if (!asked.valid) return refused("InvalidParameterValue", asked.why);
  const { mail, senders } = asked;
  for (const sender of senders) {
    const identity = identityOf(sender, options.identities);
    if (identity === undefined)
      return refused(
        "MessageRejected",
        `Email address is not verified. The following identities failed the check: ${sender}`,
      );
    const text = denial(accessKeyId, action, identity, sender, mail.to, options);
    if (text !== undefined) return refused("AccessDenied", text, 403);
  }
  const trouble = options.trouble?.(accessKeyId);
  if (trouble !== undefined) return refused(trouble.code, trouble.text);
  return { pass: true, onPassed: (status) => void (status === 200 && options.onAccepted(mail)) };
}

/** Asked once for each recipient: a request here has one value for each key, and every recipient must be allowed. */
function denial(
  accessKeyId: string,
  action: string,
  identity: string,
  sender: string,
  recipients: readonly string[],
  { refuse, identityArnPrefix }: SesFrontOptions,
): string | undefined {
  for (const recipient of recipients) {
    const context = { "ses:FromAddress": sender, "ses:Recipients": recipient };
    const text = refuse(accessKeyId, `ses:${action}`, `${identityArnPrefix}${identity}`, context);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** Error format: "Handling Amazon SES API errors", developer guide. */
function refusal(code: string, text: string, status: number): Refusal {
  const escaped = text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
  const body = `<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${escaped}</Message></Error><RequestId>local</RequestId></ErrorResponse>`;
  return { status, contentType: "text/xml", body };
}

/**
 * The identity that a sender's mail is sent as: the address where that is verified, else the nearest domain above it.
 * "You can send from any subdomain of a verified domain" (SES developer guide, "Creating and verifying identities").
 */
function identityOf(sender: string, identities: readonly string[]): string | undefined {
  const at = sender.lastIndexOf("@");
  const local = sender.slice(0, at);
  const labels = sender
    .slice(at + 1)
    .toLowerCase()
    .split(".");
  const domains = labels.map((_, i) => labels.slice(i).join("."));
  const wanted = [`${local}@${domains[0]}`, ...domains];
  const known = new Map(identities.map((identity) => [domainInLowerCase(identity), identity]));
  return wanted.map((name) => known.get(name)).find((identity) => identity !== undefined);
}

/** Domains have no case; local parts have. */
const domainInLowerCase = (identity: string): string => {
  const at = identity.lastIndexOf("@") + 1;
  return identity.slice(0, at) + identity.slice(at).toLowerCase();
};
