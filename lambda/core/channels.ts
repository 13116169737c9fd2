/** What an incident knows of its channels of recipients, in whatever order mails are confirmed and the configuration is edited. */
import { isBulletin, type MailKind } from "../../lib/contract/incidents.ts";
import type { Channel, Firing, Notification, Resolved, Told } from "./incident.ts";
import { type ChannelPolicy, toldAtOnce } from "./policy.ts";

type Opened = Firing | Resolved;

/** That somebody handles it is said beside reminders, and makes no stage of its own: reminders may go on after it. */
const STAGES: { readonly [Kind in MailKind]: number } = {
  firing: 0,
  reminder: 1,
  acknowledged: 1,
  resolved: 2,
};

/** By episode, then firing < reminder < resolved, then by how many reminders there were. */
function compare(x: Notification, y: Notification): number {
  const stages = STAGES[x.kind] - STAGES[y.kind];
  return x.about.number - y.about.number || stages || x.reminders - y.reminders;
}

/** Whether a mail is older news than another of the same incident: of an episode before, or of an earlier stage of this one. */
export const isBehind = (mail: Notification, than: Notification): boolean => compare(mail, than) < 0;

/** The channel once it was told: what it knows only goes forward. @param to who got the mail; undefined: all */
export function toldOf(
  { through, told, mails = 0, awaits, answerToldMs }: Channel,
  { kind, about, flapping, reminders, only, acknowledgedMs }: Notification,
  atMs: number,
  to: readonly string[] | undefined,
): Channel {
  const waiting = awaits === undefined ? {} : { awaits };
  if (kind === "acknowledged" && told !== undefined && acknowledgedMs !== undefined)
    return { through, told, mails: mails + 1, ...waiting, answerToldMs: acknowledgedMs };
  const news = { kind, about, flapping, reminders, ...(only === undefined ? {} : { only }) };
  const isNews = told === undefined || compare(news, told) > 0;
  const newest: Told = isNews ? { ...news, atMs } : told;
  const all = told?.about.number === about.number ? bothOf(told.to, to) : to;
  const { to: before, ...rest } = newest;
  // Who has left the channel before the end was not told of it.
  const ofEnd = isNews ? to : before;
  const ofNewest = newest.kind === "resolved" ? ofEnd : all;
  const known = newest.about.number === about.number ? ofNewest : before;
  return {
    through: Math.max(through, about.number),
    told: { ...rest, ...(known === undefined ? {} : { to: known }) },
    mails: mails + 1,
    ...waiting,
    ...(answerToldMs === undefined ? {} : { answerToldMs }),
  };
}

const bothOf = (x: readonly string[] | undefined, y: readonly string[] | undefined) =>
  x === undefined || y === undefined ? undefined : [...new Set([...x, ...y])];

/** The channel once its claimed mail is out. */
export const confirmed = (channel: Channel, atMs: number): Channel =>
  channel.claim === undefined ? channel : toldOf(channel, channel.claim, atMs, channel.claim.to);

/**
 * What the incident knows of a channel. One that the configuration did not have before goes on where its recipients were
 * told by another, or where a channel that is no more has stopped: quiet hours that are edited make no news. One that is
 * new altogether hears of what fires now, and of no digest or report. A channel with `afterMs` goes on only from its own
 * recipients, and waits for no digest.
 * @param all the channels of the configuration
 */
export function channelOf(incident: Opened, own: ChannelPolicy, all: readonly ChannelPolicy[]): Channel {
  const { id, state, episode, channels } = incident;
  const known = channels[own.id];
  const others = Object.entries(channels).filter(([name]) => name !== own.id);
  const toldElsewhere = others.flatMap(([, { told }]) =>
    told === undefined ? [] : (inOwn(told, own) ?? []),
  );
  if (known !== undefined)
    return toldElsewhere.reduce<Channel>((channel, told) => withTold(channel, told, own.to), known);
  const ofSameRecipients = others.filter(([, { told, claim }]) =>
    [...(told?.to ?? []), ...(claim?.to ?? [])].some((address) => own.to.includes(address)),
  );
  const noMore = others.filter(([name]) => own.afterMs === undefined && !all.some((one) => one.id === name));
  const [from] = [...(ofSameRecipients.length > 0 ? ofSameRecipients : noMore)].sort(
    ([, x], [, y]) => y.through - x.through || (y.told?.atMs ?? 0) - (x.told?.atMs ?? 0),
  );
  if (from !== undefined) return own.afterMs === undefined ? from[1] : withoutDigest(from[1]);
  const hearsOfIt = state === "firing" && !isBulletin(id.kind);
  return { through: hearsOfIt ? episode.number - 1 : episode.number };
}

