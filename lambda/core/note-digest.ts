/** What an incident learns of the digest that it waited for. */
import type { DigestNews } from "../../lib/contract/incidents.ts";
import { channelOf, ofConfigured, toldOf } from "./channels.ts";
import type { Channel, Episode, Firing, Resolved } from "./incident.ts";
import type { ChannelPolicy } from "./policy.ts";

/**
 * What a digest has told counts as told; what it left out is told singly.
 * @param all the channels of the configuration
 * @param clockMs the invocation's own clock, epoch ms
 * @returns undefined: the incident knows
 */
export function noteDigest(
  known: Firing | Resolved,
  news: DigestNews,
  all: readonly ChannelPolicy[],
  clockMs: number,
): Firing | Resolved | undefined {
  const settled = all.flatMap((own): (readonly [string, Channel])[] => {
    const { id } = own;
    const { awaits, ...free } = channelOf(known, own, all);
    if (awaits !== news.bin) return [];
    if (!news.listed) return [[id, free]];
    const atMs = news.told_at_ms[id];
    if (atMs === undefined) return [];
    const kind = news.over ? "resolved" : "firing";
    const mail = { kind, about: toldEpisode(known, news), flapping: false, reminders: 0 } as const;
    return [
      [
        id,
        {
          ...toldOf(free, mail, atMs, news.told_to?.[id] ?? own.to),
          ...(free.claim === undefined ? {} : { claim: free.claim }),
        },
      ],
    ];
  });
  return settled.length === 0
    ? undefined
    : {
        ...known,
        channels: { ...ofConfigured(known, all, clockMs), ...Object.fromEntries(settled) },
      };
}

/** The episode that a digest listed. One that has been followed by another ended at the newest recovery before that. */
function toldEpisode(known: Firing | Resolved, news: DigestNews & { listed: true }): Episode {
  if (known.episode.number === news.episode) return known.episode;
  const untilMs = known.recovered?.atMs ?? known.changedMs;
  return {
    number: news.episode,
    thread: news.episode,
    sinceMs: news.since_ms,
    openedMs: news.since_ms,
    untilMs,
    closedMs: untilMs,
  };
}
