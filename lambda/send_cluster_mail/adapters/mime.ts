/** A mail as the bytes that travel: multipart/alternative, text first (RFC 2046 §5.1.4), then HTML with its pictures. */
import MailComposer from "nodemailer/lib/mail-composer";
import type { Mail } from "../core/mail/mail.ts";

/**
 * What stands nowhere in the mail: a long line is broken where it must be, and a part of it that looks like the boundary
 * would then be one (RFC 2046 §5.1).
 */
function boundaryOf({ text, html }: Mail): string {
  let boundary = "ha2m";
  while (text.includes(boundaryMark(boundary)) || html.includes(boundaryMark(boundary))) boundary += "-";
  return boundary;
}

/** A part beside the HTML that shows it (multipart/related, RFC 2387), and no file to be saved. */
const inline = ({ contentId, png }: Mail["pictures"][number]) => ({
  cid: contentId,
  content: Buffer.from(png),
  contentType: "image/png",
  contentDisposition: "inline" as const,
  filename: false as const,
});

/** Lines of a mail end with CRLF, its body's as well (RFC 5322 §2.3). nodemailer leaves a body's line ends as they are. */
const withCrlf = (text: string): string => text.replace(/\r?\n/g, "\r\n");

/** As nodemailer writes it. */
const boundaryMark = (base: string): string => `_NmP-${base}-Part`;

/**
 * No randomness and no clock of its own: date, Message-ID and boundary come from the mail.
 * `Auto-Submitted` (RFC 3834) keeps out-of-office answers away.
 */
export const toMime = (mail: Mail): Promise<Buffer> =>
  new MailComposer({
    from: { name: mail.fromName, address: mail.from },
    to: [...mail.to],
    subject: mail.subject,
    date: new Date(mail.dateMs),
    messageId: mail.messageId,
    inReplyTo: mail.threadRoot,
    references: mail.threadRoot,
    headers: {
      "Auto-Submitted": "auto-generated",
      "List-Id": `ha2m <${mail.listId}>`,
      "List-Unsubscribe": `<${mail.unsubscribeUrl}>`,
      "X-Ha2m-Cluster": mail.labels.cluster,
      "X-Ha2m-Incident": mail.labels.incident,
      "X-Ha2m-State": mail.labels.state,
    },
    text: withCrlf(mail.text),
    html: withCrlf(mail.html),
    attachments: mail.pictures.map(inline),
    baseBoundary: boundaryOf(mail),
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
