/** An incident as an item of the clusters table, readable in the console; parsed again when it comes back. */
import * as z from "zod/mini";
import { DigestEntry, Facts, type IncidentId, MAIL_KINDS } from "../../lib/contract/incidents.ts";
import { instant } from "../../lib/contract/messages.ts";
import { CLUSTERS_KEY, incidentKey, TTL_ATTRIBUTE } from "../../lib/contract/tables.ts";
import { WeeklyReport } from "../../lib/contract/weekly.ts";
import { ANSWER_ATTRIBUTE } from "../core/answer.ts";
import { confirmed } from "../core/channels.ts";
import { MailProblem } from "../core/errors.ts";
import type {
  BulletinFacts,
  Channel,
  Claim,
  Episode,
  Incident,
  Notification,
  Pending,
} from "../core/incident.ts";
import type { Order } from "../core/order.ts";
import { fromAttributes, type Item, type Plain, toAttributes } from "./item-values.ts";

type Flat = Record<string, Plain | undefined>;

/** The primary key of an incident's item in the clusters table. */
export const keyOf = (id: IncidentId): Item =>
  toAttributes({ [CLUSTERS_KEY.partition]: id.clusterId, [CLUSTERS_KEY.sort]: incidentKey(id) });

const flatOrder = (name: string, order: Order | undefined): Flat =>
  order === undefined
    ? {}
    : { [`${name}_term`]: order.term, [`${name}_at`]: new Date(order.atMs).toISOString() };

const flatPending = (pending: Pending | undefined): Flat =>
  pending === undefined ? {} : { pending: JSON.stringify(pending) };

const flatEpisode = ({ number, thread, sinceMs, openedMs, untilMs, closedMs, removed }: Episode): Flat => ({
  number,
  thread,
  since_ms: sinceMs,
  opened_ms: openedMs,
  until_ms: untilMs,
  closed_ms: closedMs,
  removed,
});

/** The state `recovered-before-onset` as it is stored: tables of deployments hold items with this word. */
const STORED_RECOVERED_BEFORE_ONSET = "unheard";

const flatNotification = ({
  kind,
  about,
  flapping,
  reminders,
  only,
  acknowledgedMs,
}: Notification): Flat => ({
  kind,
  about: flatEpisode(about),
  flapping,
  reminders,
  only,
  acknowledged_ms: acknowledgedMs,
});

const flatClaim = (claim: Claim): Flat => ({
  ...flatNotification(claim),
  id: claim.id,
  until_ms: claim.untilMs,
  claims: claim.claims,
  prior_unconfirmed: claim.priorUnconfirmed,
  to: claim.to && JSON.stringify(claim.to),
  facts: claim.facts && JSON.stringify(claim.facts),
});

const flatChannel = ({ through, told, mails, claim, awaits, answerToldMs }: Channel): Flat => ({
  through,
  awaits,
  mails,
  answer_told_ms: answerToldMs,
  told: told && { ...flatNotification(told), at_ms: told.atMs, to: told.to && JSON.stringify(told.to) },
  claim: claim && flatClaim(claim),
});

function flatten(incident: Incident): Flat {
  const { rev } = incident;
  if (incident.state === "recovered-before-onset")
    return {
      state: STORED_RECOVERED_BEFORE_ONSET,
      rev,
      ...flatOrder("recovered", incident.recovered),
      era_ms: incident.eraMs,
      ...flatPending(incident.pending),
      [TTL_ATTRIBUTE]: incident.expiresAtS,
    };
  const { episode, facts, recovery, channels } = incident;
  return {
    state: incident.state,
    rev,
    // Answers are conditioned on it: lambda/adapters/answers.ts.
    episode: episode.number,
    [ANSWER_ATTRIBUTE.acknowledged]: incident.acknowledgedMs,
    [ANSWER_ATTRIBUTE.acknowledgedBy]: incident.acknowledgedBy,
    [ANSWER_ATTRIBUTE.snoozedUntil]: incident.snoozedUntilMs,
    since_ms: episode.sinceMs,
    opened_ms: episode.openedMs,
    until_ms: episode.untilMs,
    closed_ms: episode.closedMs,
    removed: episode.removed,
    ...flatOrder("since", incident.since),
    ...flatOrder("recovered", incident.recovered),
    ...(incident.state === "resolved"
      ? flatOrder("until", incident.until)
      : flatOrder("renewed", incident.renewed)),
    changed_ms: incident.changedMs,
    flaps: incident.flaps,
    era_ms: incident.eraMs,
    ...flatPending(incident.pending),
    thread: episode.thread,
    facts: JSON.stringify(facts),
    recovery: recovery && JSON.stringify(recovery),
    channels: Object.fromEntries(Object.entries(channels).map(([id, channel]) => [id, flatChannel(channel)])),
    [TTL_ATTRIBUTE]: incident.expiresAtS,
  };
}

