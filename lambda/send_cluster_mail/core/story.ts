/** What a mail says, in plain words, before it is text or HTML. */
import type { DeliveredEvent } from "../../../lib/contract/messages.ts";
import { clusterTable, type NodeRow, standbysOf } from "./cluster-table.ts";
import type { ClusterConfig, Config } from "./config.ts";
import type { Send } from "./decide.ts";
import type { Episode, Incident, MailKind, Telling } from "./incident.ts";
import { span, utc } from "./instants.ts";

export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

export interface Story {
  readonly kind: MailKind;
  readonly subject: string;
  readonly headline: string;
  /** What the reader should know about the mail itself, before its content. */
  readonly notices: readonly string[];
  readonly sections: readonly Section[];
  readonly table: { readonly title: string; readonly rows: readonly NodeRow[] };
  readonly runbookUrl: string;
  readonly footer: string;
}

/** The mail owed by an incident that has just been claimed. */
export function tellingOf(incident: Incident): Telling {
  const telling = incident.state === "firing" ? incident.telling : incident.last?.telling;
  if (telling === undefined) throw new Error("a tombstone owes no mail");
  return telling;
}

function episodeOf(incident: Incident): Episode {
  if (incident.state === "firing") return { since: incident.since, until: incident.since };
  if (incident.last === undefined) throw new Error("a tombstone has no episode");
  return incident.last.episode;
}

const list = (nodes: readonly number[]): string =>
  nodes.length === 1 ? `Node ${nodes[0]}` : `Nodes ${nodes.slice(0, -1).join(", ")} and ${nodes.at(-1)}`;

const takesOver = (event: DeliveredEvent): string => {
  const { primary } = event.state;
  if (event.took_over) return `node ${event.node} took over`;
  return primary === null ? "no node is primary" : `node ${primary} is still primary`;
};

function stillWorks(event: DeliveredEvent, cluster: ClusterConfig | undefined): readonly string[] {
  const { primary } = event.state;
  const standbys = standbysOf(event, cluster);
  const first =
    primary === null
      ? "No node is primary: nothing is being measured."
      : `Node ${primary} is primary and measuring.`;
  if (standbys.length > 0)
    return [first, `${list(standbys)} ${standbys.length === 1 ? "is" : "are"} on standby.`];
  const risk = primary === null ? "" : `: if node ${primary} stops too, nothing is measured`;
  return [first, `There is no standby left${risk}.`];
}

function notices(event: DeliveredEvent, telling: Telling, config: Config): readonly string[] {
  const cluster = config.clusters.get(event.cluster_id);
  const found: string[] = [];
  if (telling.claims > 1)
    found.push("Possible duplicate: an earlier attempt at this mail was cut off, and may have sent it.");
  if (telling.priorUnconfirmed)
    found.push("The mail before this one may not have reached you: its sending was cut off.");
  if (cluster === undefined)
    found.push(
      `Cluster ${event.cluster_id} is not in the configuration: add it, or revoke its certificates.`,
    );
  const beyond = [event.subject, event.node].find((node) => cluster !== undefined && node >= cluster.nodes);
  if (cluster !== undefined && beyond !== undefined)
    found.push(`The configuration gives this cluster ${cluster.nodes} nodes, without node ${beyond}.`);
  return found;
}

function firingSections(event: DeliveredEvent, since: number, cluster: ClusterConfig | undefined): Section[] {
  const { subject, node, received_at } = event;
  const seen = event.state.last_seen.find((entry) => entry.node === subject)?.at ?? null;
  const every = cluster === undefined ? "" : ` (checks are ${span(cluster.sleepS * 1_000)} apart)`;
  return [
    {
      title: "What happened",
      lines: [
        `Node ${subject} of cluster ${event.cluster_id} showed no sign of life at node ${node}'s checks${every}. ` +
          `Node ${node} holds it to be dead; ${takesOver(event)}.`,
      ],
    },
    {
      title: "Since when",
      lines: [
        `Reported dead at ${utc(since)}, ${span(received_at - since)} before this mail.`,
        ...(seen === null ? [] : [`Last seen alive at ${utc(Date.parse(seen))}.`]),
      ],
    },
    { title: "What still works", lines: stillWorks(event, cluster) },
    {
      title: "What to do",
      lines: [
        `Look at node ${subject}: power, batteries, wiring; then reset it.`,
        `If it stays out, call reset_node(${subject}) at the prompt of a running node.`,
      ],
    },
  ];
}

function resolvedSections(
  event: DeliveredEvent,
  { since, until }: Episode,
  cluster: ClusterConfig | undefined,
): Section[] {
  return [
    {
      title: "What happened",
      lines: [
        `Node ${event.subject} of cluster ${event.cluster_id} is a member again, says node ${event.node}.`,
      ],
    },
    {
      title: "Since when",
      lines: [`It was out from ${utc(since.atMs)} to ${utc(until.atMs)}: ${span(until.atMs - since.atMs)}.`],
    },
    { title: "What works", lines: stillWorks(event, cluster) },
    { title: "What to do", lines: ["Nothing. If this node stops again and again, see the runbook."] },
  ];
}

/** @param decision the send that was claimed for this event */
export function tell(decision: Send, event: DeliveredEvent, config: Config): Story {
  const { cluster_id, subject } = event;
  const cluster = config.clusters.get(cluster_id);
  const episode = episodeOf(decision.next);
  const firing = decision.kind === "firing";
  const headline = firing ? `node ${subject} stopped, ${takesOver(event)}` : `node ${subject} is back`;
  const runbook = new URL(config.runbookUrl);
  runbook.hash = "node-dead";
  return {
    kind: decision.kind,
    subject: `[ha2m] ${firing ? "FIRING" : "RESOLVED"} ${cluster_id}: ${headline}`,
    headline: `${headline[0]!.toUpperCase()}${headline.slice(1)}`,
    notices: notices(event, tellingOf(decision.next), config),
    sections: firing
      ? firingSections(event, episode.since.atMs, cluster)
      : resolvedSections(event, episode, cluster),
    table: {
      title: `Cluster ${cluster_id}, as node ${event.node} sees it`,
      rows: clusterTable(event, cluster),
    },
    runbookUrl: runbook.href,
    footer: firing
      ? "You get one more mail about this, when it is over."
      : "This closes the incident; a new one starts only if the node stops again.",
  };
}
