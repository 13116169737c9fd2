/**
 * Reads the mail in a request of SES API version 1, and refuses what SES would refuse.
 *
 * Source: Amazon SES API reference, SendEmail and SendRawEmail; "Header fields in Amazon SES"; RFC 5322 §3.6.
 * Not checked: the size of a message, the length of its lines, MIME parts and attachments.
 */
import PostalMime, { type Address, addressParser, type Email } from "postal-mime";

/** A mail as its recipient gets it. */
export interface Mail {
  /** The From header's address. */
  readonly from: string;
  /** The addresses of all recipients: To, Cc and Bcc. */
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A mail to be sent, or why it is not valid. */
export type MailRequest =
  /** `senders`: the envelope's source and every address in From; each must be a verified identity. */
  | { readonly valid: true; readonly mail: Mail; readonly senders: readonly string[] }
  | { readonly valid: false; readonly why: string };

type Form = URLSearchParams;

/** SES: "the total number of recipients … cannot exceed 50". */
const RECIPIENTS_MAX = 50;
/** An address without quoting or comments; SES accepts little more. */
const ADDRESS = /^[^\s@<>,;"()[\]\\:]+@[^\s@<>,;"()[\]\\:]+$/;
/** RFC 5322 §2.2: printable US-ASCII without the colon. */
const HEADER_NAME = /^[!-9;-~]+$/;
/** RFC 5322 §3.6: at most one of each; SES refuses a second one. */
const AT_MOST_ONCE = [
  "from",
  "sender",
  "reply-to",
  "to",
  "cc",
  "bcc",
  "subject",
  "date",
  "message-id",
  "in-reply-to",
  "references",
];
/** The fields of SendEmail that may hold line breaks. */
const BODY_FIELD = /^Message\.Body\./;

/**
 * The mail of SendEmail. SES composes it from fields, so that a line break in a field would add a header: it is
 * refused.
 */
export function formMail(form: Form): MailRequest {
  const broken = [...form].find(([name, value]) => !BODY_FIELD.test(name) && /[\r\n\0]/.test(value));
  if (broken !== undefined) return invalid(`${broken[0]} holds a line break: ${JSON.stringify(broken[1])}`);
  const subject = form.get("Message.Subject.Data") ?? "";
  const [text, html] = ["Text", "Html"].map((kind) => form.get(`Message.Body.${kind}.Data`) ?? "");
  if (subject === "") return invalid("the mail has no subject");
  if (!text && !html) return invalid("the mail has no body, neither Text nor Html");
  const to = ["To", "Cc", "Bcc"].flatMap((kind) => members(form, `Destination.${kind}Addresses`)).map(bare);
  const from = bare(form.get("Source") ?? "");
  return checked({ from, to, subject, text: text ?? "", html: html ?? "", headers: {} }, [from]);
}

/** The mail of SendRawEmail, which is a whole MIME message. */
export async function rawMail(form: Form): Promise<MailRequest> {
  const raw = Buffer.from(form.get("RawMessage.Data") ?? "", "base64");
  if (raw.length === 0) return invalid("RawMessage.Data is empty");
  let parsed: Email;
  try {
    parsed = await PostalMime.parse(raw);
  } catch (error) {
    return invalid(`the message cannot be parsed: ${error instanceof Error ? error.message : String(error)}`);
  }
  const problem = headerProblem(parsed);
  if (problem !== undefined) return invalid(problem);
  const fromHeader = parsed.headers.find(({ key }) => key === "from")?.value ?? "";
  const senders = addressParser(fromHeader).flatMap(addressesIn);
  const [from] = senders;
  if (from === undefined) return invalid("the message has no From header with an address");
  const named = [parsed.to, parsed.cc, parsed.bcc].flatMap((list) => list ?? []).flatMap(addressesIn);
  const destinations = members(form, "Destinations").map(bare);
  const source = form.get("Source");
  return checked(
    {
      from,
      to: destinations.length > 0 ? destinations : named,
      subject: parsed.subject ?? "",
      text: parsed.text ?? "",
      html: parsed.html ?? "",
      headers: Object.fromEntries(parsed.headers.map(({ key, value }) => [key, value])),
    },
    source === null ? senders : [...senders, bare(source)],
  );
}

function headerProblem({ headers }: Email): string | undefined {
  const malformed = headers.find(({ key }) => !HEADER_NAME.test(key));
  if (malformed !== undefined) return `${JSON.stringify(malformed.originalKey)} is not a header`;
  const names = headers.map(({ key }) => key);
  const twice = AT_MOST_ONCE.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  return twice === undefined ? undefined : `Duplicate header '${twice}'`;
}

function checked(mail: Mail, senders: readonly string[]): MailRequest {
  const wrong = [...senders, ...mail.to].find((address) => !ADDRESS.test(address));
  if (wrong !== undefined) return invalid(`${JSON.stringify(wrong)} is not an address`);
  if (mail.to.length === 0) return invalid("the mail has no recipient");
  if (mail.to.length > RECIPIENTS_MAX)
    return invalid(`the mail has ${mail.to.length} recipients; at most ${RECIPIENTS_MAX} are allowed`);
  return { valid: true, mail, senders: [...new Set(senders)] };
}

const invalid = (why: string): MailRequest => ({ valid: false, why });

const members = (form: Form, prefix: string): string[] =>
  [...form].filter(([name]) => name.startsWith(`${prefix}.member.`)).map(([, value]) => value);

/** `Name <a@b>` without the name. */
const bare = (address: string): string => /<([^<>]*)>\s*$/.exec(address)?.[1] ?? address.trim();

/** The addresses of a mailbox or of a group's members. */
const addressesIn = (entry: Address): string[] =>
  entry.group === undefined ? [entry.address] : entry.group.map(({ address }) => address);
