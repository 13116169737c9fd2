/** How an incident's channels change together, when it begins, ends or waits for a digest. */
import type { Channel, Episode, Notification } from "./incident.ts";
import type { ChannelPolicy } from "./policy.ts";

/** The channels, each changed. */
export const mapChannels = (
  channels: Readonly<Record<string, Channel>>,
  change: (channel: Channel, id: string) => Channel,
): Readonly<Record<string, Channel>> =>
  Object.fromEntries(Object.entries(channels).map(([id, channel]) => [id, change(channel, id)]));

/** What was told of the episode, or is being told, learns that it is over. */
export function ended(channel: Channel, episode: Episode): Channel {
  const amend = <T extends Notification>(notification: T): T =>
    notification.about.number === episode.number ? { ...notification, about: episode } : notification;
  return {
    ...channel,
    ...(channel.told === undefined ? {} : { told: amend(channel.told) }),
    ...(channel.claim === undefined ? {} : { claim: amend(channel.claim) }),
  };
}

/** Whether the channel is told only of what nobody answers. */
export const isEscalated = (id: string, all: readonly ChannelPolicy[]): boolean =>
  all.some((own) => own.id === id && own.afterMs !== undefined);

/** Each waits for the digest, except those that get none. */
export const awaiting = (
  channels: Readonly<Record<string, Channel>>,
  all: readonly ChannelPolicy[],
  bin: number,
): Readonly<Record<string, Channel>> =>
  mapChannels(channels, (one, id) => (isEscalated(id, all) ? one : { ...one, awaits: bin }));

/** A channel that was not told of an episode, and will not be. */
export const settled = (channel: Channel, number: number): Channel =>
  channel.claim === undefined && channel.through < number ? { ...channel, through: number } : channel;
