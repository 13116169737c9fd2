/**
 * `tell_subscribers`: one plain line by SNS for each mail that was sent. Invoked asynchronously by the rule of the
 * decisions' bus, when the mail is out.
 *
 * A function, because the rule alone could not: whatever EventBridge hands to a target is JSON, and a text keeps its
 * quotation marks all the way to somebody's telephone ("Amazon EventBridge input transformation"). The only file here
 * that reads the environment.
 */
import { SNSClient } from "@aws-sdk/client-sns";
import { clientLimits } from "../adapters/client-limits.ts";
import { jsonLog } from "../adapters/json-log.ts";
import { required } from "../core/environment.ts";
import { openSubscribers, SNS_LIMITS, type Subscribers } from "./adapters/sns-topic.ts";
import { parseNotices } from "./core/notice.ts";

/** One JSON line a notice. */
interface LogEntry {
  readonly level: "info";
  readonly message: "told";
  readonly cluster: string;
  readonly incident: string;
  readonly request_id: string;
}

/** What the handler reaches beyond its event; tests give others. */
export interface Dependencies {
  readonly subscribers: Subscribers;
  readonly log: (entry: LogEntry) => void;
}

/** The function: a decision from the event bus in, one text for each of its mails out. */
export type Handler = (event: unknown, invocation: { readonly awsRequestId: string }) => Promise<void>;

/** @throws MailProblem EventUnreadable, and whatever SNS throws: Lambda repeats it, and keeps what failed for good */
export const makeHandler =
  ({ subscribers, log }: Dependencies): Handler =>
  async (event, { awsRequestId }) => {
    // One after the other: a line that comes twice, because a later one failed, does no harm; one out of turn misleads.
    for (const { cluster, incident, line } of parseNotices(event)) {
      await subscribers.tell(line);
      log({ level: "info", message: "told", cluster, incident, request_id: awsRequestId });
    }
  };

let ready: Handler | undefined;

/** The deployed function. @throws MailProblem ConfigInvalid at its first invocation */
export const handler: Handler = (event, invocation) => {
  ready ??= makeHandler({
    subscribers: openSubscribers(
      required(process.env, "NOTICES_TOPIC_ARN"),
      new SNSClient(clientLimits(SNS_LIMITS)),
    ),
    log: jsonLog((line) => void process.stdout.write(line)),
  });
  return ready(event, invocation);
};