/** An incident as the item that is stored; `fromItem` reads it back. */
export const toItem = (incident: Incident): Item => ({
  ...keyOf(incident.id),
  ...toAttributes(flatten(incident)),
});

const count = z.int().check(z.gte(0));
const optionalCount = z.optional(count);
/** Also before 1970, where an earlier version believed a node's clock: what is stored must be readable. */
const epochMs = z.int();
const optionalMs = z.optional(epochMs);

const EpisodeItem = z.object({
  number: count,
  thread: count,
  since_ms: epochMs,
  opened_ms: epochMs,
  until_ms: optionalMs,
  closed_ms: optionalMs,
  removed: z.optional(z.literal(true)),
});
const notification = {
  kind: z.enum(MAIL_KINDS),
  about: EpisodeItem,
  flapping: z.boolean(),
  reminders: count,
  only: z.optional(z.literal(true)),
  acknowledged_ms: optionalCount,
};
const ChannelItem = z.object({
  through: count,
  awaits: optionalCount,
  mails: optionalCount,
  answer_told_ms: optionalCount,
  told: z.optional(z.object({ ...notification, at_ms: count, to: z.optional(z.string()) })),
  claim: z.optional(
    z.object({
      ...notification,
      id: z.string(),
      until_ms: count,
      claims: count,
      prior_unconfirmed: z.boolean(),
      to: z.optional(z.string()),
      facts: z.optional(z.string()),
      /** Written by the confirmation, which writes nothing else. */
      told_at_ms: optionalCount,
    }),
  ),
});

const recovered = { recovered_term: count, recovered_at: instant };
const until = { until_term: count, until_at: instant };
const opened = {
  rev: count,
  episode: count,
  [ANSWER_ATTRIBUTE.acknowledged]: optionalCount,
  [ANSWER_ATTRIBUTE.acknowledgedBy]: z.optional(z.string()),
  [ANSWER_ATTRIBUTE.snoozedUntil]: optionalCount,
  since_ms: epochMs,
  opened_ms: epochMs,
  until_ms: optionalMs,
  closed_ms: optionalMs,
  removed: z.optional(z.literal(true)),
  since_term: count,
  since_at: instant,
  changed_ms: epochMs,
  flaps: count,
  era_ms: optionalMs,
  pending: z.optional(z.string()),
  thread: count,
  /** Of items that were written before each channel had its own `awaits`. */
  digest_bin: optionalCount,
  facts: z.string(),
  recovery: z.optional(z.string()),
  channels: z.record(z.string(), ChannelItem),
};
const ttl = { [TTL_ATTRIBUTE]: count };
const IncidentItem = z.discriminatedUnion("state", [
  z.object({
    state: z.literal(STORED_RECOVERED_BEFORE_ONSET),
    rev: count,
    ...recovered,
    era_ms: optionalMs,
    pending: z.optional(z.string()),
    ...ttl,
  }),
  z.object({
    state: z.literal("firing"),
    ...opened,
    recovered_term: optionalCount,
    recovered_at: z.optional(instant),
    renewed_term: optionalCount,
    renewed_at: z.optional(instant),
    [TTL_ATTRIBUTE]: optionalCount,
  }),
  z.object({ state: z.literal("resolved"), ...opened, ...recovered, ...until, ...ttl }),
]);
type IncidentItem = z.infer<typeof IncidentItem>;
type OpenedItem = Exclude<IncidentItem, { state: typeof STORED_RECOVERED_BEFORE_ONSET }>;

/** Leaves out what is undefined: an optional property is absent, never undefined. */
type Given<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> };
const given = <T extends object>(fields: T): Partial<Given<T>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Given<T>>;

const order = (term: number, at: string): Order => ({ term, atMs: Date.parse(at) });

const episodeFrom = (item: z.infer<typeof EpisodeItem>): Episode => ({
  number: item.number,
  thread: item.thread,
  sinceMs: item.since_ms,
  openedMs: item.opened_ms,
  ...given({ untilMs: item.until_ms, closedMs: item.closed_ms, removed: item.removed }),
});

const Recipients = z.array(z.string());
const recipientsFrom = (text: string | undefined): readonly string[] | undefined =>
  text === undefined ? undefined : Recipients.parse(JSON.parse(text));

