/** No node of a cluster has published for longer than its sleep explains. */
import type { Facts } from "../../../../../lib/contract/incidents.ts";
import { span } from "../../../../core/instants.ts";
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
  headline: (facts, { time }) => `silent, no reading since ${time(lastHeardMs(facts))}`,
  overHeadline: (facts, { untilMs, nowMs }) =>
    `readings again, after ${span((untilMs ?? nowMs) - lastHeardMs(facts))}`,
  nodes: ({ heartbeats }) => heartbeats.map(({ node }) => node),
  night: () =>
    "Yes, if broadband or Wi-Fi is down: the nodes try again at every wake. No, if they work: nothing is being logged, and it will not recover without you.",
  happened(facts, { time }) {
    const last = newest(facts);
    const every =
      last === undefined
        ? ""
        : ` Node ${last.node} publishes every ${span(last.sleepS * 1_000)}, by its own account.`;
    return [
      `No node has published a reading.${every} The next reading was due by ${time(facts.dueMs)} at the latest.`,
    ];
  },
  beganMs: lastHeardMs,
  since: (facts, setting) => [`The last reading came at ${beforeThisMail(lastHeardMs(facts), setting)}.`],
  stillWorks: () => [
    "Nothing, as far as the cloud can see: nothing is being logged.",
    "If only Wi-Fi or broadband is down, the nodes publish again when it is back. What they measure until then is lost.",
  ],
  toDo: () => [
    "Check broadband and Wi-Fi. If one is down, fix that; the nodes need nothing.",
    "If both work, look at each node: power, batteries. Reset the nodes one after the other.",
    "If all clusters are silent, look at the cloud first: npm run doctor.",
  ],
  over: () => ({
    happened: ["The cluster publishes readings again."],
    works: ["Readings are stored again. The log has a gap for that time."],
    toDo: NOTHING_TO_DO,
  }),
  table: ({ heartbeats }, { time }) => ({
    title: "Last heard",
    columns: ["Node", "Reading", "At", "Battery"],
    rows: [...heartbeats]
      .sort((x, y) => x.node - y.node)
      .map(({ node, temperatureC, receivedAtMs, batteryMv }) => [
        `node ${node}`,
        temperatureC === undefined ? "unknown" : celsius(temperatureC),
        time(receivedAtMs),
        volts(batteryMv),
      ]),
  }),
};
