/**
 * A person's requests to `send_cluster_mail`, by synchronous invocation: for the recipients, and for a test mail. No
 * incident is changed.
 */
import * as z from "zod/mini";

/** RFC 5321 §4.5.3.1: a path has 256 octets at most, brackets included. */
const address = z.string().check(z.minLength(3), z.maxLength(254));

/**
 * The requests of `npm run test-mail`: the list of recipients, or a test mail to one of them.
 */
export const OperatorRequest = z.discriminatedUnion("type", [
  z.strictObject({ source: z.literal("operator"), type: z.literal("recipients") }),
  z.strictObject({ source: z.literal("operator"), type: z.literal("test-mail"), to: address }),
]);
/** A parsed request of the operator. */
export type OperatorRequest = z.infer<typeof OperatorRequest>;

/** The reply to `recipients`: the sender, and each recipient once, in the order of the configuration. */
export const RecipientsReply = z.object({ from: z.string(), to: z.array(z.string()) });
/** A parsed reply to `recipients`. */
export type RecipientsReply = z.infer<typeof RecipientsReply>;

/** The reply to `test-mail`: the message id of the mail that SES accepted, or why it did not. */
export const TestMailReply = z.discriminatedUnion("accepted", [
  z.object({ accepted: z.literal(true), message_id: z.string() }),
  /** `error`: SES's name for it, or `NotARecipient`. */
  z.object({ accepted: z.literal(false), error: z.string(), message: z.string() }),
]);
/** A parsed reply to `test-mail`. */
export type TestMailReply = z.infer<typeof TestMailReply>;

/** Whether an event is a request of the operator, well-formed or not. */
export const isOperatorRequest = (event: unknown): boolean =>
  typeof event === "object" && event !== null && "source" in event && event.source === "operator";
