/** No node of a cluster has published for longer than its sleep explains. */
import type { Facts } from "../../../../../lib/contract/incidents.ts";
import { span, utc, utcMinute } from "../../../../core/instants.ts";
import { beforeThisMail, type MailTemplate, NOTHING_TO_DO } from "../mail-template.ts";
import { celsius, volts } from "../words.ts";

type ClusterSilent = Extract<Facts, { kind: "cluster-silent" }>;
type Heartbeat = ClusterSilent["heartbeats"][number];

const newest = ({ heartbeats }: ClusterSilent): Heartbeat | undefined =>
  heartbeats.reduce<Heartbeat | undefined>(
    (last, one) => (last === undefined || one.receivedAtMs > last.receivedAtMs ? one : last),
    undefined,
  );

/** The newest reading; where none is known, when the cluster was found to be silent. */
const lastHeardMs = (facts: ClusterSilent): number => newest(facts)?.receivedAtMs ?? facts.dueMs;

/** The mail about a cluster of which no reading has come for too long. */
export const clusterSilent: MailTemplate<ClusterSilent> = {
  headline: (facts) => `silent, no reading since ${utcMinute(lastHeardMs(facts))}`,
  overHeadline: (facts, { untilMs, nowMs }) =>
    `readings again, after ${span((untilMs ?? nowMs) - lastHeardMs(facts))}`,
  nodes: ({ heartbeats }) => heartbeats.map(({ node }) => node),
  happened(facts, { clusterId }) {
    const last = newest(facts);
    const every =
      last === undefined
        ? ""
        : ` Node ${last.node} said that it publishes every ${span(last.sleepS * 1_000)}.`;
    return [
      `No node of cluster ${clusterId} has published a reading.${every} ` +
        `After two and a half times that, at ${utc(facts.dueMs)}, the cluster is held to be silent.`,
    ];
  },
  since: (facts, setting) => [`The last reading came at ${beforeThisMail(lastHeardMs(facts), setting)}.`],
  stillWorks: () => [
    "Nothing, as far as the cloud can see: nothing is being logged.",
    "If only the Wi-Fi or the broadband is down, the nodes carry on and publish again when it is back; what they measure until then is lost.",
  ],
  toDo: () => [
    "Is the Wi-Fi or the broadband down? Then mend that; the nodes need nothing.",
    "If not, look at each node: power, batteries; reset them one after the other.",
    "If all clusters are silent, look at the cloud first: certificates, the rules' error queues.",
  ],
  over: (facts, { clusterId, untilMs, nowMs }) => ({
    happened: [`Cluster ${clusterId} publishes readings again.`],
    works: [
      `Readings are stored again. The log has a gap of ${span((untilMs ?? nowMs) - lastHeardMs(facts))}, from ${utc(lastHeardMs(facts))} on.`,
    ],
    toDo: NOTHING_TO_DO,
  }),
  table: ({ heartbeats }, { clusterId }) => ({
    title: `Last heard from cluster ${clusterId}`,
    columns: ["Node", "Reading", "At", "Battery"],
    rows: [...heartbeats]
      .sort((x, y) => x.node - y.node)
      .map(({ node, temperatureC, receivedAtMs, batteryMv }) => [
        `node ${node}`,
        celsius(temperatureC),
        utc(receivedAtMs),
        volts(batteryMv),
      ]),
  }),
};
