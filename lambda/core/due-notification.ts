/**
 * The notification that is due to a channel of recipients, now. Pure, and the one place where reminders, flap damping,
 * digests, quiet hours and crash recovery meet: an invocation that finds one due claims it, sends it, confirms it.
 *
 * What a channel is told of an incident: FIRING, reminders, RESOLVED, and so on in turn. Episodes that came and went while
 * nothing could be told are counted in the next mail.
 */
import type { Facts } from "../../lib/contract/incidents.ts";
import {
  type Channel,
  type Claim,
  channelOf,
  type Firing,
  type Incident,
  isBehind,
  isDamped,
  type Notification,
  type Resolved,
} from "./incident.ts";
import type { ChannelPolicy, Policy } from "./policy.ts";
import { isQuiet } from "./quiet-hours.ts";

/**
 * - `opened`, `reopened`: it fires, for the first time or again, and the channel has not been told.
 * - `recovered`: the episode that the channel was told of is over.
 * - `settled`: it has been steady for an hour after it kept changing.
 * - `reminder-due`: it still fires, and nobody has said that they know.
 * - `claim-lapsed`: an attempt at the mail was cut off, and may have sent it.
 * - `storm-over`: the digest of what opened in a quarter of an hour.
 */
export type SendWhy =
  | "opened"
  | "reopened"
  | "recovered"
  | "settled"
  | "reminder-due"
  | "claim-lapsed"
  | "storm-over";

/**
 * - `already-told`: the channel knows.
 * - `being-told`: another attempt holds a claim on the mail.
 * - `tried-lately`: several attempts at the mail have failed; the next one is made later.
 * - `quiet-hours`, `storm`, `flapping`: put off until the channel's morning, the digest, an hour without change.
 * - `acknowledged`, `snoozed`: a person said so; no reminders.
 * - `nothing-to-resolve`: no incident, or none that this channel was told of.
 */
export type SilentWhy =
  | "already-told"
  | "being-told"
  | "tried-lately"
  | "quiet-hours"
  | "storm"
  | "flapping"
  | "acknowledged"
  | "snoozed"
  | "nothing-to-resolve";

/** A mail that is due to a channel. */
export interface DueNotification extends Notification {
  readonly send: true;
  readonly why: SendWhy;
  /** Claims on this mail so far. */
  readonly claims: number;
  readonly priorUnconfirmed: boolean;
  /** Episodes that came and went since the channel's last mail. */
  readonly missed: number;
  /** Of a mail that was cut off, where another episode has begun since; absent: the incident's. */
  readonly facts?: Facts;
}

/** No mail now, and why not. */
export interface Silent {
  readonly send: false;
  readonly why: SilentWhy;
}

const HOUR_MS = 3_600_000;
const REMINDER_FIRST_MS = 24 * HOUR_MS;
const REMINDER_GAP_MAX_MS = 7 * 24 * HOUR_MS;

/** From a FIRING mail or the reminder before to the next: 24 h, then doubling to a week. Ms. */
export const reminderGapMs = (reminders: number): number =>
  Math.min(REMINDER_FIRST_MS * 2 ** reminders, REMINDER_GAP_MAX_MS);

/** As often as Lambda makes an attempt. */
const TRIES = 3;
/** Less than two wakes, or two sweeps, are apart: the next of them makes the next attempt. */
const REST_FIRST_MS = 10 * 60_000;
const REST_MAX_MS = 4 * HOUR_MS;

/** A mail that nobody takes, an address that is not verified say, is tried ever less often, and never given up. */
const restMs = (claims: number): number =>
  claims < TRIES ? 0 : Math.min(REST_FIRST_MS * 2 ** (claims - TRIES), REST_MAX_MS);

const silent = (why: SilentWhy): Silent => ({ send: false, why });

/** @param nowMs the clock of whoever asks: it is a person's night that matters, not when an event was received */
export function dueNotification(
  incident: Incident,
  channelPolicy: ChannelPolicy,
  policy: Policy,
  nowMs: number,
): DueNotification | Silent {
  if (incident.state === "recovered-before-onset") return silent("nothing-to-resolve");
  const channel = channelOf(incident, channelPolicy.id);
  const { claim } = channel;
  if (claim !== undefined && nowMs < claim.untilMs) return silent("being-told");
  const unfinished = claim !== undefined && stillDue(claim, incident, channel) ? claim : undefined;
  if (unfinished !== undefined && nowMs < unfinished.untilMs + restMs(unfinished.claims))
    return silent("tried-lately");
  const next = unfinished === undefined ? nextMail(incident, channel, policy, nowMs) : again(unfinished);
  if (next.send && channelPolicy.quiet !== undefined && isQuiet(channelPolicy.quiet, nowMs))
    return silent("quiet-hours");
  return next;
}

