/**
 * What a mail is about, once it is due and claimed: everything that its words depend on. Rendering asks nobody and
 * knows no clock, so that the same context gives the same mail, byte for byte.
 */
import type { DigestEntry, Facts, IncidentId, MailKind } from "../../../../lib/contract/incidents.ts";
import type { WeeklyReport } from "../../../../lib/contract/weekly.ts";
import type { Surroundings } from "./surroundings.ts";

/** What all mails have in common. Times are epoch ms. */
export interface Addressed {
  readonly to: readonly string[];
  /** In which the mail names times, an IANA name. Absent: UTC. */
  readonly timeZone?: string;
  /** Key of the recipients' channel: two channels get two mails, with two Message-IDs. */
  readonly channel: string;
  /** When that which made the mail be sent was received: the mail's date, and its *now*. */
  readonly nowMs: number;
  /** Attempts at this mail so far, this one included; from the second on, an earlier one may have sent it. */
  readonly claims: number;
  /** The channel's mail before this one was claimed and never confirmed: it may or may not have gone out. */
  readonly priorUnconfirmed: boolean;
  /** The cluster's mails were put off lately; `settled` incidents came and went in that time. Epoch ms. */
  readonly muted?: {
    readonly cluster: string;
    readonly fromMs: number;
    readonly untilMs: number;
    readonly settled: number;
  };
  /** Since when the channel's quiet hours have held the mail back. */
  readonly heldBackSinceMs?: number;
}

/** A mail about one incident. */
export interface MailContext extends Addressed {
  readonly id: IncidentId;
  readonly kind: MailKind;
  /** The newest that are known: while it fired, or of that which ended it. */
  readonly facts: Facts;
  /** Counts from 1. */
  readonly episode: number;
  /** The episode that began the thread; a reopening within the hour keeps it. */
  readonly thread: number;
  readonly sinceMs: number;
  /** When it was over. On a FIRING mail as well, if that was held back for so long. */
  readonly untilMs?: number;
  /** Reopenings in a row, each within four hours of the recovery before. */
  readonly flaps: number;
  /** Episodes that came and went since the channel's mail before this one. */
  readonly missed: number;
  /** The last single mail until it has been steady for hours. */
  readonly flapping: boolean;
  /** When somebody acknowledged this episode, epoch ms. */
  readonly acknowledgedMs?: number;
  /** Who that was, if they said so. */
  readonly acknowledgedBy?: string;
  /** FIRING to recipients who are told because nobody has answered for so many ms. */
  readonly unansweredMs?: number;
  /** FIRING of a node that came back by itself lately: the mail has waited so many ms. */
  readonly waitedMs?: number;
  /** RESOLVED because its node or cluster left the configuration. */
  readonly removed?: true;
  /** RESOLVED of what was over before a FIRING mail was due, or could go out. */
  readonly only?: true;
  /** Reminders of this episode, this one included. */
  readonly reminders: number;
  /** Absent: none will come. */
  readonly nextReminderMs?: number;
  /** How the cluster stands as the mail is written. Absent: nobody was asked. */
  readonly surroundings?: Surroundings;
}

/** The weekly report to one channel. */
export interface WeeklyContext extends Addressed {
  /** `weekly`, its subject the week. */
  readonly id: IncidentId;
  readonly report: WeeklyReport;
}

/** One mail about the many incidents that started in the same quarter of an hour. */
export interface DigestContext extends Addressed {
  /** `digest`, its subject the bin. */
  readonly id: IncidentId;
  readonly incidents: readonly DigestEntry[];
}
