/**
 * The notification that is due to a channel of recipients, now. Pure, and the one place where reminders, flap damping,
 * digests, quiet hours and crash recovery meet: an invocation that finds one due claims it, sends it, confirms it.
 *
 * What a channel is told of an incident: FIRING, reminders, RESOLVED, and so on in turn. Episodes that came and went while
 * nothing could be told are counted in the next mail.
 */
import { type Facts, isBulletin } from "../../lib/contract/incidents.ts";
import { channelOf, isBehind } from "./channels.ts";
import { escalatesAtMs, TRIES } from "./escalation.ts";
import {
  type Channel,
  type Claim,
  type Firing,
  type Incident,
  isDamped,
  type Notification,
  type Resolved,
  type Told,
} from "./incident.ts";
import type { Hold } from "./neighbourhood.ts";
import { waitsUntilMs } from "./patience.ts";
import type { ChannelPolicy, Policy } from "./policy.ts";
import { isQuiet } from "./quiet-hours.ts";
import { namesOf } from "./recipients.ts";
import { nextReminderMs, remindersMaxOf } from "./reminders.ts";

/**
 * - `opened`, `reopened`: it fires, for the first time or again, and the channel has not been told.
 * - `recovered`: the episode that the channel was told of is over.
 * - `settled`: it has been steady for long enough after it kept changing.
 * - `reminder-due`: it still fires, and nobody has said that they know.
 * - `in-hand`: one of the recipients has said that they handle it; the others have not heard of that.
 * - `joined`: it fires, and these recipients came into the channel after it was told.
 * - `escalated`: it still fires, unanswered, and the channel is one of those that are told then.
 * - `claim-lapsed`: an attempt at the mail was cut off, and may have sent it.
 * - `storm-over`: the digest of what opened in a quarter of an hour.
 * - `week-over`: the weekly report.
 */
export type SendWhy =
  | "opened"
  | "reopened"
  | "recovered"
  | "settled"
  | "reminder-due"
  | "in-hand"
  | "joined"
  | "escalated"
  | "claim-lapsed"
  | "storm-over"
  | "week-over";

/**
 * - `split-brain`, `in-doubt`, `muted`: put off, `Hold` says why.
 * - `already-told`: the channel knows.
 * - `being-told`: another attempt holds a claim on the mail.
 * - `tried-lately`: several attempts at the mail have failed; the next one is made later.
 * - `quiet-hours`, `storm`, `flapping`: put off until the channel's morning, the digest, hours without change.
 * - `acknowledged`, `snoozed`: a person said so; no reminders, no escalation.
 * - `may-pass`: the node came back by itself lately, and may do so again.
 * - `escalates-later`: the channel is told only if nobody answers for some hours.
 * - `nothing-to-resolve`: no incident, or none that this channel was told of.
 */
export type SilentWhy =
  | "already-told"
  | "being-told"
  | "tried-lately"
  | "quiet-hours"
  | "storm"
  | "flapping"
  | Hold
  | "acknowledged"
  | "snoozed"
  | "escalates-later"
  | "may-pass"
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
  /** Of the channel: all, or who joined it since, or who was told that it fires. */
  readonly to: readonly string[];
  /** Of a mail that was cut off, where another episode has begun since; absent: the incident's. */
  readonly facts?: Facts;
}

/** No mail now, and why not. */
export interface Silent {
  readonly send: false;
  readonly why: SilentWhy;
}

/** Less than two wakes, or two sweeps, are apart: the next of them makes the next attempt. */
const REST_FIRST_MS = 10 * 60_000;
const REST_MAX_MS = 4 * 3_600_000;

/** A mail that nobody takes, an address that is not verified say, is tried ever less often, and never given up. */
const restMs = (claims: number): number =>
  claims < TRIES ? 0 : Math.min(REST_FIRST_MS * 2 ** (claims - TRIES), REST_MAX_MS);

