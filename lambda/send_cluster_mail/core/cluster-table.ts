/** The cluster as a table: one row a node, as the reporting node sees it. */
import type { DeliveredEvent } from "../../../lib/contract/messages.ts";
import type { ClusterConfig } from "./config.ts";
import { utc } from "./instants.ts";
import { orderOf } from "./order.ts";

export interface NodeRow {
  readonly node: number;
  readonly role: string;
  readonly lastSeen: string;
}

/** Seats of the configuration, and every node that the event speaks of, by number. */
export function nodesOf(event: DeliveredEvent, cluster: ClusterConfig | undefined): readonly number[] {
  const { primary, suspects, dead, never_admitted, last_seen } = event.state;
  const seats = Array.from({ length: cluster?.nodes ?? 0 }, (_, node) => node);
  const spokenOf = [event.node, event.subject, ...suspects, ...dead, ...never_admitted];
  const seen = last_seen.map(({ node }) => node);
  const all = new Set([...seats, ...spokenOf, ...seen, ...(primary === null ? [] : [primary])]);
  return [...all].sort((x, y) => x - y);
}

/** Nodes that would take over if the primary stopped. */
export function standbysOf(event: DeliveredEvent, cluster: ClusterConfig | undefined): readonly number[] {
  const { primary, suspects, dead, never_admitted } = event.state;
  const out = new Set([...dead, ...never_admitted, ...suspects, ...(primary === null ? [] : [primary])]);
  return nodesOf(event, cluster).filter((node) => !out.has(node));
}

// The first that applies counts: an empty seat is in `dead` as well, and a dead node is never primary to a reader.
function roleOf(node: number, { state }: DeliveredEvent): string {
  if (state.never_admitted.includes(node)) return "empty seat";
  if (state.dead.includes(node)) return "dead";
  if (state.primary === node) return "primary";
  return state.suspects.includes(node) ? "standby, suspected" : "standby";
}

function lastSeenOf(node: number, event: DeliveredEvent): string {
  if (node === event.node) return utc(orderOf(event).atMs);
  if (event.state.never_admitted.includes(node)) return "never";
  const seen = event.state.last_seen.find((entry) => entry.node === node);
  if (seen === undefined) return "not reported";
  return seen.at === null ? `not since node ${event.node} started` : utc(Date.parse(seen.at));
}

/** Rows by node number. The reporter was last seen when it reported. */
export const clusterTable = (event: DeliveredEvent, cluster: ClusterConfig | undefined): readonly NodeRow[] =>
  nodesOf(event, cluster).map((node) => ({
    node,
    role: roleOf(node, event),
    lastSeen: lastSeenOf(node, event),
  }));
