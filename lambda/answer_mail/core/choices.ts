/** What the page offers. */
import type { Answer } from "../../core/answer.ts";

const DAY_MS = 86_400_000;

/** By what the form's field `answer` says. */
const CHOICES = {
  acknowledge: {
    label: "Acknowledge",
    explained: "somebody has it in hand: no more reminders until it is over",
  },
  "snooze-1d": { label: "Snooze for a day", explained: "no reminders for 24 hours", snoozeMs: DAY_MS },
  "snooze-7d": { label: "Snooze for a week", explained: "no reminders for 7 days", snoozeMs: 7 * DAY_MS },
} as const;

/** A button of the page: the value that its form sends, its label, and the sentence beside it. */
export interface Choice {
  readonly name: string;
  readonly label: string;
  readonly explained: string;
}

/** The buttons, in the order of the page. */
export const choices: readonly Choice[] = Object.entries(CHOICES).map(([name, { label, explained }]) => ({
  name,
  label,
  explained,
}));

/** Undefined: no answer of ours. @param by who gives it; undefined: they do not say */
export function answerOf(name: string | null, nowMs: number, by?: string): Answer | undefined {
  if (name === null || !Object.hasOwn(CHOICES, name)) return undefined;
  const choice = CHOICES[name as keyof typeof CHOICES];
  return "snoozeMs" in choice
    ? { kind: "snooze", untilMs: nowMs + choice.snoozeMs }
    : { kind: "acknowledge", ...(by === undefined ? {} : { by }) };
}

/**
 * Who answers, of those who get mails. Where there is one alone, nobody has to be asked.
 * @param given the form's field `by`; null or empty: they do not say
 * @returns `unknown`: none of ours
 */
export function whoOf(given: string | null, names: readonly string[]): { readonly by?: string } | "unknown" {
  const [first] = names;
  if (given === null || given === "") return names.length === 1 && first !== undefined ? { by: first } : {};
  return names.includes(given) ? { by: given } : "unknown";
}
