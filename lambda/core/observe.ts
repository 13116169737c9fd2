/**
 * What an incident is after a signal of it. Pure: says nothing about mails, only about what is so and since when.
 *
 * Laws: an onset that is not after the newest recovery heard of, by (era, term, at), opens nothing, and one that is older than
 * the episode changes nothing; a recovery that is older than the episode's onset does not end it; a recovery heard of
 * before any onset is kept.
 */

import {
  DIGEST_BIN_MS,
  type DigestEntry,
  type DigestNews,
  type Facts,
  type IncidentId,
} from "../../lib/contract/incidents.ts";
import type { WeeklyReport } from "../../lib/contract/weekly.ts";
import { awaiting, ended, isEscalated, mapChannels, settled } from "./channel-changes.ts";
import { channelOf, isListable, ofConfigured } from "./channels.ts";
import {
  type BulletinFacts,
  type Channel,
  type Firing,
  FLAP_WINDOW_MS,
  type Incident,
  isOfBulletin,
  LONG_OUTAGE_MS,
  RESOLVED_KEPT_S,
  type Resolved,
  WEEKLY_KEPT_S,
} from "./incident.ts";
import type { Hold } from "./neighbourhood.ts";
import { noteDigest } from "./note-digest.ts";
import { beganAfter, isOlder, latest, type Order, recoveredAfter } from "./order.ts";
import { mayBegin } from "./pending.ts";
import { type ChannelPolicy, toldAtOnce } from "./policy.ts";

/**
 * What an event of a node, or a `SweepSignal`, says of one incident. `nowMs` is when it was received, epoch ms: *now* for
 * all that is kept.
 */
export type Signal =
  | {
      readonly signal: "fires";
      readonly order: Order;
      readonly nowMs: number;
      readonly facts: Facts;
      /** The subject's seat was never taken: an empty seat is no failure. */
      readonly emptySeat?: boolean;
      /** Of the sweep: from then on the next one has looked, and this one opens nothing any more. Epoch ms. */
      readonly opensUntilMs?: number;
    }
  | {
      readonly signal: "well";
      readonly order: Order;
      readonly nowMs: number;
      readonly facts?: Facts;
      /** Its node or cluster left the configuration. */
      readonly removed?: true;
    }
  /** Says nothing of the incident itself: asks whether a notification is due. */
  | { readonly signal: "poll"; readonly digest?: DigestNews; readonly eraMs?: number }
  | {
      readonly signal: "digest";
      readonly nowMs: number;
      readonly entries: readonly DigestEntry[];
      readonly opensUntilMs: number;
    }
  /** The week's report is put together. */
  | { readonly signal: "weekly"; readonly nowMs: number; readonly report: WeeklyReport };

/**
 * Of a recipient whom SES refuses. Every signal without a term repeats what is known, and is not kept; each refusal is, for
 * the time of the last one.
 */
export const REFUSAL_TERM = 1;

/** What else an opening depends on. */
export interface Surroundings {
  /** Of the configuration. */
  readonly channels: readonly ChannelPolicy[];
  /** Too much opens, or ends, for a mail each. */
  readonly storm: boolean;
  /** Why its mails are put off, if they are. */
  readonly hold?: Hold;
  /** The invocation's own clock, epoch ms: a digest waits for invocations to end, not for events to be received. */
  readonly clockMs: number;
}

/**
 * Why a signal changed nothing.
 * - `never-admitted`: the subject's seat was never taken; no incident.
 * - `stale`: older by (term, at) than what the incident knows.
 * - `recovered-unseen`: an onset that was over before it was heard of.
 * - `nothing-to-resolve`: a recovery, and nothing that it ends.
 */
export type Unmoved = "never-admitted" | "stale" | "recovered-unseen" | "nothing-to-resolve";

/** `next`: it has changed, and must be written. Neither: the signal says what is known. */
export interface Observed {
  readonly next?: Incident;
  readonly unmoved?: Unmoved;
}

