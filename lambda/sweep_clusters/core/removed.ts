/**
 * Nodes and clusters that were taken out of the configuration: what fires of them is over. Nobody is left who would report
 * its end, and an incident that fires is kept for ever.
 */
import { type IncidentId, NODE_KINDS } from "../../../lib/contract/incidents.ts";
import { isOfChip } from "../../../lib/contract/messages.ts";
import type { Firing, Incident } from "../../core/incident.ts";
import type { Policy } from "../../core/policy.ts";
import { isQuiet } from "../../core/quiet-hours.ts";
import type { Finding } from "./finding.ts";
import { type ClusterView, type Heartbeat, newestOf } from "./view.ts";

/** Nodes of each cluster of the configuration, by its id. */
type Nodes = ReadonlyMap<string, number>;

/**
 * Not heard for so long, and out of the configuration, it is gone. What is still heard was forgotten rather than taken out,
 * and its mails say so. Ms.
 */
const GONE_MS = 86_400_000;

const ABOUT_NODES: readonly IncidentId["kind"][] = NODE_KINDS;

/** Of a chip, at whatever address it answers, and not of a node. */
const isAboutChip = (incident: Incident | undefined): boolean =>
  incident !== undefined &&
  incident.state !== "recovered-before-onset" &&
  incident.facts.kind === "setup-fault" &&
  isOfChip(incident.facts.problem);

const isOutside = ({ clusterId, kind, subject }: IncidentId, nodes: Nodes): boolean =>
  ABOUT_NODES.includes(kind) && subject >= (nodes.get(clusterId) ?? Number.POSITIVE_INFINITY);

/** Whether an incident is about a node that the configuration of its cluster does not have. */
export const isRemoved = (incident: Incident, nodes: Nodes): boolean =>
  isOutside(incident.id, nodes) && !isAboutChip(incident);

const isUnheard = (last: Heartbeat | undefined, nowMs: number): boolean =>
  last === undefined || last.receivedMs <= nowMs - GONE_MS;

const isNodeUnheard = ({ heartbeats }: ClusterView, node: number, nowMs: number): boolean =>
  isUnheard(
    heartbeats.find((one) => one.node === node),
    nowMs,
  );

/**
 * The published protocol reports a death at each wake of the primary, without a term: ended, it would begin again within
 * the quarter of an hour.
 */
const isRepeated = ({ id, since }: Firing): boolean => id.kind === "node-dead" && since.term === 0;

function endOf(incident: Incident, nowMs: number): readonly Finding[] {
  if (incident.state !== "firing" || isRepeated(incident)) return [];
  const { id, episode, since, renewed } = incident;
  if (episode.openedMs > nowMs - GONE_MS) return [];
  const { kind, subject } = id;
  if (kind === "digest" || kind === "weekly") return [];
  const term = Math.max(since.term, renewed?.term ?? 0);
  return [{ kind, subject, fires: false, removed: true, order: { term, atMs: nowMs } }];
}

/**
 * The findings without those of nodes that are gone, whose last reading stays in the table; and the ends of what fires of
 * such nodes.
 */
export function withoutRemoved(
  findings: readonly Finding[],
  cluster: ClusterView,
  nodes: Nodes,
  nowMs: number,
): readonly Finding[] {
  const { clusterId, incidents } = cluster;
  const known = ({ kind, subject }: Pick<IncidentId, "kind" | "subject">) =>
    incidents.find(({ id }) => id.kind === kind && id.subject === subject);
  const isGone = ({ kind, subject }: Pick<IncidentId, "kind" | "subject">): boolean =>
    isOutside({ clusterId, kind, subject }, nodes) &&
    !isAboutChip(known({ kind, subject })) &&
    isNodeUnheard(cluster, subject, nowMs);
  const ends = incidents.filter(({ id }) => isGone(id)).flatMap((one) => endOf(one, nowMs));
  return [...findings.filter((one) => !isGone(one)), ...ends];
}

/**
 * Ends of what fires of a cluster that was taken out. Its mails are not looked after and wait for nothing: so the ends are
 * given while nobody has quiet hours.
 */
export function endsOfRemoved(cluster: ClusterView, { channels }: Policy, nowMs: number): readonly Finding[] {
  const isNight = channels.some(({ quiet }) => quiet !== undefined && isQuiet(quiet, nowMs));
  if (isNight || !isUnheard(newestOf(cluster.heartbeats), nowMs)) return [];
  return cluster.incidents.flatMap((one) => endOf(one, nowMs));
}

/** Clusters that sweeps have seen and the configuration does not have. */
export const removedClusters = (known: readonly string[], nodes: Nodes): readonly string[] =>
  known.filter((cluster) => !nodes.has(cluster));

/**
 * The clusters that the next sweep has to know of: those of the configuration, and those that were taken out of it with
 * something that still fires, or that could not be read.
 * @returns the same list where nothing has changed
 */
export function knownClusters(
  known: readonly string[],
  nodes: Nodes,
  removed: readonly ClusterView[],
): readonly string[] {
  const isDone = (id: string): boolean =>
    removed.some(
      ({ clusterId, incidents }) => clusterId === id && incidents.every(({ state }) => state !== "firing"),
    );
  const left = removedClusters(known, nodes).filter((id) => !isDone(id));
  const next = [...nodes.keys(), ...left].sort();
  return next.join() === known.join() ? known : next;
}
