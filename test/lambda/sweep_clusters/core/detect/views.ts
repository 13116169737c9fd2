/** A cluster as a sweep sees it, which tests vary one field at a time. */
import type { Firing } from "../../../../../lambda/core/incident.ts";
import {
  type ClusterView,
  type Heartbeat,
  NO_MEMORY,
} from "../../../../../lambda/sweep_clusters/core/view.ts";
import type { IncidentKind } from "../../../../../lib/contract/incidents.ts";
import { MINUTE_MS, NOON_MS } from "../../../send_cluster_mail/support/fixtures.ts";
import { FACTS } from "../../../send_cluster_mail/support/mail-contexts.ts";

export const PERIOD_MS = 15 * MINUTE_MS;

/** Received at noon + `minute`, measured a second before. */
export const heartbeat = (node: number, minute: number, changes: Partial<Heartbeat> = {}): Heartbeat => ({
  node,
  receivedMs: NOON_MS + minute * MINUTE_MS,
  measuredMs: NOON_MS + minute * MINUTE_MS - 1_000,
  sleepS: 900,
  temperatureC: 20,
  batteryMv: 5_200,
  term: 3,
  unwritableEeproms: 0,
  suspects: 0,
  ...changes,
});

export const view = (...heartbeats: readonly Heartbeat[]): ClusterView => ({
  clusterId: "kitchen",
  heartbeats,
  incidents: [],
  batteries: new Map(),
  memory: NO_MEMORY,
});

/** An incident that fires since noon + `minute`. */
export const firing = (kind: IncidentKind, subject: number, minute: number, term = 0): Firing => {
  const sinceMs = NOON_MS + minute * MINUTE_MS;
  return {
    state: "firing",
    id: { clusterId: "kitchen", kind, subject },
    rev: 1,
    episode: { number: 1, thread: 1, sinceMs, openedMs: sinceMs },
    since: { term, atMs: sinceMs },
    changedMs: sinceMs,
    flaps: 0,
    facts: FACTS[kind],
    channels: {},
  };
};
