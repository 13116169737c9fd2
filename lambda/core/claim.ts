/** The right to send one mail to one channel. */
import { CLAIM_LEASE_MS } from "../../lib/contract/time-limits.ts";
import type { DueNotification } from "./due-notification.ts";
import { channelOf, type Firing, type Incident, type Resolved } from "./incident.ts";

/** The incident with the mail claimed. @param nowMs the invocation's own clock */
export function claimed(
  incident: Firing | Resolved,
  channelId: string,
  { kind, about, flapping, reminders, claims, priorUnconfirmed, facts }: DueNotification,
  claimId: string,
  nowMs: number,
): Firing | Resolved {
  const channel = channelOf(incident, channelId);
  const claim = {
    id: claimId,
    untilMs: nowMs + CLAIM_LEASE_MS,
    claims: claims + 1,
    kind,
    about,
    flapping,
    reminders,
    priorUnconfirmed,
    ...(facts === undefined ? {} : { facts }),
  };
  return { ...incident, channels: { ...incident.channels, [channelId]: { ...channel, claim } } };
}

/** Whose claim a channel holds. */
export const claimIdOf = (incident: Incident | undefined, channelId: string): string | undefined =>
  incident === undefined || incident.state === "recovered-before-onset"
    ? undefined
    : incident.channels[channelId]?.claim?.id;
