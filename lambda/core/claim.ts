/** The right to send one mail to one channel. */
import { CLAIM_LEASE_MS } from "../../lib/contract/time-limits.ts";
import { channelOf, ofConfigured } from "./channels.ts";
import type { DueNotification } from "./due-notification.ts";
import type { Firing, Incident, Resolved } from "./incident.ts";
import type { ChannelPolicy } from "./policy.ts";

/** The incident with the mail claimed. @param all the channels of the configuration @param nowMs the invocation's own clock */
export function claimed(
  incident: Firing | Resolved,
  own: ChannelPolicy,
  all: readonly ChannelPolicy[],
  {
    kind,
    about,
    flapping,
    reminders,
    claims,
    priorUnconfirmed,
    to,
    only,
    facts,
    acknowledgedMs,
  }: DueNotification,
  claimId: string,
  nowMs: number,
): Firing | Resolved {
  const channel = channelOf(incident, own, all);
  const claim = {
    id: claimId,
    untilMs: nowMs + CLAIM_LEASE_MS,
    claims: claims + 1,
    kind,
    about,
    flapping,
    reminders,
    priorUnconfirmed,
    to,
    ...(only === undefined ? {} : { only }),
    ...(facts === undefined ? {} : { facts }),
    ...(acknowledgedMs === undefined ? {} : { acknowledgedMs }),
  };
  return {
    ...incident,
    channels: { ...ofConfigured(incident, all, nowMs), [own.id]: { ...channel, claim } },
  };
}

/** Whose claim a channel holds. */
export const claimIdOf = (incident: Incident | undefined, channelId: string): string | undefined =>
  incident === undefined || incident.state === "recovered-before-onset"
    ? undefined
    : incident.channels[channelId]?.claim?.id;
