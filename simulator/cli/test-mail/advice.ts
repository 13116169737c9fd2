/** What came of a test mail to one recipient, and the command that mends it. */
import type { TestMailReply } from "../../../lib/contract/operator.ts";
import type { Target } from "../doctor/target.ts";
import { shellWord } from "../shared/arguments.ts";
import { DEPLOY } from "../shared/stack-outputs.ts";

/** What became of the test mail to one recipient, and what to do about it. */
export type Tried =
  | { readonly to: string; readonly accepted: true; readonly message_id: string; readonly mend?: undefined }
  | {
      readonly to: string;
      readonly accepted: false;
      readonly error: string;
      /** Why, in a sentence without a full stop. */
      readonly text: string;
      readonly mend: string | undefined;
    };

/** @param from the sender's address */
export function adviceOn(to: string, reply: TestMailReply, target: Target, from: string): Tried {
  if (reply.accepted) return { to, accepted: true, message_id: reply.message_id };
  const { error, message } = reply;
  return { to, accepted: false, error, ...explained(to, error, message, target, from) };
}

function explained(to: string, error: string, message: string, target: Target, from: string) {
  const says = message.replace(/\s+/g, " ").replace(/\.$/, "");
  const verify = (address: string) =>
    target.aws(`ses verify-email-identity --email-address ${shellWord(address)}`);
  if (error === "MessageRejected" && /not verified/.test(message)) {
    const named = message.slice(message.lastIndexOf(":") + 1).toLowerCase();
    if (to !== from && !named.includes(to.toLowerCase()))
      return {
        text: `refused: the sender ${from} is not verified`,
        mend: `npm run doctor -- --target ${target.kind}`,
      };
    return {
      text: "refused: not verified, and SES is in its sandbox. Request it, and open the link in the mail that SES sends",
      mend: verify(to),
    };
  }
  if (/^AccessDenied/.test(error))
    return { text: `not sent: the function's role may not: ${says}`, mend: DEPLOY };
  if (error === "NotARecipient")
    return { text: "not sent: the function does not know this recipient", mend: DEPLOY };
  if (/^Throttling/.test(error)) return { text: `not sent: ${says}. Try again later`, mend: undefined };
  return { text: `refused, ${error}: ${says}`, mend: target.aws("sesv2 get-account") };
}
