/** A node is awake and cannot publish; another one has taken the role for it. */
import type { Facts } from "../../../../../lib/contract/incidents.ts";
import { beforeThisMail, type MailTemplate, NOTHING_TO_DO } from "../mail-template.ts";

type NodeUnconnected = Extract<Facts, { kind: "node-unconnected" }>;

/** The mail about a node that wakes and cannot reach the cloud. */
export const nodeUnconnected: MailTemplate<NodeUnconnected> = {
  headline: ({ node, reporter }) => `node ${node} cannot publish, node ${reporter} does`,
  overHeadline: ({ node }) => `node ${node} publishes again`,
  nodes: ({ node, reporter }) => [node, reporter],
  night: ({ reporter }) =>
    `Yes. Node ${reporter} measures and publishes. Until it is fixed, no standby works.`,
  happened: ({ node, reporter }) => [
    `Node ${node} wakes and keeps its records, but could not publish at two of its turns. It has left the role to node ${reporter}.`,
    `Node ${reporter} publishes from the same place, so broadband works: the Wi-Fi or the certificate of node ${node} is at fault.`,
  ],
  since: ({ reporter }, setting) => [
    `Node ${reporter} reported it at ${beforeThisMail(setting.sinceMs, setting)}.`,
  ],
  stillWorks: ({ node, reporter }) => [
    `Node ${reporter} is primary and measuring.`,
    `Node ${node} would not be heard if it had to take over: do not count on it.`,
  ],
  toDo: ({ node }) => [
    `Check the Wi-Fi where node ${node} stands: antenna, distance, the access point's list of devices.`,
    `Check its certificate: is it active in AWS IoT? npm run doctor lists the certificates of each node.`,
  ],
  over: ({ node }) => ({
    happened: [`Node ${node} has published a reading.`],
    works: [`Node ${node} reaches the cloud.`],
    toDo: NOTHING_TO_DO,
  }),
};
