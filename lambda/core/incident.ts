/**
 * What is remembered of one incident: how it stands, and what each channel of recipients was told of it. One item in the
 * clusters table, changed only by single conditional writes.
 *
 * Not kept: signals without a term that it still fires. The published protocol gives 96 of them a day, and each would cost a
 * write; so a recovery that is delivered late, between two reports of one death, ends the incident and the next report opens
 * it again. A signal with a term is given once.
 */
import type { DigestEntry, Facts, IncidentId, MailKind } from "../../lib/contract/incidents.ts";
import type { Order } from "./order.ts";

/** How long a resolved incident is kept to recognise late signals. A firing one is kept until it is resolved. */
export const RESOLVED_KEPT_S = 365 * 86_400;

/** Reopened so soon after its recovery, an incident flaps. Steady for so long, it flaps no more. */
export const FLAP_WINDOW_MS = 3_600_000;
/** An outage of so long is no flap: what came before it is not counted on. */
export const LONG_OUTAGE_MS = 4 * FLAP_WINDOW_MS;
/** From this reopening in a row on there are no single mails. */
export const FLAPS_MAX = 3;

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
  /** Of its own episode, kept once another has begun: the incident's facts are then those of the new one. */
  readonly facts?: Facts;
}

/** What a channel of recipients knows. */
export interface Channel {
  /** Episodes up to this one are settled: told, or over before the channel was there. */
  readonly through: number;
  /** The last mail that is known to be out, and when by the sender's clock. */
  readonly told?: Notification & { readonly atMs: number };
  readonly claim?: Claim;
  /** The bin of the digest that tells it what comes next: until that is out, or was put together without it, nothing else does. */
  readonly awaits?: number;
}

interface Common {
  readonly id: IncidentId;
  /** Raised by every write. */
  readonly rev: number;
  /** When the present era of terms began, epoch ms: whatever is from before it is older, whatever its term. */
  readonly eraMs?: number;
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

interface Opened extends Common {
  /** The latest. */
  readonly episode: Episode;
  readonly since: Order;
  /** When it last changed between firing and resolved, by what was received. */
  readonly changedMs: number;
  /** Reopenings in a row, each within `FLAP_WINDOW_MS` of the recovery before. */
  readonly flaps: number;
  readonly facts: Facts | DigestFacts;
  /** The newest recovery's own facts. */
  readonly recovery?: Facts;
  /** A person has it in hand: no reminders in this episode. */
  readonly acknowledgedMs?: number;
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
  /** Digests only: nothing resolves them. */
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

const STAGES = ["firing", "reminder", "resolved"] as const satisfies readonly MailKind[];

/** Whether a mail is older news than another of the same incident: of an episode before, or of an earlier stage of this one. */
export function isBehind(mail: Notification, than: Notification): boolean {
  const episodes = mail.about.number - than.about.number;
  const stages = STAGES.indexOf(mail.kind) - STAGES.indexOf(than.kind);
  return (episodes || stages || mail.reminders - than.reminders) < 0;
}

/** The channel once it was told: what it knows only goes forward, in whatever order two mails are confirmed. */
export function toldOf(
  { through, told, awaits }: Channel,
  { kind, about, flapping, reminders }: Notification,
  atMs: number,
): Channel {
  const news = { kind, about, flapping, reminders };
  return {
    through: Math.max(through, about.number),
    told: told !== undefined && isBehind(news, told) ? told : { ...news, atMs },
    ...(awaits === undefined ? {} : { awaits }),
  };
}

/** The channel once its claimed mail is out. */
export const confirmed = (channel: Channel, atMs: number): Channel =>
  channel.claim === undefined ? channel : toldOf(channel, channel.claim, atMs);

/**
 * What the incident knows of a channel. One that came into the configuration later hears of what fires now, and of what a
 * digest is still to tell the others.
 */
export function channelOf({ state, episode, channels }: Firing | Resolved, channelId: string): Channel {
  const known = channels[channelId];
  if (known !== undefined) return known;
  const awaits = Object.values(channels).find((one) => one.awaits !== undefined)?.awaits;
  return {
    through: state === "firing" ? episode.number - 1 : episode.number,
    ...(state === "resolved" || awaits === undefined ? {} : { awaits }),
  };
}

/**
 * Whether a digest may tell of it: no channel has a mail under way, or is owed one about an episode before. Such a mail would
 * come after the digest, as the last word.
 */
export const isListable = (incident: Firing | Resolved, channelIds: readonly string[]): boolean =>
  channelIds.every((id) => {
    const { claim, told } = channelOf(incident, id);
    const isEven = told === undefined || told.kind === "resolved";
    const endsIt = incident.state === "resolved" && told?.about.number === incident.episode.number;
    return claim === undefined && (isEven || endsIt);
  });

/** It keeps changing: whoever was told so hears no more of it until it has been steady. */
export const isDamped = (incident: Firing | Resolved, nowMs: number): boolean =>
  incident.flaps >= FLAPS_MAX && nowMs < incident.changedMs + FLAP_WINDOW_MS;
