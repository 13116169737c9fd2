/** An incident that sees signals one after the other. */
import type { Incident } from "../../../lambda/core/incident.ts";
import { observe, type Signal, type Surroundings } from "../../../lambda/core/observe.ts";
import type { IncidentId } from "../../../lib/contract/incidents.ts";
import type { DeliveredEvent } from "../../../lib/contract/messages.ts";
import { inputOf, NOON_MS } from "../send_cluster_mail/support/fixtures.ts";

export const id: IncidentId = { clusterId: "kitchen", kind: "node-dead", subject: 0 };
export const usual: Surroundings = { channels: [{ id: "any-time", to: [] }], storm: false, clockMs: NOON_MS };

/** What is known after a signal, and whether that is something else than before. */
export const sees = (known: Incident | undefined, signal: Signal, surroundings = usual) => {
  const { next, unmoved } = observe(id, known, signal, surroundings);
  return {
    known: next === undefined ? known : { ...next, rev: next.rev + 1 },
    changed: next !== undefined,
    unmoved,
  };
};
/** What is known after these events, from nothing. */
export const knownAfter = (...events: readonly DeliveredEvent[]): Incident | undefined =>
  events.reduce<Incident | undefined>((known, event) => sees(known, inputOf(event).signal).known, undefined);