function channelFrom({ through, told, mails, claim, ...item }: z.infer<typeof ChannelItem>): Channel {
  const channel: Channel = {
    through,
    ...given({ awaits: item.awaits, mails, answerToldMs: item.answer_told_ms }),
    ...(told && {
      told: {
        kind: told.kind,
        about: episodeFrom(told.about),
        flapping: told.flapping,
        reminders: told.reminders,
        atMs: told.at_ms,
        ...given({ to: recipientsFrom(told.to), only: told.only }),
      },
    }),
    ...(claim && {
      claim: {
        kind: claim.kind,
        about: episodeFrom(claim.about),
        flapping: claim.flapping,
        reminders: claim.reminders,
        id: claim.id,
        untilMs: claim.until_ms,
        claims: claim.claims,
        priorUnconfirmed: claim.prior_unconfirmed,
        ...given({
          to: recipientsFrom(claim.to),
          only: claim.only,
          acknowledgedMs: claim.acknowledged_ms,
          facts: claim.facts === undefined ? undefined : Facts.parse(JSON.parse(claim.facts)),
        }),
      },
    }),
  };
  return claim?.told_at_ms === undefined ? channel : confirmed(channel, claim.told_at_ms);
}

const PendingJson = z.object({
  signal: z.enum(["fires", "well"]),
  order: z.object({ term: count, atMs: epochMs }),
  nowMs: epochMs,
  facts: Facts,
});
const pendingFrom = (text: string | undefined): Pending | undefined =>
  text === undefined ? undefined : PendingJson.parse(JSON.parse(text));

const DigestFactsJson = z.object({ kind: z.literal("digest"), entries: z.array(DigestEntry) });
const WeeklyFactsJson = z.object({ kind: z.literal("weekly"), report: WeeklyReport });
const FactsJson = z.union([Facts, DigestFactsJson, WeeklyFactsJson]);

/** @throws SyntaxError, ZodError */
const factsFrom = (text: string): Facts | BulletinFacts => FactsJson.parse(JSON.parse(text));

const openedFrom = (id: IncidentId, item: OpenedItem) => ({
  id,
  rev: item.rev,
  episode: episodeFrom({ ...item, number: item.episode }),
  since: order(item.since_term, item.since_at),
  changedMs: item.changed_ms,
  flaps: item.flaps,
  facts: factsFrom(item.facts),
  channels: Object.fromEntries(
    Object.entries(item.channels).map(([name, channel]) => {
      const awaits = channel.awaits ?? (channel.through < item.episode ? item.digest_bin : undefined);
      return [name, channelFrom({ ...channel, awaits })];
    }),
  ),
  ...given({
    recovery: item.recovery === undefined ? undefined : Facts.parse(JSON.parse(item.recovery)),
    eraMs: item.era_ms,
    pending: pendingFrom(item.pending),
    acknowledgedMs: item[ANSWER_ATTRIBUTE.acknowledged],
    // An answer of nobody in particular is stored as an empty name.
    acknowledgedBy: item[ANSWER_ATTRIBUTE.acknowledgedBy] || undefined,
    snoozedUntilMs: item[ANSWER_ATTRIBUTE.snoozedUntil],
  }),
});

function parse(id: IncidentId, item: Item): Incident {
  const data = IncidentItem.parse(fromAttributes(item));
  if (data.state === STORED_RECOVERED_BEFORE_ONSET)
    return {
      state: "recovered-before-onset",
      id,
      rev: data.rev,
      recovered: order(data.recovered_term, data.recovered_at),
      ...given({ eraMs: data.era_ms, pending: pendingFrom(data.pending) }),
      expiresAtS: data[TTL_ATTRIBUTE],
    };
  if (data.state === "resolved")
    return {
      ...openedFrom(id, data),
      state: "resolved",
      recovered: order(data.recovered_term, data.recovered_at),
      until: order(data.until_term, data.until_at),
      expiresAtS: data[TTL_ATTRIBUTE],
    };
  const maybe = (term: number | undefined, at: string | undefined): Order | undefined =>
    term === undefined || at === undefined ? undefined : order(term, at);
  return {
    ...openedFrom(id, data),
    state: "firing",
    ...given({
      recovered: maybe(data.recovered_term, data.recovered_at),
      renewed: maybe(data.renewed_term, data.renewed_at),
      expiresAtS: data[TTL_ATTRIBUTE],
    }),
  };
}

/** @throws MailProblem IncidentUnreadable: guessing could silence a mail; the event waits in the failure queue instead. */
export function fromItem(id: IncidentId, item: Item): Incident {
  try {
    return parse(id, item);
  } catch {
    throw new MailProblem(
      "IncidentUnreadable",
      `${id.clusterId} ${incidentKey(id)} in the clusters table is not an incident`,
      "delete the item and replay the failure queue",
    );
  }
}