/** @param known undefined: nothing is known of this incident */
export function observe(
  id: IncidentId,
  known: Incident | undefined,
  signal: Signal,
  surroundings: Surroundings,
): Observed {
  const observed = observeNow(id, known, signal, surroundings);
  // An empty seat stays no failure when terms begin anew.
  if (known === undefined || observed.next !== undefined || observed.unmoved === "never-admitted")
    return observed;
  if ((signal.signal !== "fires" && signal.signal !== "well") || signal.facts === undefined) return observed;
  const { order, nowMs, facts } = signal;
  const pending = { signal: signal.signal, order, nowMs, facts };
  return mayBegin(pending, known) ? { ...observed, next: { ...known, pending } } : observed;
}

function observeNow(
  id: IncidentId,
  known: Incident | undefined,
  signal: Signal,
  surroundings: Surroundings,
): Observed {
  switch (signal.signal) {
    case "poll":
      return poll(known, signal, surroundings);
    case "digest":
      // What is stored may have been sent: it stands.
      if (known !== undefined) return {};
      return isLate(signal, surroundings)
        ? { unmoved: "stale" }
        : { next: openBulletin(id, signal.nowMs, { kind: "digest", entries: signal.entries }, surroundings) };
    case "weekly":
      if (known !== undefined) return {};
      return {
        next: openBulletin(id, signal.nowMs, { kind: "weekly", report: signal.report }, surroundings),
      };
    case "fires":
      return fires(id, known, signal, surroundings);
    case "well":
      return well(id, known, signal, surroundings);
  }
}

function poll(
  known: Incident | undefined,
  { digest, eraMs }: Signal & { signal: "poll" },
  surroundings: Surroundings,
): Observed {
  if (known === undefined) return {};
  const isNews = eraMs !== undefined && eraMs > (known.eraMs ?? 0);
  const next = isNews ? inEra(known, eraMs, surroundings) : known;
  if (next.state !== "recovered-before-onset" && digest !== undefined) {
    const noted = noteDigest(next, digest, surroundings.channels, surroundings.clockMs);
    if (noted !== undefined) return { next: noted };
  }
  return isNews ? { next } : {};
}

/** The era is known now: what was kept back until then is looked at again. */
function inEra({ pending, ...known }: Incident, eraMs: number, surroundings: Surroundings): Incident {
  const next = { ...known, eraMs };
  if (pending === undefined || pending.order.atMs < eraMs) return next;
  return observeNow(next.id, next, pending, surroundings).next ?? next;
}

const keepUntil = (nowMs: number, keptS = RESOLVED_KEPT_S): number => Math.floor(nowMs / 1_000) + keptS;

/** It has waited in Lambda's queue for so long that a newer sweep has seen how things stand. */
const isLate = ({ opensUntilMs }: { readonly opensUntilMs?: number }, { clockMs }: Surroundings): boolean =>
  opensUntilMs !== undefined && clockMs > opensUntilMs;

function fires(
  id: IncidentId,
  known: Incident | undefined,
  signal: Signal & { signal: "fires" },
  surroundings: Surroundings,
): Observed {
  if (signal.emptySeat === true) return { unmoved: "never-admitted" };
  if (known?.state === "firing")
    return isAnother(known, signal)
      ? { next: open(id, closed(known, { order: signal.order, nowMs: signal.nowMs }), signal, surroundings) }
      : renew(known, signal.order);
  if (isLate(signal, surroundings)) return { unmoved: "stale" };
  if (known === undefined) return { next: open(id, undefined, signal, surroundings) };
  if (beganAfter(signal.order, known.recovered, known.eraMs))
    return { next: open(id, known, signal, surroundings) };
  const belongsToTold = known.state === "resolved" && !beganAfter(signal.order, known.until, known.eraMs);
  return { unmoved: belongsToTold ? "stale" : "recovered-unseen" };
}

/** A refused recipient's incident has its place in the configuration for a subject: another address has that place now. */
const isAnother = ({ facts }: Firing, signal: Signal & { signal: "fires" }): boolean =>
  facts.kind === "mail-refused" &&
  signal.facts.kind === "mail-refused" &&
  facts.address !== signal.facts.address;

