/**
 * What a person asks `send_cluster_mail` for, by a synchronous invocation: who is told, and a mail to try whether it
 * arrives. No incident is touched.
 */
import * as z from "zod/mini";

/** RFC 5321 §4.5.3.1: a path has 256 octets at most, brackets included. */
const address = z.string().check(z.minLength(3), z.maxLength(254));

/**
 * What `npm run test-mail` asks of `send_cluster_mail`, invoked by a person: who gets mails, or one mail to one of
 * them.
 */
export const OperatorRequest = z.discriminatedUnion("type", [
  z.strictObject({ source: z.literal("operator"), type: z.literal("recipients") }),
  z.strictObject({ source: z.literal("operator"), type: z.literal("test-mail"), to: address }),
]);
/** A parsed request of the operator. */
export type OperatorRequest = z.infer<typeof OperatorRequest>;

/** Each address once, in the order of the configuration. */
export const RecipientsReply = z.object({ from: z.string(), to: z.array(z.string()) });
/** Sender and recipients, as configured where the function runs. */
export type RecipientsReply = z.infer<typeof RecipientsReply>;

/** Whether SES took the mail: its message id, or why not. */
export const TestMailReply = z.discriminatedUnion("accepted", [
  z.object({ accepted: z.literal(true), message_id: z.string() }),
  /** `error`: SES's name for it, or `NotARecipient`. */
  z.object({ accepted: z.literal(false), error: z.string(), message: z.string() }),
]);
/** A parsed answer to `test-mail`. */
export type TestMailReply = z.infer<typeof TestMailReply>;

/** Whether an event is for the operator's part of the function, well-formed or not. */
export const isOperatorRequest = (event: unknown): boolean =>
  typeof event === "object" && event !== null && "source" in event && event.source === "operator";
