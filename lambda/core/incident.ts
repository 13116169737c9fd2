/**
 * What is remembered of one incident: how it stands, and what each channel of recipients was told of it. One item in the
 * clusters table, changed only by single conditional writes.
 *
 * Not kept: signals without a term that it still fires. The published protocol gives 96 of them a day, and each would cost a
 * write; so a recovery that is delivered late, between two reports of one death, ends the incident and the next report opens
 * it again. A signal with a term is given once.
 */
import {
  type DigestEntry,
  type Facts,
  type IncidentId,
  isBulletin,
  type MailKind,
} from "../../lib/contract/incidents.ts";
import type { WeeklyReport } from "../../lib/contract/weekly.ts";
import type { Order } from "./order.ts";

/** How long a weekly report is kept, for the one after it and for whoever was not told. */
export const WEEKLY_KEPT_S = 22 * 86_400;

/** How long a resolved incident is kept to recognise late signals. A firing one is kept until it is resolved. */
export const RESOLVED_KEPT_S = 365 * 86_400;

const HOUR_MS = 3_600_000;
/** Reopened so soon after its recovery, an incident flaps. Well for so long, it flaps no more. A loose contact may take hours. */
export const FLAP_WINDOW_MS = 4 * HOUR_MS;
/** Firing for so long, it flaps no more either: an outage is told sooner than its end. */
export const STEADY_FIRING_MS = 2 * HOUR_MS;
/** An outage of so long is no flap: what came before it is not counted on. */
export const LONG_OUTAGE_MS = 4 * HOUR_MS;
/** From this reopening in a row on there are no single mails. */
export const FLAPS_MAX = 2;

/** One time that it fires. Times are epoch ms. */
export interface Episode {
  /** From 1. */
  readonly number: number;
  /** The episode that began the mails' thread: a reopening that flaps keeps it. */
  readonly thread: number;
  /** By the reporter's clock: what a person is told. */
  readonly sinceMs: number;
  /** When that was received: what spans are counted from. */
  readonly openedMs: number;
  readonly untilMs?: number;
  readonly closedMs?: number;
  /** It is over because its node or cluster left the configuration. */
  readonly removed?: true;
}

/** What one mail says of an incident: kept with the claim on it, and with what a channel was told. */
export interface Notification {
  /** A digest's own mail counts as FIRING. */
  readonly kind: MailKind;
  readonly about: Episode;
  /** It says that it keeps stopping and coming back, and that the next mail comes when it has been steady. */
  readonly flapping: boolean;
  /** Reminders of this episode with this mail. */
  readonly reminders: number;
  /** RESOLVED of an episode that was over before a FIRING mail was due, or could go out: the one mail about it. */
  readonly only?: true;
  /** Of `acknowledged`: which answer it tells of, epoch ms. */
  readonly acknowledgedMs?: number;
}

/** The right of one attempt to send one mail to one channel. */
export interface Claim extends Notification {
  /** Unique to one attempt of one invocation. */
  readonly id: string;
  readonly untilMs: number;
  /** Claims so far for this mail; from the second on, an earlier one may have sent it. */
  readonly claims: number;
  /** It took the place of another mail's claim that was never confirmed: that mail may or may not have gone out. */
  readonly priorUnconfirmed: boolean;
  /** Whom it is for; absent where that was not kept: the whole channel. */
  readonly to?: readonly string[];
  /** Of its own episode, kept once another has begun: the incident's facts are then those of the new one. */
  readonly facts?: Facts;
}

/** The last mail that a channel was told. */
export interface Told extends Notification {
  /** When it was confirmed, by the sender's clock. */
  readonly atMs: number;
  /** Who got a mail of its episode; absent where that was not kept: all. */
  readonly to?: readonly string[];
}

