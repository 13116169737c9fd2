/** Two nodes act as primary. */
import type { Facts } from "../../../../../lib/contract/incidents.ts";
import { utc } from "../../../../core/instants.ts";
import { beforeThisMail, type MailTemplate, NOTHING_TO_DO } from "../mail-template.ts";
import { nodesText } from "../words.ts";

type SplitBrain = Extract<Facts, { kind: "split-brain" }>;

const numbers = ({ nodes }: SplitBrain): readonly number[] =>
  nodes.map(({ node }) => node).sort((x, y) => x - y);

const SIGNS: { readonly [Sign in SplitBrain["sign"]]: string } = {
  "same-term": "They publish under the same term, which only one node can hold.",
  "older-term-after-newer":
    "One goes on under an older term after the other has published under a newer one: it does not know that it was replaced.",
  "dead-node-publishes": "One is held to be dead by the other, and publishes all the same.",
};

/** The mail about two nodes that both act as primary. */
export const splitBrain: MailTemplate<SplitBrain> = {
  headline: (facts) => `${nodesText(numbers(facts))} both act as primary`,
  overHeadline: () => "one primary again",
  nodes: numbers,
  happened: (facts, { clusterId }) => [
    `${nodesText(numbers(facts)).replace("n", "N")} of cluster ${clusterId} both publish readings. ${SIGNS[facts.sign]}`,
    "Each sees other EEPROMs than the other, or none: the bus between them is cut or disturbed.",
  ],
  since: (_, setting) => [`Since ${beforeThisMail(setting.sinceMs, setting)}.`],
  stillWorks: () => [
    "Readings are logged, twice: each under its node's number, none in place of another.",
    "Failover does not: neither node would notice that the other has stopped.",
  ],
  toDo: () => [
    "Look at the bus between the nodes: SDA, SCL, ground, pull-ups, the EEPROMs' plugs and supply.",
    "When it is whole again, the nodes settle it by themselves; under the published protocol, reset both.",
  ],
  over: (facts, { clusterId }) => ({
    happened: [`Only one node of cluster ${clusterId} has published for four periods.`],
    works: [`Readings are logged once. Look whether ${nodesText(numbers(facts))} are both members.`],
    toDo: NOTHING_TO_DO,
  }),
  table: ({ nodes }, { clusterId }) => ({
    title: `Who publishes in cluster ${clusterId}`,
    columns: ["Node", "Term", "Last reading"],
    rows: [...nodes]
      .sort((x, y) => x.node - y.node)
      .map(({ node, term, atMs }) => [`node ${node}`, String(term), utc(atMs)]),
  }),
};
