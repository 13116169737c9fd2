/** Two nodes act as primary. */
import type { Facts } from "../../../../../lib/contract/incidents.ts";
import { beforeThisMail, type MailTemplate, NOTHING_TO_DO } from "../mail-template.ts";
import { capital, nodesText } from "../words.ts";

type SplitBrain = Extract<Facts, { kind: "split-brain" }>;

const numbers = ({ nodes }: SplitBrain): readonly number[] =>
  nodes.map(({ node }) => node).sort((x, y) => x - y);

const SIGNS: { readonly [Sign in SplitBrain["sign"]]: string } = {
  "same-term": "They publish under the same term, which only one node can hold.",
  "older-term-after-newer":
    "One still publishes under an older term after the other has published under a newer one: it does not know that it was replaced.",
  "dead-node-publishes": "One was marked dead by the other, and still publishes.",
};

/** The mail about two nodes that both act as primary. */
export const splitBrain: MailTemplate<SplitBrain> = {
  headline: (facts) => `${nodesText(numbers(facts))} both act as primary`,
  overHeadline: () => "one primary again",
  nodes: numbers,
  night: () =>
    "Yes. Both log readings, and none overwrites another. Until it is fixed, failover does not work, and both batteries drain at a primary's rate.",
  happened: (facts) => [
    `${capital(nodesText(numbers(facts)))} both publish readings. ${SIGNS[facts.sign]}`,
    "They do not see the same EEPROMs: the bus between them is cut or disturbed.",
  ],
  since: (_, setting) => [`Since ${beforeThisMail(setting.sinceMs, setting)}.`],
  stillWorks: () => [
    "Readings are logged, from both nodes.",
    "Failover does not work: neither node would notice that the other has stopped.",
  ],
  toDo: () => [
    "Find the break in the bus between the nodes: SDA, SCL, ground, pull-ups, the EEPROMs' plugs and supply.",
    "Once the bus works, the nodes agree by themselves. Under the published protocol, reset both.",
  ],
  over: () => ({
    happened: ["Only one node has published for four periods."],
    works: ["One node is primary and measuring."],
    toDo: NOTHING_TO_DO,
  }),
  table: ({ nodes }, { time }) => ({
    title: "Who publishes",
    columns: ["Node", "Term", "Last reading"],
    rows: [...nodes]
      .sort((x, y) => x.node - y.node)
      .map(({ node, term, atMs }) => [`node ${node}`, String(term), time(atMs)]),
  }),
};
