/** Escalation: when a channel with `afterMs` hears of an incident that nobody has answered. */
import { channelOf } from "./channels.ts";
import type { Firing, Resolved } from "./incident.ts";
import { type ChannelPolicy, toldAtOnce } from "./policy.ts";
import { firingToldByMs } from "./reminders.ts";

/** As often as Lambda makes an attempt: a mail that was tried so often in vain cannot be delivered for now. */
export const TRIES = 3;

/**
 * When the episode is escalated to a channel, epoch ms: `afterMs` after the first FIRING mail to a channel without
 * `afterMs`. Where such a mail was tried in vain, the time counts from the opening: otherwise nobody would hear of it.
 * @param all the channels of the configuration
 * @returns undefined: nobody has been told of the episode yet
 */
export function escalatesAtMs(
  incident: Firing | Resolved,
  { afterMs = 0 }: ChannelPolicy,
  all: readonly ChannelPolicy[],
): number | undefined {
  const { number, openedMs } = incident.episode;
  const others = toldAtOnce(all).map((own) => channelOf(incident, own, all));
  // Reminders go on while it flaps: the FIRING mail before them may be of an earlier episode.
  const toldMs = others.flatMap(({ told }) =>
    told?.about.number === number && told.kind !== "resolved"
      ? [Math.max(openedMs, firingToldByMs(told))]
      : [],
  );
  if (toldMs.length > 0) return Math.min(...toldMs) + afterMs;
  const isInVain = others.some(({ claim }) => claim?.about.number === number && claim.claims >= TRIES);
  return isInVain ? openedMs + afterMs : undefined;
}