/** It fires already. An onset with a term is told once: it is kept, so that a recovery from before it ends nothing. */
function renew(known: Firing, order: Order): Observed {
  if (isOlder(order, known.since, known.eraMs)) return { unmoved: "stale" };
  const isNews = order.term > 0 && isOlder(known.renewed ?? known.since, order, known.eraMs);
  return isNews ? { next: { ...known, renewed: order } } : {};
}

function open(
  id: IncidentId,
  known: Exclude<Incident, Firing> | undefined,
  { order, nowMs, facts }: Signal & { signal: "fires" },
  { channels: all, storm, hold, clockMs }: Surroundings,
): Firing {
  const before = known?.state === "resolved" ? known : undefined;
  const number = (before?.episode.number ?? 0) + 1;
  const flaps = before !== undefined && nowMs - before.changedMs <= FLAP_WINDOW_MS ? before.flaps + 1 : 0;
  const thread = before !== undefined && flaps > 0 ? before.episode.thread : number;
  const channels =
    before === undefined
      ? fromStart(all)
      : mapChannels(withoutEnd(ofConfigured(before, all, clockMs), digestBinOf(clockMs)), (channel) =>
          withOwnFacts(channel, before),
        );
  const recovery = before?.recovery ?? ownFacts(before);
  const isDigested = storm && hold === undefined && (before === undefined || mayAwait(before, all));
  return {
    state: "firing",
    id,
    rev: known?.rev ?? 0,
    episode: { number, thread, sinceMs: order.atMs, openedMs: nowMs },
    since: order,
    ...(known === undefined ? {} : { recovered: known.recovered }),
    ...(known?.eraMs === undefined ? {} : { eraMs: known.eraMs }),
    changedMs: Math.max(nowMs, before?.changedMs ?? 0),
    flaps,
    facts,
    ...(recovery === undefined ? {} : { recovery }),
    channels: isDigested ? awaiting(channels, all, digestBinOf(clockMs)) : channels,
  };
}

/**
 * They were to hear of the end with others; now that it fires again, that would keep the new onset from them. All of them or
 * none: a digest goes to every channel that is told at once.
 */
function withoutEnd(
  channels: Readonly<Record<string, Channel>>,
  presentBin: number,
): Readonly<Record<string, Channel>> {
  // A digest of a quarter of an hour that is over may have been put together.
  const isEnd = ({ told, awaits }: Channel) =>
    awaits === presentBin && told !== undefined && told.kind !== "resolved";
  if (!Object.values(channels).some(isEnd)) return channels;
  return mapChannels(channels, ({ awaits: _, ...free }) => free);
}

const ownFacts = (known: Resolved | undefined): Facts | undefined =>
  known === undefined || isOfBulletin(known.facts) ? undefined : known.facts;

/** A mail that was cut off is finished with the facts of its own episode, not with those of the one that begins. */
function withOwnFacts(channel: Channel, before: Resolved): Channel {
  const { claim } = channel;
  const own = ownFacts(before);
  if (claim === undefined || claim.facts !== undefined || own === undefined) return channel;
  const facts = claim.kind === "resolved" ? (before.recovery ?? own) : own;
  return { ...channel, claim: { ...claim, facts } };
}

/** Two digests that tell of one incident could be sent in either order: one at a time, for all channels alike. */
const mayAwait = (known: Firing | Resolved, all: readonly ChannelPolicy[]): boolean =>
  isListable(known, all) && all.every((own) => channelOf(known, own, all).awaits === undefined);

/** Epoch seconds at which the bin began. */
export const digestBinOf = (epochMs: number): number =>
  (Math.floor(epochMs / DIGEST_BIN_MS) * DIGEST_BIN_MS) / 1_000;

/** Every channel of the configuration is there from the start: an episode that it was not told of is counted. */
const fromStart = (all: readonly ChannelPolicy[]): Readonly<Record<string, Channel>> =>
  Object.fromEntries(all.map(({ id }) => [id, { through: 0 }]));

