/** Digests: what opened in a quarter of an hour of a storm, in one mail. Put together once nobody can add to it any more. */
import {
  DIGEST_BIN_MS,
  DIGEST_DELAY_MS,
  DIGEST_ENTRIES_MAX,
  type DigestEntry,
  type DigestNews,
  isBulletin,
  type SweepSignal,
} from "../../../lib/contract/incidents.ts";
import { channelOf, isListable } from "../../core/channels.ts";
import { dueNotification } from "../../core/due-notification.ts";
import { type Firing, type Incident, isOfBulletin, type Resolved } from "../../core/incident.ts";
import type { ChannelPolicy, Policy } from "../../core/policy.ts";
import type { ClusterView } from "./view.ts";

interface Seen {
  readonly clusters: readonly Pick<ClusterView, "incidents">[];
  readonly backend: readonly Incident[];
  readonly policy: Policy;
  readonly nowMs: number;
}

type Opened = Firing | Resolved;

const isOpened = (incident: Incident): incident is Opened => incident.state !== "recovered-before-onset";

function digestOf(backend: readonly Incident[], bin: number): Opened | undefined {
  const found = backend.find(({ id }) => id.kind === "digest" && id.subject === bin);
  return found !== undefined && isOpened(found) ? found : undefined;
}

/** The bins of the digests that channels of today's configuration wait for. */
export const awaitedBins = (incident: Incident, { channels }: Policy): readonly number[] =>
  isOpened(incident)
    ? [...new Set(channels.flatMap((own) => channelOf(incident, own, channels).awaits ?? []))]
    : [];

const entriesOf = ({ facts }: Opened): readonly DigestEntry[] =>
  facts.kind === "digest" ? facts.entries : [];

/** One signal for each bin whose digest is due, or was due and is not out. */
export function digestSignals({ clusters, backend, policy, nowMs }: Seen): readonly SweepSignal[] {
  const members = clusters.flatMap(({ incidents }) => incidents).filter(isOpened);
  const awaited = members.flatMap((incident) => awaitedBins(incident, policy));
  const stored = backend.filter(isOpened).filter(({ id }) => id.kind === "digest");
  const bins = new Set([...awaited, ...stored.map(({ id }) => id.subject)]);
  return [...bins]
    .sort((x, y) => x - y)
    .filter((bin) => nowMs >= bin * 1_000 + DIGEST_BIN_MS + DIGEST_DELAY_MS)
    .flatMap((bin) => {
      const digest = digestOf(backend, bin);
      if (digest !== undefined && !isDue(digest, policy, nowMs)) return [];
      const incidents =
        digest === undefined
          ? inCompany(
              members
                .filter((incident) => isListed(incident, bin, policy))
                .map((incident) => entryOf(incident, policy)),
            )
          : entriesOf(digest);
      return [
        {
          source: "sweep",
          type: "digest",
          received_at: nowMs,
          bin,
          incidents: incidents.slice(0, DIGEST_ENTRIES_MAX),
        } as const,
      ];
    });
}

/** What a channel is still to be told of an episode before is told singly, and so is all that comes after it. */
const isListed = (incident: Opened, bin: number, policy: Policy): boolean =>
  awaitedBins(incident, policy).includes(bin) && isListable(incident, policy.channels);

const isDue = (digest: Opened, policy: Policy, nowMs: number): boolean =>
  policy.channels.some((channel) => dueNotification(digest, channel, policy, nowMs).send);

/** The end of one alone needs no digest: nothing is listed, and it is told singly. */
const inCompany = (entries: readonly DigestEntry[]): readonly DigestEntry[] =>
  entries.length === 1 && entries[0]?.told === true ? [] : entries;

function entryOf(incident: Opened, { channels }: Policy): DigestEntry {
  const { id, state, episode, facts } = incident;
  const isTold = channels.some((own) => {
    const { told } = channelOf(incident, own, channels);
    return told?.about.number === episode.number && told.kind !== "resolved";
  });
  if (isBulletin(id.kind) || isOfBulletin(facts)) throw new Error("a digest lists no digest");
  return {
    cluster_id: id.clusterId,
    kind: id.kind,
    subject: id.subject,
    episode: episode.number,
    state,
    since_ms: episode.sinceMs,
    ...(episode.untilMs === undefined ? {} : { until_ms: episode.untilMs }),
    ...(isTold ? { told: true as const } : {}),
    ...(episode.removed === undefined ? {} : { removed: episode.removed }),
    facts,
  };
}

/** What became of the digest that this incident waits for; undefined: it waits for none, or that is still to come. */
export const digestNews = (
  incident: Opened,
  backend: readonly Incident[],
  policy: Policy,
): DigestNews | undefined =>
  awaitedBins(incident, policy)
    .map((bin) => newsOf(incident, bin, backend, policy.channels))
    .find((news) => news !== undefined);

function newsOf(
  { id }: Opened,
  bin: number,
  backend: readonly Incident[],
  channels: readonly ChannelPolicy[],
): DigestNews | undefined {
  const digest = digestOf(backend, bin);
  if (digest === undefined) return undefined;
  const entry = entriesOf(digest).find(
    ({ cluster_id, kind, subject }) =>
      cluster_id === id.clusterId && kind === id.kind && subject === id.subject,
  );
  if (entry === undefined) return { listed: false, bin };
  const told = channels.flatMap((own) => {
    const { told } = channelOf(digest, own, channels);
    return told === undefined ? [] : [[own.id, told] as const];
  });
  if (told.length === 0) return undefined;
  return {
    listed: true,
    bin,
    episode: entry.episode,
    since_ms: entry.since_ms,
    over: entry.state === "resolved",
    told_at_ms: Object.fromEntries(told.map(([id, { atMs }]) => [id, atMs])),
    told_to: Object.fromEntries(told.flatMap(([id, { to }]) => (to === undefined ? [] : [[id, [...to]]]))),
  };
}
