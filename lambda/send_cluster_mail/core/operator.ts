/** What `npm run test-mail` asks of the deployed function: who is told, and a test mail to one of them. */
import { explainIssues } from "../../../lib/contract/explain.ts";
import { OperatorRequest, type RecipientsReply, type TestMailReply } from "../../../lib/contract/operator.ts";
import { MailProblem } from "../../core/errors.ts";
import type { Config } from "./config.ts";
import { renderTest } from "./mail/test-mail.ts";
import type { Mailer } from "./ports.ts";

/** What answering an operator takes: the configuration, and a mailer. */
export interface OperatorDependencies {
  readonly config: Config;
  readonly mailer: Mailer;
  /** Epoch ms. */
  readonly clock: () => number;
}

/** Answers one request of the operator. */
export type Operator = (input: unknown) => Promise<RecipientsReply | TestMailReply>;

/** No incident and no table. @throws MailProblem EventUnreadable */
export const makeOperator =
  ({ config, mailer, clock }: OperatorDependencies): Operator =>
  async (input) => {
    const parsed = OperatorRequest.safeParse(input, { reportInput: true });
    if (!parsed.success)
      throw new MailProblem(
        "EventUnreadable",
        `the request is outside the contract (${explainIssues(parsed.error.issues, "request")})`,
        "see lib/contract/operator.ts",
      );
    const recipients = [...new Set(config.policy.channels.flatMap(({ to }) => to))];
    if (parsed.data.type === "recipients") return { from: config.mailFrom, to: recipients };
    const { to } = parsed.data;
    // Whoever may invoke the function must not be able to write to anybody.
    if (!recipients.includes(to))
      return { accepted: false, error: "NotARecipient", message: "It is not in the function's MAIL_TO." };
    return sendTest(to, { config, mailer, clock });
  };

async function sendTest(to: string, { config, mailer, clock }: OperatorDependencies): Promise<TestMailReply> {
  try {
    const { messageId, refused } = await mailer.send(renderTest(to, clock(), config), () => false);
    const [refusal] = refused;
    return refusal === undefined
      ? { accepted: true, message_id: messageId ?? "" }
      : { accepted: false, error: "MessageRejected", message: refusal.why };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { accepted: false, error: name, message };
  }
}
