/**
 * The SES API: reads each request, asks the caller's policies, and decides whether SES would accept the mail
 * (`mail-request.ts`).
 *
 * Emulated: SendEmail and SendRawEmail of API version 1, and the questions about account and identities of both
 * versions (ses-identities.ts, ses-v2.ts). Every sender must be verified, and in the sandbox every recipient too: one
 * that is not makes SES refuse the whole mail. The role's policies are asked, with ses:FromAddress and ses:Recipients,
 * about the identity of each sender, in the sandbox also of each recipient, and about the configuration set. GET passes
 * to the inbox, which shows only the first recipient of each kind of a SendEmail. Not emulated: quotas as limits,
 * bounces, templates, tags, sending by API version 2. Every other request is refused by name, in the form of the API
 * version that it uses.
 */

import { type Judgement, type Refusal, startFront } from "./front.ts";
import { formMail, type Mail, type MailRequest, rawMail } from "./mail-request.ts";
import type { Front, FrontRequest } from "./server.ts";
import type { SesAccount } from "./ses-account.ts";
import { escapeXml, IDENTITY_OPERATIONS, xmlAnswer } from "./ses-identities.ts";
import { isV2, readV2, type V2Answer, v2Error } from "./ses-v2.ts";

/** The inbox behind the front, the account, and who may send. */
export interface SesFrontOptions {
  readonly port: number;
  readonly backendPort: Promise<number>;
  /** `arn:aws:ses:REGION:ACCOUNT:` */
  readonly arnPrefix: string;
  readonly account: SesAccount;
  /** The cloud's clock, in epoch milliseconds, by which the inbox dates mails. @default this machine's */
  readonly now?: () => number;
  readonly refuse: (
    accessKeyId: string,
    action: string,
    resource: string,
    context?: Readonly<Record<string, string>>,
  ) => string | undefined;
  /** The error with which an allowed mail fails now; undefined: it does not. */
  readonly trouble?: (accessKeyId: string) => { readonly code: string; readonly text: string } | undefined;
  readonly onDenied: (text: string) => void;
  /** Takes each mail that the inbox has accepted. */
  readonly onAccepted: (mail: Mail) => void;
  readonly onError: (error: unknown) => void;
}

const READERS: Readonly<Record<string, (form: URLSearchParams) => MailRequest | Promise<MailRequest>>> = {
  SendEmail: formMail,
  SendRawEmail: rawMail,
};

/** The SES API, both versions, in front of the inbox. */
export const startSesFront = (options: SesFrontOptions): Promise<Front> =>
  startFront({
    what: "SES",
    port: options.port,
    portFlag: "--ses-port",
    backendPort: options.backendPort,
    ...(options.now === undefined ? {} : { now: options.now }),
    judge: (request) => judge(request, options),
    onError: options.onError,
  });

async function judge(request: FrontRequest, options: SesFrontOptions): Promise<Judgement> {
  const { accessKeyId, method, path } = request;
  if (isV2(path)) return judgeV2(request, options);
  // The inbox: its page, its mails, and the button that clears it.
  if (method === "GET" || path === "/clear-store") return { pass: true };
  const refused = refuserOf(options);
  if (path !== "/") return refused("InvalidAction", `${method} ${path} is not emulated`);
  const form = new URLSearchParams(request.body.toString("utf8"));
  const action = form.get("Action") ?? "";
  const read = own(READERS, action);
  const operation = own(IDENTITY_OPERATIONS, action);
  if (read === undefined && operation === undefined)
    return refused("InvalidAction", `the action "${action}" is not emulated; these are: ${EMULATED}`);
  if (accessKeyId === undefined)
    return refused("MissingAuthenticationToken", "the request is not signed", 403);
  if (read !== undefined) return judgeMail(await read(form), { accessKeyId, action, form }, options);
  const text = options.refuse(accessKeyId, `ses:${action}`, "*");
  if (text !== undefined) return refused("AccessDenied", text, 403);
  const body = xmlAnswer(action, operation?.(options.account, form) ?? "");
  return { pass: false, refusal: { status: 200, contentType: "text/xml", body } };
}