type ToldTo = Told & { readonly to: readonly string[] };

/** What another channel has told to recipients that are in this one now; undefined: to none of them. */
function inOwn(told: Told, { to: all }: ChannelPolicy): ToldTo | undefined {
  const to = told.to?.filter((address) => all.includes(address)) ?? [];
  return to.length === 0 ? undefined : { ...told, to };
}

/** A recipient who has moved into a channel knows what the channel before has told, and is owed what that one owed. */
function withTold(channel: Channel, elsewhere: ToldTo, all: readonly string[]) {
  const { told, through } = channel;
  if (told?.about.number !== elsewhere.about.number) {
    if (told !== undefined && compare(elsewhere, told) <= 0) return withOlder(channel, told, elsewhere, all);
    const isForAll = all.every((address) => elsewhere.to.includes(address));
    // What the others of this channel are still to be told must not be passed over.
    const isEven = told === undefined || told.kind === "resolved";
    const mayTake = isForAll || (isEven && elsewhere.kind !== "resolved");
    if (!mayTake) return channel;
    return { ...channel, through: Math.max(through, elsewhere.about.number), told: elsewhere };
  }
  const own = told.to ?? all;
  const isOver = told.kind === "resolved";
  if (isOver === (elsewhere.kind === "resolved")) {
    const to = bothOf(told.to, elsewhere.to);
    return to === undefined ? channel : { ...channel, told: { ...told, to } };
  }
  const [over, open] = isOver ? [{ ...told, to: own }, elsewhere] : [elsewhere, { ...told, to: own }];
  const owed = open.to.filter((address) => all.includes(address) && !over.to.includes(address));
  return { ...channel, told: owed.length === 0 ? over : { ...open, to: owed } };
}

/** Told of an episode before, and not of its end: who comes so is to hear of the end, or is told already that it fires. */
function withOlder(channel: Channel, told: Told, elsewhere: ToldTo, all: readonly string[]): Channel {
  const { to } = told;
  const left = elsewhere.to.filter((address) => all.includes(address) && to?.includes(address) === false);
  if (elsewhere.kind === "resolved" || to === undefined || left.length === 0) return channel;
  const own = told.kind === "resolved" ? { ...elsewhere, to: left } : { ...told, to: [...to, ...left] };
  return { ...channel, told: own };
}

const withoutDigest = ({ awaits: _, ...free }: Channel): Channel => free;

/**
 * The channels of the configuration, as the incident knows them. What a channel that is no more has known is known of the
 * one in its place, and is forgotten once no mail is under way: the name may come back.
 * @param all of the configuration; none: nothing is known of it
 * @param nowMs the invocation's own clock
 */
export function ofConfigured(
  incident: Opened,
  all: readonly ChannelPolicy[],
  nowMs: number,
): Readonly<Record<string, Channel>> {
  if (all.length === 0) return incident.channels;
  const underWay = Object.entries(incident.channels).filter(
    ([, { claim }]) => claim !== undefined && nowMs < claim.untilMs,
  );
  const configured = all.map((own) => [own.id, channelOf(incident, own, all)] as const);
  return Object.fromEntries([...underWay, ...configured]);
}

/**
 * Whether a digest may tell of it: no channel that gets digests has a mail under way, or is owed one about an episode before. Such a mail would
 * come after the digest, as the last word.
 */
export const isListable = (incident: Opened, all: readonly ChannelPolicy[]): boolean =>
  toldAtOnce(all).every((own) => {
    const { claim, told } = channelOf(incident, own, all);
    const isEven = told === undefined || told.kind === "resolved";
    const endsIt = incident.state === "resolved" && told?.about.number === incident.episode.number;
    return claim === undefined && (isEven || endsIt);
  });
