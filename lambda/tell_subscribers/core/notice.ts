/** Reads, out of an event of the decisions' bus, what subscribers are told. */
import * as z from "zod/mini";
import { MailProblem } from "../../core/errors.ts";

/** Of a mail that was sent: where it is about, and its subject, which is the whole line. */
export interface Notice {
  readonly incident: string;
  readonly cluster: string;
  readonly line: string;
}

const text = z.string().check(z.minLength(1));
/** An event of Lambda's success destination; `responsePayload` is what `send_cluster_mail` returned. */
const DecisionEvent = z.object({
  detail: z.object({ responsePayload: z.object({ cluster: text, incident: text, subject: text }) }),
});

/** @throws MailProblem EventUnreadable */
export function parseNotice(event: unknown): Notice {
  const parsed = DecisionEvent.safeParse(event);
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.join(".");
    throw new MailProblem(
      "EventUnreadable",
      `the event has no text at ${path}`,
      "invoke with an event of the decisions' bus, of a mail that was sent",
    );
  }
  const { cluster, incident, subject } = parsed.data.detail.responsePayload;
  return { cluster, incident, line: subject };
}