const EMULATED = [...Object.keys(READERS), ...Object.keys(IDENTITY_OPERATIONS)].join(", ");

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** Refuses in the form of version 1, and logs it. */
const refuserOf =
  ({ onDenied }: SesFrontOptions) =>
  (code: string, text: string, status = 400): Judgement => {
    onDenied(`${code}: ${text}`);
    return { pass: false, refusal: refusal(code, text, status) };
  };

interface Sending {
  readonly accessKeyId: string;
  /** SendEmail or SendRawEmail. */
  readonly action: string;
  readonly form: URLSearchParams;
}

function judgeMail(asked: MailRequest, sending: Sending, options: SesFrontOptions): Judgement {
  const refused = refuserOf(options);
  if (!asked.valid) return refused("InvalidParameterValue", asked.why);
  const { mail, senders } = asked;
  const { account } = options;
  const text = denial(senders, mail, sending, options);
  if (text !== undefined) return refused("AccessDenied", text, 403);
  const unverified = account.unverified(senders, mail.to);
  if (unverified.length > 0)
    return refused(
      "MessageRejected",
      `Email address is not verified. The following identities failed the check in region ${account.region.toUpperCase()}: ${unverified.join(", ")}`,
    );
  const trouble = options.trouble?.(sending.accessKeyId);
  if (trouble !== undefined) return refused(trouble.code, trouble.text);
  const onPassed = (status: number): void => {
    if (status !== 200) return;
    account.sent += mail.to.length;
    options.onAccepted(mail);
  };
  return { pass: true, onPassed };
}

/**
 * Why the policies refuse a mail; undefined: they allow it. They are asked once for each recipient, because every
 * recipient must be allowed. For an address that is not verified, the resource is the address itself.
 */
function denial(
  senders: readonly string[],
  mail: Mail,
  { accessKeyId, action, form }: Sending,
  { refuse, arnPrefix, account }: SesFrontOptions,
): string | undefined {
  const identityArn = (address: string): string =>
    `${arnPrefix}identity/${account.identityOf(address)?.name ?? address}`;
  for (const sender of senders) {
    const set =
      form.get("ConfigurationSetName") ??
      mail.headers["x-ses-configuration-set"] ??
      account.identityOf(sender)?.configurationSet;
    for (const recipient of mail.to) {
      const context = { "ses:FromAddress": sender, "ses:Recipients": recipient };
      const resources = [
        identityArn(sender),
        ...(account.sandbox ? [identityArn(recipient)] : []),
        ...(set === undefined ? [] : [`${arnPrefix}configuration-set/${set}`]),
      ];
      for (const resource of resources) {
        const text = refuse(accessKeyId, `ses:${action}`, resource, context);
        if (text !== undefined) return text;
      }
    }
  }
  return undefined;
}

/** Error format: "Handling Amazon SES API errors", developer guide. */
function refusal(code: string, text: string, status: number): Refusal {
  const body = `<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(text)}</Message></Error><RequestId>local</RequestId></ErrorResponse>`;
  return { status, contentType: "text/xml", body };
}

function judgeV2(
  { method, path, body, accessKeyId }: FrontRequest,
  { account, arnPrefix, refuse, onDenied }: SesFrontOptions,
): Judgement {
  const answered = ({ status, body: content, error }: V2Answer): Judgement => {
    if (error !== undefined) onDenied(`${error}: ${(content as { readonly message: string }).message}`);
    const headers = error === undefined ? {} : { "x-amzn-errortype": error };
    return {
      pass: false,
      refusal: { status, contentType: "application/json", headers, body: JSON.stringify(content) },
    };
  };
  const asked = readV2(method, path, body);
  if (!("run" in asked)) return answered(asked);
  if (accessKeyId === undefined)
    return answered(v2Error(403, "MissingAuthenticationTokenException", "the request is not signed"));
  const resource = asked.identity === undefined ? "*" : `${arnPrefix}identity/${asked.identity}`;
  const text = refuse(accessKeyId, `ses:${asked.name}`, resource);
  return answered(text === undefined ? asked.run(account) : v2Error(403, "AccessDeniedException", text));
}