const silent = (why: SilentWhy): Silent => ({ send: false, why });

/**
 * @param nowMs the clock of whoever asks: it is a person's night that matters, not when an event was received
 * @param hold what puts the incident's mails off, whoever they are for
 */
export function dueNotification(
  incident: Incident,
  channelPolicy: ChannelPolicy,
  policy: Policy,
  nowMs: number,
  hold?: Hold,
): DueNotification | Silent {
  if (incident.state === "recovered-before-onset") return silent("nothing-to-resolve");
  if (channelPolicy.afterMs !== undefined && isBulletin(incident.id.kind)) return silent("already-told");
  const channel = channelOf(incident, channelPolicy, policy.channels);
  const { claim } = channel;
  if (claim !== undefined && nowMs < claim.untilMs) return silent("being-told");
  const isDue = claim !== undefined && stillDue(claim, incident, channel, channelPolicy);
  const unfinished = isDue ? claim : undefined;
  if (unfinished !== undefined && nowMs < unfinished.untilMs + restMs(unfinished.claims))
    return silent("tried-lately");
  const next =
    unfinished === undefined
      ? nextMail(incident, reachedBy(incident, channel, channelPolicy, policy, nowMs), policy, nowMs)
      : again(unfinished, channel, channelPolicy);
  if (next.send && hold !== undefined && policy.swept) return silent(hold);
  if (next.send && channelPolicy.quiet !== undefined && isQuiet(channelPolicy.quiet, nowMs))
    return silent("quiet-hours");
  return next;
}

/**
 * A mail that may be out is finished, whatever has happened since, unless the channel has been told something newer. A
 * reminder only if it still says something.
 */
function stillDue(
  claim: Claim,
  incident: Firing | Resolved,
  { told }: Channel,
  { to }: ChannelPolicy,
): boolean {
  const isForNobody = claim.to?.every((address) => !to.includes(address)) ?? false;
  if (isForNobody || (told !== undefined && isBehind(claim, told) && !isForJoined(claim, told))) return false;
  const stillFires = incident.state === "firing" && claim.about.number === incident.episode.number;
  if (claim.kind === "acknowledged") return stillFires && claim.acknowledgedMs === incident.acknowledgedMs;
  return (
    claim.kind !== "reminder" ||
    (incident.state === "firing" &&
      claim.about.number === incident.episode.number &&
      incident.acknowledgedMs === undefined)
  );
}

/** FIRING to who came later is behind what the others were told, and no news to them: it is for none of them. */
const isForJoined = (claim: Claim, told: Told): boolean =>
  claim.kind === "firing" &&
  claim.about.number === told.about.number &&
  told.kind !== "resolved" &&
  (claim.to?.every((address) => !(told.to?.includes(address) ?? true)) ?? false);

const again = (
  { kind, about, flapping, reminders, claims, priorUnconfirmed, to, only, facts, acknowledgedMs }: Claim,
  { told }: Channel,
  { to: all }: ChannelPolicy,
): DueNotification => ({
  send: true,
  why: "claim-lapsed",
  kind,
  about,
  flapping,
  reminders,
  claims,
  priorUnconfirmed,
  missed: 0,
  to: all.filter((address) => (to?.includes(address) ?? true) || isOwed(kind, about, told, address)),
  ...(only === undefined ? {} : { only }),
  ...(facts === undefined ? {} : { facts }),
  ...(acknowledgedMs === undefined ? {} : { acknowledgedMs }),
});

/** Who came into the channel knowing that it fires is to hear of its end with the others. */
const isOwed = (
  kind: Claim["kind"],
  { number }: Claim["about"],
  told: Told | undefined,
  address: string,
): boolean =>
  kind === "resolved" &&
  told?.about.number === number &&
  told.kind !== "resolved" &&
  (told.to?.includes(address) ?? true);

