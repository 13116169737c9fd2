/** The function's input, parsed once: behind this line an event is what the contract says. */
import { DeliveredEvent } from "../../../lib/contract/messages.ts";
import { MailProblem } from "./errors.ts";

/** Enough to find the field; a hostile event must not fill the log. */
const ISSUES_SHOWN_MAX = 5;

/**
 * @param input what the events rule passed on
 * @throws MailProblem EventUnreadable: names each field that is wrong, never its value. The event itself is not lost:
 *   Lambda puts it on the failure queue, with the message as it was sent in `original_base64`.
 */
export function parseEvent(input: unknown): DeliveredEvent {
  const parsed = DeliveredEvent.safeParse(input);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues
    .slice(0, ISSUES_SHOWN_MAX)
    .map(({ path, message }) => `${path.join(".") || "event"}: ${message}`);
  throw new MailProblem(
    "EventUnreadable",
    `event is not a DeliveredEvent (${wrong.join("; ")})`,
    'see "a function failed" in RUNBOOK.md',
  );
}
