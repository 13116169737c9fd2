/** Incidents without a database: the same conditional writes, held to the same laws as the adapter. */
import type { Incident } from "../../../../lambda/send_cluster_mail/core/incident.ts";
import type { IncidentId } from "../../../../lambda/send_cluster_mail/core/mail.ts";
import type { Incidents } from "../../../../lambda/send_cluster_mail/core/ports.ts";

const keyOf = ({ clusterId, itemKey }: IncidentId) => `${clusterId} ${itemKey}`;

function told(incident: Incident, claimId: string): Incident | undefined {
  const telling = incident.state === "firing" ? incident.telling : incident.last?.telling;
  if (telling?.claimId !== claimId) return undefined;
  const rev = incident.rev + 1;
  const done = { ...telling, told: true };
  if (incident.state === "firing") return { ...incident, rev, telling: done };
  return { ...incident, rev, last: { ...incident.last!, telling: done } };
}

export function memoryIncidents(): Incidents & { readonly items: Map<string, Incident> } {
  const items = new Map<string, Incident>();
  return {
    items,
    load: async (id) => items.get(keyOf(id)),
    async write(id, known, next) {
      if (items.get(keyOf(id))?.rev !== known?.rev) return "changed-meanwhile";
      items.set(keyOf(id), next);
      return "written";
    },
    async confirm(id, claimId) {
      const found = items.get(keyOf(id));
      const next = found && told(found, claimId);
      if (next === undefined) return "claim-lost";
      items.set(keyOf(id), next);
      return "confirmed";
    },
  };
}