/** A channel as an incident knows it, and all of its recipients today. */
interface Reached extends Channel {
  readonly all: readonly string[];
  /** It is told only of what nobody answers. */
  readonly isEscalation: boolean;
  /** Why FIRING does not go to it yet; absent: it may. */
  readonly waits?: SilentWhy;
}

function reachedBy(
  incident: Firing | Resolved,
  channel: Channel,
  own: ChannelPolicy,
  policy: Policy,
  nowMs: number,
): Reached {
  const isEscalation = own.afterMs !== undefined;
  const waits = isEscalation ? unescalated(incident, own, policy, nowMs) : undefined;
  return { ...channel, all: own.to, isEscalation, ...(waits === undefined ? {} : { waits }) };
}

/** Why an incident is not escalated to a channel now; undefined: it is. */
function unescalated(
  incident: Firing | Resolved,
  own: ChannelPolicy,
  policy: Policy,
  nowMs: number,
): SilentWhy | undefined {
  if (incident.state === "resolved") return "nothing-to-resolve";
  if (incident.acknowledgedMs !== undefined) return "acknowledged";
  if (nowMs < (incident.snoozedUntilMs ?? 0)) return "snoozed";
  if (policy.swept && isDamped(incident, nowMs)) return "flapping";
  const atMs = escalatesAtMs(incident, own, policy.channels);
  return atMs === undefined || nowMs < atMs ? "escalates-later" : undefined;
}

function nextMail(
  incident: Firing | Resolved,
  channel: Reached,
  policy: Policy,
  nowMs: number,
): DueNotification | Silent {
  const { episode } = incident;
  const { told, through, awaits } = channel;
  if (awaits !== undefined && policy.swept) return silent("storm");
  const damped = policy.swept && isDamped(incident, nowMs);
  if (told !== undefined && told.kind !== "resolved") {
    const reached = channel.all.filter((address) => told.to?.includes(address) ?? true);
    const hasJoined =
      channel.waits === undefined && stillAsTold(incident, told) && reached.length < channel.all.length;
    const joined = hasJoined ? joinedMail(incident, channel, told) : undefined;
    if (joined !== undefined) return joined;
    // Where nobody who was told is left, nothing is owed of what was told.
    if (reached.length > 0) return afterTold(incident, { ...channel, told, reached }, policy, nowMs);
  }
  if (through >= episode.number) return silent("already-told");
  if (channel.waits !== undefined) return silent(channel.waits);
  const opened = episode.number === 1 ? "opened" : "reopened";
  const why = WHY_BULLETIN[incident.id.kind] ?? (channel.isEscalation ? "escalated" : opened);
  // What the night, a mute or a crash has kept back until it was over is one mail and not two.
  if (incident.state === "resolved")
    return mail(channel, why, { ...PLAIN, kind: "resolved", about: episode, only: true });
  if (policy.swept && nowMs < (waitsUntilMs(incident, told) ?? 0)) return silent("may-pass");
  return mail(channel, why, { ...PLAIN, kind: "firing", about: episode, flapping: damped });
}

interface ToldChannel extends Reached {
  readonly told: Told;
  /** Of today's recipients, who was told. */
  readonly reached: readonly string[];
}

function afterTold(
  incident: Firing | Resolved,
  channel: ToldChannel,
  policy: Policy,
  nowMs: number,
): DueNotification | Silent {
  const { told, reached } = channel;
  const inHand = stillAsTold(incident, told) ? inHandMail(incident, channel, policy) : undefined;
  if (inHand !== undefined) return inHand;
  if (told.flapping && !stillAsTold(incident, told)) return onceSettled(incident, channel, policy, nowMs);
  if (told.about.untilMs === undefined)
    return reminder(incident, channel, policy, nowMs) ?? silent("already-told");
  return { ...mail(channel, "recovered", { ...PLAIN, kind: "resolved", about: told.about }), to: reached };
}

