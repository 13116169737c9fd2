/** Counts what the cloud did, from its log: mails, alarms, and the notifications that it did not mail and why. */
import type { CloudLogEntry } from "../../local-cloud/cloud-log.ts";
import type { AlarmChange, SentMail } from "./summary.ts";

/**
 * By time; those of one instant by what they are: functions that run at once end in any order, and the same seed is to give
 * the same list.
 */
export const inOrder = (one: SentMail, other: SentMail): number =>
  compare(one.at, other.at) || compare(textOf(one), textOf(other));

const textOf = ({ kind, incident }: SentMail): string => `${kind} ${incident}`;
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

const POSSIBLE_DUPLICATE = /\bPossible duplicate: /;

/** Counts the cloud's side of a run from its log. */
export class CloudTally {
  readonly mails: SentMail[] = [];
  readonly alarms: AlarmChange[] = [];
  readonly suppressed: Record<string, number> = {};
  /** Seconds of real time from the start of the process to the first mail. */
  firstMailS: number | null = null;
  readonly #uptimeS: () => number;

  /** `uptimeS`: seconds since the process started. */
  constructor(uptimeS: () => number) {
    this.#uptimeS = uptimeS;
  }

  note({ at, code, fields }: CloudLogEntry): void {
    if (code === "mail-accepted") {
      this.firstMailS ??= this.#uptimeS();
      const headers = (fields?.headers ?? {}) as Readonly<Record<string, string>>;
      this.mails.push({
        at: new Date(at).toISOString(),
        to: (fields?.to ?? []) as readonly string[],
        kind: headers["x-ha2m-state"] ?? "unknown",
        incident: headers["x-ha2m-incident"] ?? "unknown",
        thread: headers.references ?? null,
        subject: String(fields?.subject ?? ""),
        ...(POSSIBLE_DUPLICATE.test(String(fields?.text ?? "")) ? { possible_duplicate: true } : {}),
      });
      this.mails.sort(inOrder);
    }
    if (code === "alarm-state")
      this.alarms.push({
        at: new Date(at).toISOString(),
        alarm: String(fields?.alarm),
        state: String(fields?.state),
        reason: String(fields?.reason),
      });
    if (fields?.message === "decision" && fields.send === false) {
      const why = String(fields.why);
      this.suppressed[why] = (this.suppressed[why] ?? 0) + 1;
    }
  }
}
