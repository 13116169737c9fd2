/** SES refuses mails to one recipient. */
import type { Facts } from "../../../../../lib/contract/incidents.ts";
import { beforeThisMail, type MailTemplate, NOTHING_TO_DO } from "../mail-template.ts";
import { quoted } from "../words.ts";

type MailRefused = Extract<Facts, { kind: "mail-refused" }>;

/** Of an address (RFC 5321), and of SES's words as they are kept. */
const ADDRESS_LENGTH_MAX = 254;
const WHY_LENGTH_MAX = 400;

/** The mail, to all others, about an address that SES refuses. */
export const mailRefused: MailTemplate<MailRefused> = {
  headline: ({ address }) => `a mail to ${quoted(address)} was refused`,
  overHeadline: ({ address }) => `mails to ${quoted(address)} are sent again`,
  nodes: () => [],
  happened: ({ address, why }) => [
    `Amazon SES refused a mail to ${quoted(address)}. Its words were:`,
    quoted(why, WHY_LENGTH_MAX),
  ],
  since: (_, setting) => [`First at ${beforeThisMail(setting.sinceMs, setting)}.`],
  stillWorks: () => [
    "Whoever else a mail is for gets it.",
    "The nodes, the failover between them and the log need no mail.",
  ],
  toDo: ({ address }) => [
    `If the address is not verified, the account is in the SES sandbox. Verify it: aws ses verify-email-identity --email-address ${quoted(address, ADDRESS_LENGTH_MAX)}`,
    "Or ask for production access in the SES console: then recipients need no verification.",
    "Send a test to everybody: npm run test-mail",
  ],
  over: ({ address }) => ({
    happened: [`SES has taken a mail to ${quoted(address)} since, or it is no recipient any more.`],
    works: ["Mails to all recipients."],
    toDo: NOTHING_TO_DO,
  }),
};