/** What a channel of recipients knows. */
export interface Channel {
  /** Episodes up to this one are settled: told, or over before the channel was there. */
  readonly through: number;
  /** The last mail that is known to be out. */
  readonly told?: Told;
  /** How often it was told of anything since the incident is known, each mention in a digest included. */
  readonly mails?: number;
  /** When the answer was given that its other recipients were told of, epoch ms. */
  readonly answerToldMs?: number;
  readonly claim?: Claim;
  /** The bin of the digest that tells it what comes next: until that is out, or was put together without it, nothing else does. */
  readonly awaits?: number;
}

/** The newest signal of a lower term and a later time than what is known: it counts if terms have begun anew (pending.ts). */
export interface Pending {
  readonly signal: "fires" | "well";
  readonly order: Order;
  /** When it was received, epoch ms. */
  readonly nowMs: number;
  readonly facts: Facts;
}

interface Common {
  readonly id: IncidentId;
  /** Raised by every write. */
  readonly rev: number;
  /** When the present era of terms began, epoch ms: whatever is from before it is older, whatever its term. */
  readonly eraMs?: number;
  /** What has to be looked at again when an era begins. */
  readonly pending?: Pending;
}

/** A recovery that was heard of before any onset: the onset, when it arrives late, does not fire. */
export interface Tombstone extends Common {
  readonly state: "recovered-before-onset";
  readonly recovered: Order;
  /** Epoch seconds, the table's TTL attribute. */
  readonly expiresAtS: number;
}

/** What the backend itself says in a digest. */
export interface DigestFacts {
  readonly kind: "digest";
  readonly entries: readonly DigestEntry[];
}

/** What the weekly report says. */
export interface WeeklyFacts {
  readonly kind: "weekly";
  readonly report: WeeklyReport;
}

/** What is told of no one incident. */
export type BulletinFacts = DigestFacts | WeeklyFacts;

/** Whether facts are a bulletin's, and of no incident. */
export const isOfBulletin = (facts: Facts | BulletinFacts): facts is BulletinFacts => isBulletin(facts.kind);

interface Opened extends Common {
  /** The latest. */
  readonly episode: Episode;
  readonly since: Order;
  /** When it last changed between firing and resolved, by what was received. */
  readonly changedMs: number;
  /** Reopenings in a row, each within `FLAP_WINDOW_MS` of the recovery before. */
  readonly flaps: number;
  readonly facts: Facts | BulletinFacts;
  /** The newest recovery's own facts. */
  readonly recovery?: Facts;
  /** A person has it in hand: no reminders in this episode. */
  readonly acknowledgedMs?: number;
  /** Who that is, as `namesOf` calls them or as they gave it. Absent: they did not say. */
  readonly acknowledgedBy?: string;
  readonly snoozedUntilMs?: number;
  readonly channels: Readonly<Record<string, Channel>>;
}

/** An incident with an episode under way. */
export interface Firing extends Opened {
  readonly state: "firing";
  /** Of the episode before, if there was one. */
  readonly recovered?: Order;
  /** The newest onset heard of, where it is not `since` and will not be reported again: a recovery from before it is old. */
  readonly renewed?: Order;
  /** Bulletins only: nothing resolves them. */
  readonly expiresAtS?: number;
}

/** An incident whose latest episode is over, kept for what may still be said of it. */
export interface Resolved extends Opened {
  readonly state: "resolved";
  /** The newest recovery heard of: an onset that is not after it is old news. */
  readonly recovered: Order;
  /** The end of the latest episode. */
  readonly until: Order;
  readonly expiresAtS: number;
}

/** An incident as the table has it. `Tombstone`: only a recovery was heard of so far. */
export type Incident = Firing | Resolved | Tombstone;

/** It keeps changing: whoever was told so hears no more of it until it has been steady. */
export const isDamped = (incident: Firing | Resolved, nowMs: number): boolean =>
  incident.flaps >= FLAPS_MAX &&
  nowMs < incident.changedMs + (incident.state === "firing" ? STEADY_FIRING_MS : FLAP_WINDOW_MS);
