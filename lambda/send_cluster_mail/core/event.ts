/** The function's input, parsed once: behind this line an event is what the contract says. */
import { explainIssues } from "../../../lib/contract/explain.ts";
import { DeliveredEvent } from "../../../lib/contract/messages.ts";
import { MailProblem } from "./errors.ts";

/**
 * @param input what the events rule passed on
 * @throws MailProblem EventUnreadable: names each field that is wrong and what belongs there, never its value. The event
 *   itself is not lost: Lambda puts it on the failure queue, with the message as it was sent in `original_base64`.
 */
export function parseEvent(input: unknown): DeliveredEvent {
  const parsed = DeliveredEvent.safeParse(input, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw new MailProblem(
    "EventUnreadable",
    `the event is outside the contract (${explainIssues(parsed.error.issues, "event")})`,
    'see "a function failed" in RUNBOOK.md',
  );
}
