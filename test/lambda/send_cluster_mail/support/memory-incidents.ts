/** Incidents without a database: the same conditional writes, held to the same laws as the adapter. */
import { confirmed } from "../../../../lambda/core/channels.ts";
import type { Incident } from "../../../../lambda/core/incident.ts";
import type { Heard, Neighbour } from "../../../../lambda/core/neighbourhood.ts";
import type { Incidents } from "../../../../lambda/send_cluster_mail/core/ports.ts";
import { neighbourOf } from "../../../../lambda/sweep_clusters/core/view.ts";
import { type IncidentId, isBulletin } from "../../../../lib/contract/incidents.ts";
import { incidentKey } from "../../../../lib/contract/tables.ts";

const keyOf = (id: IncidentId) => `${id.clusterId} ${incidentKey(id)}`;

/** @param heard newest readings of a cluster @default none is known */
export function memoryIncidents(
  heard: (clusterId: string) => readonly Heard[] = () => [],
): Incidents & { readonly items: Map<string, Incident> } {
  const items = new Map<string, Incident>();
  /** The claim that a channel's last confirmation was for, as long as nothing else was written. */
  const justConfirmed = new Map<string, string>();

  const othersOf = (id: IncidentId): readonly Neighbour[] =>
    [...items.values()].flatMap((other) =>
      other.id.clusterId === id.clusterId && keyOf(other.id) !== keyOf(id) && !isBulletin(other.id.kind)
        ? (neighbourOf(other) ?? [])
        : [],
    );

  return {
    items,
    load: async (id) => ({
      known: items.get(keyOf(id)),
      neighbourhood: { others: othersOf(id), heard: heard(id.clusterId) },
    }),
    async write(known, next) {
      const key = keyOf(next.id);
      if (items.get(key)?.rev !== known?.rev) return "changed-meanwhile";
      items.set(key, next);
      justConfirmed.delete(key);
      return "written";
    },
    async confirm(id, channelId, claimId, atMs) {
      const key = keyOf(id);
      const found = items.get(key);
      if (found === undefined || found.state === "recovered-before-onset") return "claim-lost";
      const channel = found.channels[channelId];
      const again = justConfirmed.get(key) === claimId;
      if (channel === undefined || (channel.claim?.id !== claimId && !again)) return "claim-lost";
      const told = confirmed(channel, atMs);
      const next = { ...found, rev: found.rev + 1, channels: { ...found.channels, [channelId]: told } };
      items.set(key, next);
      justConfirmed.set(key, claimId);
      return next;
    },
  };
}