function openBulletin(
  id: IncidentId,
  nowMs: number,
  facts: BulletinFacts,
  { channels }: Surroundings,
): Firing {
  const keptS = facts.kind === "weekly" ? WEEKLY_KEPT_S : RESOLVED_KEPT_S;
  return {
    state: "firing",
    id,
    rev: 0,
    episode: { number: 1, thread: 1, sinceMs: id.subject * 1_000, openedMs: nowMs },
    since: { term: 0, atMs: id.subject * 1_000 },
    changedMs: nowMs,
    flaps: 0,
    facts,
    channels: mapChannels(fromStart(channels), (channel, id) =>
      (facts.kind === "digest" && facts.entries.length === 0) || isEscalated(id, channels)
        ? { ...channel, through: 1 }
        : channel,
    ),
    expiresAtS: keepUntil(nowMs, keptS),
  };
}

function well(
  id: IncidentId,
  known: Incident | undefined,
  signal: Signal & { signal: "well" },
  surroundings: Surroundings,
): Observed {
  const { order, nowMs } = signal;
  const expiresAtS = keepUntil(nowMs);
  if (known === undefined)
    return {
      next: { state: "recovered-before-onset", id, rev: 0, recovered: order, expiresAtS },
      unmoved: "nothing-to-resolve",
    };
  if (known.state === "firing")
    return recoveredAfter(order, known.renewed ?? known.since, known.eraMs)
      ? { next: close(known, signal, surroundings) }
      : { unmoved: "stale" };
  // Without it an onset between the two recoveries, delivered late, would fire with nothing left to resolve it.
  if (isOlder(known.recovered, order, known.eraMs))
    return { next: { ...known, recovered: order, expiresAtS }, unmoved: "nothing-to-resolve" };
  const old = known.state === "resolved" ? known.until : known.recovered;
  return isOlder(order, old, known.eraMs) ? { unmoved: "stale" } : {};
}

/** An end is told by a digest where others end with it; what was held back until it was over is settled. */
function close(
  known: Firing,
  signal: Signal & { signal: "well" },
  { channels: all, storm, hold, clockMs }: Surroundings,
): Resolved {
  const fired = closed(known, signal);
  const { number } = fired.episode;
  // What was never escalated is over: it counts as no mail that was missed, and is no news if the configuration is edited.
  const ended = {
    ...fired,
    channels: mapChannels(fired.channels, (one, id) => (isEscalated(id, all) ? settled(one, number) : one)),
  };
  const channels = ofConfigured(ended, all, clockMs);
  if (hold === "split-brain" || hold === "muted")
    return { ...ended, channels: mapChannels(channels, (channel) => settled(channel, number)) };
  const isToldOf = ({ told }: Channel) => told !== undefined && told.kind !== "resolved";
  const isDigested =
    storm &&
    hold === undefined &&
    mayAwait(ended, all) &&
    toldAtOnce(all).some(({ id }) => isToldOf(channels[id]!));
  return isDigested ? { ...ended, channels: awaiting(channels, all, digestBinOf(clockMs)) } : ended;
}

function closed(
  known: Firing,
  { order, nowMs, facts, removed }: Omit<Signal & { signal: "well" }, "signal">,
): Resolved {
  const { recovery: _before, renewed: _onset, pending: _kept, ...kept } = known;
  const episode = {
    ...known.episode,
    untilMs: order.atMs,
    closedMs: nowMs,
    ...(removed === undefined ? {} : { removed }),
  };
  const long = nowMs - known.changedMs > LONG_OUTAGE_MS;
  return {
    ...kept,
    state: "resolved",
    episode,
    recovered: latest(order, known.recovered ?? order, known.eraMs),
    until: order,
    changedMs: Math.max(nowMs, known.changedMs),
    flaps: long ? 0 : known.flaps,
    ...(facts === undefined ? {} : { recovery: facts }),
    channels: mapChannels(known.channels, (channel) => ended(channel, episode)),
    expiresAtS: keepUntil(nowMs),
  };
}
