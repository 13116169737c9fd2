/** A node was marked dead by another one. */
import type { Facts } from "../../../../../lib/contract/incidents.ts";
import { span } from "../../../../core/instants.ts";
import type { Table } from "../mail-content.ts";
import { beforeThisMail, type MailTemplate, NOTHING_TO_DO, type Setting } from "../mail-template.ts";
import { capital, nodesText } from "../words.ts";

type NodeDead = Extract<Facts, { kind: "node-dead" }>;
type Event = NodeDead["event"];

/** Seats of the configuration, and every node that the event speaks of, by number. */
function nodesOf(event: Event, { cluster }: Setting): readonly number[] {
  const { primary, suspects, dead, never_admitted, last_seen } = event.state;
  const seats = Array.from({ length: cluster?.nodes ?? 0 }, (_, node) => node);
  const spokenOf = [event.node, event.subject, ...suspects, ...dead, ...never_admitted];
  const seen = last_seen.map(({ node }) => node);
  const all = new Set([...seats, ...spokenOf, ...seen, ...(primary === null ? [] : [primary])]);
  return [...all].sort((x, y) => x - y);
}

/** Nodes that would take over if the primary stopped. */
function standbysOf(event: Event, setting: Setting): readonly number[] {
  const { primary, suspects, dead, never_admitted } = event.state;
  const out = new Set([...dead, ...never_admitted, ...suspects, ...(primary === null ? [] : [primary])]);
  return nodesOf(event, setting).filter((node) => !out.has(node));
}

// The first that applies counts: an empty seat is in `dead` as well, and a dead node is never primary to a reader.
function roleOf(node: number, { state }: Event): string {
  if (state.never_admitted.includes(node)) return "empty seat";
  if (state.dead.includes(node)) return "dead";
  if (state.primary === node) return "primary";
  return state.suspects.includes(node) ? "standby, suspected" : "standby";
}

/** The reporter's clock may run ahead; nothing was seen after the mail. */
const reportedAtMs = (event: Event, { nowMs }: Setting): number => Math.min(Date.parse(event.at), nowMs);

function lastSeenOf(node: number, event: Event, setting: Setting): string {
  if (node === event.node) return setting.time(reportedAtMs(event, setting));
  if (event.state.never_admitted.includes(node)) return "never";
  const seen = event.state.last_seen.find((entry) => entry.node === node);
  if (seen === undefined) return "not reported";
  return seen.at === null ? `not since node ${event.node} started` : setting.time(Date.parse(seen.at));
}

function tableOf(event: Event, setting: Setting): Table {
  return {
    title: `The cluster as node ${event.node} saw it at ${setting.time(reportedAtMs(event, setting))}`,
    columns: ["Node", "Role", "Last seen"],
    rows: nodesOf(event, setting).map((node) => [
      `node ${node}`,
      roleOf(node, event),
      lastSeenOf(node, event, setting),
    ]),
  };
}

/** The facts are of the node's return: what it was like before is not known any more. */
const isBack = ({ type }: Event): boolean => type === "node_admitted";

function takesOver({ state: { primary }, took_over, node }: Event): string {
  if (took_over) return `node ${node} took over`;
  return primary === null ? "no node is primary" : `node ${primary} is still primary`;
}

function works(event: Event, setting: Setting): readonly string[] {
  const { primary } = event.state;
  const standbys = standbysOf(event, setting);
  const first =
    primary === null
      ? "No node is primary: nothing is being measured."
      : `Node ${primary} is primary and measuring.`;
  if (standbys.length > 0)
    return [first, `${capital(nodesText(standbys))} ${standbys.length === 1 ? "is" : "are"} on standby.`];
  const risk = primary === null ? "" : `: if node ${primary} stops too, nothing is measured`;
  return [first, `There is no standby left${risk}.`];
}

function night(event: Event, setting: Setting): string {
  const { primary } = event.state;
  if (isBack(event)) return "Yes. It is over.";
  if (primary === null) return "No. No node is primary: nothing is being measured.";
  const measures = `node ${primary} is primary and measuring`;
  return standbysOf(event, setting).length > 0
    ? `Yes. ${capital(measures)}, and there is a standby.`
    : `Yes, unless the log must not have a gap: ${measures}, but no standby is left.`;
}

/** The mail about a node that has stopped, and about who took over. */
export const nodeDead: MailTemplate<NodeDead> = {
  headline: ({ event }) => `node ${event.subject} stopped${isBack(event) ? "" : `, ${takesOver(event)}`}`,
  overHeadline: ({ event }) => `node ${event.subject} is back`,
  nodes: ({ event }) => [event.subject, event.node],
  night: ({ event }, setting) => night(event, setting),
  happened({ event }, { cluster }) {
    const every = cluster === undefined ? "" : ` (checks are ${span(cluster.sleepS * 1_000)} apart)`;
    const who = `Node ${event.subject}`;
    return isBack(event)
      ? [`${who} was marked dead by another node. It is a member again, node ${event.node} reports.`]
      : [
          `${who} showed no sign of life at two checks of node ${event.node} in a row${every}. ` +
            `Node ${event.node} marked it dead; ${takesOver(event)}.`,
        ];
  },
  since({ event }, setting) {
    const seen = event.state.last_seen.find(({ node }) => node === event.subject)?.at ?? null;
    return [
      `Reported dead at ${beforeThisMail(setting.sinceMs, setting)}.`,
      ...(seen === null ? [] : [`Last seen alive at ${setting.time(Date.parse(seen))}.`]),
    ];
  },
  stillWorks: ({ event }, setting) => works(event, setting),
  toDo: ({ event: { subject } }) => [
    `Check the battery and the plugs of node ${subject}, then reset it.`,
    `If it is not admitted by itself, call reset_node(${subject}) at the prompt of a running node.`,
  ],
  over: ({ event }, setting) => {
    const who = `Node ${event.subject}`;
    return isBack(event)
      ? {
          happened: [`${who} is a member again, node ${event.node} reports.`],
          works: works(event, setting),
          toDo: NOTHING_TO_DO,
          table: tableOf(event, setting),
        }
      : {
          happened: [`${who} publishes readings again.`],
          works: [`Node ${event.subject} is primary and measuring.`],
          toDo: NOTHING_TO_DO,
        };
  },
  table: ({ event }, setting) => tableOf(event, setting),
};