/**
 * A mail that may be out is finished, whatever has happened since, unless the channel has been told something newer. A
 * reminder only if it still says something.
 */
function stillDue(claim: Claim, incident: Firing | Resolved, { told }: Channel): boolean {
  if (told !== undefined && isBehind(claim, told)) return false;
  return (
    claim.kind !== "reminder" ||
    (incident.state === "firing" &&
      claim.about.number === incident.episode.number &&
      incident.acknowledgedMs === undefined)
  );
}

const again = ({
  kind,
  about,
  flapping,
  reminders,
  claims,
  priorUnconfirmed,
  facts,
}: Claim): DueNotification => ({
  send: true,
  why: "claim-lapsed",
  kind,
  about,
  flapping,
  reminders,
  claims,
  priorUnconfirmed,
  missed: 0,
  ...(facts === undefined ? {} : { facts }),
});

function nextMail(
  incident: Firing | Resolved,
  channel: Channel,
  policy: Policy,
  nowMs: number,
): DueNotification | Silent {
  const { episode } = incident;
  const { told, through, awaits } = channel;
  if (awaits !== undefined && policy.swept) return silent("storm");
  const damped = policy.swept && isDamped(incident, nowMs);
  if (told !== undefined && told.kind !== "resolved") {
    if (told.flapping && !stillAsTold(incident, told)) return onceSettled(incident, channel, policy, nowMs);
    if (told.about.untilMs !== undefined)
      return mail(channel, "recovered", { ...PLAIN, kind: "resolved", about: told.about });
    return reminder(incident, channel, policy, nowMs) ?? silent("already-told");
  }
  if (through >= episode.number) return silent("already-told");
  const why = incident.id.kind === "digest" ? "storm-over" : episode.number === 1 ? "opened" : "reopened";
  return mail(channel, why, { ...PLAIN, kind: "firing", about: episode, flapping: damped });
}

const PLAIN = { flapping: false, reminders: 0 } as const;

const mail = (channel: Channel, why: SendWhy, notification: Notification): DueNotification => ({
  send: true,
  why,
  ...notification,
  claims: 0,
  priorUnconfirmed: channel.claim !== undefined,
  missed: Math.max(0, notification.about.number - channel.through - 1),
});

/** It fires, and in the very episode that the mail was about. */
const stillAsTold = ({ state, episode }: Firing | Resolved, { about }: Notification): boolean =>
  state === "firing" && episode.number === about.number;

/** The channel was told that it keeps stopping and coming back: the next word is how that ended. */
function onceSettled(
  incident: Firing | Resolved,
  channel: Channel,
  policy: Policy,
  nowMs: number,
): DueNotification | Silent {
  const { state, episode } = incident;
  if (!(policy.swept && isDamped(incident, nowMs)))
    return mail(channel, "settled", {
      ...PLAIN,
      kind: state === "firing" ? "firing" : "resolved",
      about: episode,
    });
  // What never comes to rest is not forgotten either.
  return (state === "firing" ? reminder(incident, channel, policy, nowMs) : undefined) ?? silent("flapping");
}

/** Undefined: none is due yet, or ever. */
function reminder(
  incident: Firing | Resolved,
  channel: Channel,
  { remindersMax }: Policy,
  nowMs: number,
): DueNotification | Silent | undefined {
  const told = channel.told!;
  if (incident.id.kind === "digest") return undefined;
  if (incident.acknowledgedMs !== undefined) return silent("acknowledged");
  if (nowMs < (incident.snoozedUntilMs ?? 0)) return silent("snoozed");
  const next = nextReminderMs(told, remindersMax);
  if (next === undefined || nowMs < next) return undefined;
  return mail(channel, "reminder-due", {
    kind: "reminder",
    about: incident.episode,
    flapping: told.flapping,
    reminders: told.reminders + 1,
  });
}

/** When a mail that was told at `atMs` is followed by a reminder; undefined: never. */
export const nextReminderMs = (
  { atMs, reminders }: { readonly atMs: number; readonly reminders: number },
  remindersMax: number,
): number | undefined => (reminders < remindersMax ? atMs + reminderGapMs(reminders) : undefined);
