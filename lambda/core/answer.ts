/** What a person can answer to a mail, and where an incident keeps it. */

/** `snooze`: no reminders until `untilMs`, epoch ms. `acknowledge`: none in this episode; `by` is who handles it. */
export type Answer =
  | { readonly kind: "acknowledge"; readonly by?: string }
  | { readonly kind: "snooze"; readonly untilMs: number };

/**
 * An incident's attributes; the last answer counts, so that there is one of the two at most. Numbers, epoch ms; and who it
 * was, empty where they did not say.
 */
export const ANSWER_ATTRIBUTE = {
  acknowledged: "acknowledged_ms",
  acknowledgedBy: "acknowledged_by",
  snoozedUntil: "snoozed_until_ms",
} as const;