/** Who came into the channel while it fires hears of it as the others did; what somebody has in hand, and a bulletin, is no news. */
function joinedMail(incident: Firing | Resolved, channel: Reached, told: Told): DueNotification | undefined {
  if (incident.acknowledgedMs !== undefined || isBulletin(incident.id.kind)) return undefined;
  const to = channel.all.filter((address) => !(told.to?.includes(address) ?? true));
  const { about, flapping, reminders } = told;
  return { ...mail(channel, "joined", { kind: "firing", about, flapping, reminders }), missed: 0, to };
}

/** To whom of those who were told it is news that somebody handles it. Where nobody said who they are, it is told by the way. */
function inHandMail(
  { acknowledgedMs, acknowledgedBy }: Firing | Resolved,
  channel: ToldChannel,
  { channels }: Policy,
): DueNotification | undefined {
  if (acknowledgedMs === undefined || acknowledgedBy === undefined) return undefined;
  if (channel.answerToldMs === acknowledgedMs) return undefined;
  const names = namesOf(channels);
  const by = acknowledgedBy.toLowerCase();
  const isThem = (address: string) => [address, names.get(address)].some((one) => one?.toLowerCase() === by);
  const to = channel.reached.filter((address) => !isThem(address));
  if (to.length === 0) return undefined;
  const { about, flapping, reminders } = channel.told;
  const told = { kind: "acknowledged", about, flapping, reminders, acknowledgedMs } as const;
  return { ...mail(channel, "in-hand", told), missed: 0, to };
}

const WHY_BULLETIN: { readonly [Kind in Incident["id"]["kind"]]?: SendWhy } = {
  digest: "storm-over",
  weekly: "week-over",
};

const PLAIN = { flapping: false, reminders: 0 } as const;

const mail = (channel: Reached, why: SendWhy, notification: Notification): DueNotification => ({
  send: true,
  why,
  ...notification,
  claims: 0,
  priorUnconfirmed: channel.claim !== undefined,
  missed: Math.max(0, notification.about.number - channel.through - 1),
  to: channel.all,
});

/** It fires, and in the very episode that the mail was about. */
const stillAsTold = ({ state, episode }: Firing | Resolved, { about }: Notification): boolean =>
  state === "firing" && episode.number === about.number;

/** The channel was told that it keeps stopping and coming back: the next word is how that ended. */
function onceSettled(
  incident: Firing | Resolved,
  channel: ToldChannel,
  policy: Policy,
  nowMs: number,
): DueNotification | Silent {
  const { state, episode } = incident;
  if (!(policy.swept && isDamped(incident, nowMs)))
    return state === "firing"
      ? mail(channel, "settled", { ...PLAIN, kind: "firing", about: episode })
      : { ...mail(channel, "settled", { ...PLAIN, kind: "resolved", about: episode }), to: channel.reached };
  // What never comes to rest is not forgotten either.
  return (state === "firing" ? reminder(incident, channel, policy, nowMs) : undefined) ?? silent("flapping");
}

/** Undefined: none is due yet, or ever. */
function reminder(
  incident: Firing | Resolved,
  channel: ToldChannel,
  { remindersMax }: Policy,
  nowMs: number,
): DueNotification | Silent | undefined {
  const { told, reached } = channel;
  if (isBulletin(incident.id.kind)) return undefined;
  if (incident.acknowledgedMs !== undefined) return silent("acknowledged");
  if (nowMs < (incident.snoozedUntilMs ?? 0)) return silent("snoozed");
  const next = nextReminderMs(told, remindersMaxOf(incident.id.kind, remindersMax));
  if (next === undefined || nowMs < next) return undefined;
  const { flapping, reminders } = told;
  const about = incident.episode;
  // Who has joined since is told that it fires, not reminded of it.
  return {
    ...mail(channel, "reminder-due", { kind: "reminder", about, flapping, reminders: reminders + 1 }),
    to: reached,
  };
}
