/** Reads, out of an event of the decisions' bus, what subscribers are told. */
import * as z from "zod/mini";
import { MailProblem } from "../../core/errors.ts";

/** Of a mail that was sent: what it is about, and its subject, which is the whole line. */
export interface Notice {
  readonly incident: string;
  readonly cluster: string;
  readonly line: string;
}

const text = z.string().check(z.minLength(1));
/** An event of Lambda's success destination; `responsePayload` is what `send_cluster_mail` returned. */
const Mail = z.object({ cluster: text, incident: text, subject: text });
const DecisionEvent = z.object({
  detail: z.object({
    responsePayload: z.object({ mails: z.array(Mail).check(z.minLength(1)) }),
  }),
});

/** One notice for each mail of the invocation, in their order. @throws MailProblem EventUnreadable */
export function parseNotices(event: unknown): readonly Notice[] {
  const parsed = DecisionEvent.safeParse(event);
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.join(".");
    throw new MailProblem(
      "EventUnreadable",
      `the event names no mail at ${path}`,
      "invoke with an event of the decisions' bus, of a mail that was sent",
    );
  }
  return parsed.data.detail.responsePayload.mails.map(({ cluster, incident, subject }) => ({
    cluster,
    incident,
    line: subject,
  }));
}
