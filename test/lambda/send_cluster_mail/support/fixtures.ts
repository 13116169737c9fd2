/** Events, configuration and a moment that tests vary one field at a time. */

import { ALONE } from "../../../../lambda/core/neighbourhood.ts";
import { type Config, parseConfig } from "../../../../lambda/send_cluster_mail/core/config.ts";
import type { Moment } from "../../../../lambda/send_cluster_mail/core/decide-mail.ts";
import { type Input, parseInput } from "../../../../lambda/send_cluster_mail/core/input.ts";
import type { ClusterState, DeliveredEvent } from "../../../../lib/contract/messages.ts";

export const NOON_MS = Date.parse("2026-01-01T12:00:00.000Z");
export const MINUTE_MS = 60_000;

export const state: ClusterState = {
  primary: 1,
  suspects: [],
  dead: [0],
  never_admitted: [],
  last_seen: [{ node: 0, at: "2026-01-01T11:30:00.000Z" }],
};

type Changes = Partial<Omit<DeliveredEvent, "at">> & { readonly minute?: number };

/** A death of node 0, reported by node 1 at noon + `minute`, received five seconds later. */
export function death({ minute = 0, ...changes }: Changes = {}): DeliveredEvent {
  const atMs = NOON_MS + minute * MINUTE_MS;
  return {
    v: 1,
    type: "node_dead",
    subject: 0,
    term: 0,
    seq: 7,
    at: new Date(atMs).toISOString(),
    took_over: true,
    state,
    cluster_id: "kitchen",
    node: 1,
    received_at: atMs + 5_000,
    original_base64: "e30=",
    ...changes,
  };
}

/** The recovery of node 0. */
export const recovery = (changes: Changes = {}): DeliveredEvent =>
  death({ type: "node_admitted", took_over: false, state: { ...state, dead: [] }, ...changes });

export const environment = {
  CLUSTERS_TABLE: "clusters",
  MAIL_FROM: "ha2m@example.org",
  MAIL_TO: "me@example.org, you@example.org",
  CLUSTERS: '{"kitchen":{"nodes":2,"sleep_s":900},"shed":{"nodes":4,"sleep_s":900}}',
  RUNBOOK_URL: "https://example.org/RUNBOOK.md",
};
export const config: Config = parseConfig(environment);

/** The moment at which an event is decided, `afterMs` later on the invocation's clock. */
export const momentOf = (event: DeliveredEvent, claimId = "mine", afterMs = 0): Moment => ({
  clockMs: event.received_at + afterMs,
  claimId,
  policy: config.policy,
  neighbourhood: ALONE,
  storm: false,
});

export const SWEEP_MS = 15 * MINUTE_MS;

/** An event as the function understands it. */
export const inputOf = (event: DeliveredEvent): Input => parseInput(event, SWEEP_MS);
