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
  night: () => "Yes. You got this mail, so somebody is still told of everything else.",
  happened: ({ address, why }) => [
    `Amazon SES refused a mail to ${quoted(address)}. It says:`,
    quoted(why, WHY_LENGTH_MAX),
  ],
  since: (_, setting) => [`First at ${beforeThisMail(setting.sinceMs, setting)}.`],
  stillWorks: () => [
    "The other recipients of each mail get it.",
    "The nodes, their failover and the log do not depend on mail.",
  ],
  toDo: ({ address }) => [
    "Run npm run test-mail: it prints why SES refuses the address, and the command that fixes it.",
    `If the address is not verified, verify it: aws ses verify-email-identity --email-address ${quoted(address, ADDRESS_LENGTH_MAX)}`,
  ],
  over: ({ address }) => ({
    happened: [`SES has accepted a mail to ${quoted(address)} since, or it is no longer a recipient.`],
    works: ["Mails to all recipients."],
    toDo: NOTHING_TO_DO,
  }),
};
