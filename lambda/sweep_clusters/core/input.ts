/** The function's input, parsed once. */
import * as z from "zod/mini";
import { MailProblem } from "../../core/errors.ts";

/** The schedule's own time, to the second: `2026-01-31T06:15:00Z`. */
const Input = z.object({ scheduled_time: z.iso.datetime() });

/**
 * @returns when the sweep was due, epoch ms: *now* for all it decides, so that a retry decides alike
 * @throws MailProblem EventUnreadable
 */
export function parseScheduledMs(input: unknown): number {
  const parsed = Input.safeParse(input);
  if (parsed.success) return Date.parse(parsed.data.scheduled_time);
  throw new MailProblem(
    "EventUnreadable",
    "the sweep was not told when it was due",
    'invoke it with {"scheduled_time":"2026-01-31T06:15:00Z"}, as the schedule does',
  );
}
