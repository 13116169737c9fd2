/** What `npm run doctor` says of one thing. */

/** What is looked at, in the order in which it is told. */
export const CHECKS = [
  "credentials",
  "region",
  "bootstrap",
  "stack",
  "outputs",
  "mail",
  "sender",
  "recipient",
  "certificate",
  "alarms",
  "rule",
  "queue",
  "readings",
] as const;
/** Name of a check, as it is printed. */
export type Check = (typeof CHECKS)[number];

/**
 * `good`; `warning`: it works, and will not for ever, or is not as it is meant here; `wrong`; `unchecked`: it cannot be
 * looked at, or there is nothing to look at yet.
 */
export type State = "good" | "warning" | "wrong" | "unchecked";

/** What one check came to; `mend` is what to do about it. */
export interface Finding {
  readonly check: Check;
  readonly state: State;
  /** One sentence, without a full stop. */
  readonly text: string;
  /** A command that mends it, or shows how; to be typed as it stands. */
  readonly mend?: string;
}

/** A finding that needs nothing done. */
export const good = (check: Check, text: string): Finding => ({ check, state: "good", text });
/** A finding that could not be made, and why. */
export const unchecked = (check: Check, text: string): Finding => ({ check, state: "unchecked", text });
/** A finding that keeps mails or readings from arriving. */
export const wrong = (check: Check, text: string, mend?: string): Finding => ({
  check,
  state: "wrong",
  text,
  ...(mend === undefined ? {} : { mend }),
});
/** A finding that will, or may, be wrong later. */
export const warning = (check: Check, text: string, mend: string): Finding => ({
  check,
  state: "warning",
  text,
  mend,
});
