/** A node is awake and cannot publish; another one has taken the role for it. */
import type { Facts } from "../../../../../lib/contract/incidents.ts";
import { beforeThisMail, type MailTemplate, NOTHING_TO_DO } from "../mail-template.ts";

type NodeUnconnected = Extract<Facts, { kind: "node-unconnected" }>;

/** The mail about a node that wakes and cannot reach the cloud. */
export const nodeUnconnected: MailTemplate<NodeUnconnected> = {
  headline: ({ node, reporter }) => `node ${node} cannot publish, node ${reporter} does`,
  overHeadline: ({ node }) => `node ${node} publishes again`,
  nodes: ({ node, reporter }) => [node, reporter],
  happened: ({ node, reporter }, { clusterId }) => [
    `Node ${node} of cluster ${clusterId} wakes and keeps its records, but could not publish at two of its turns. It has left the role to node ${reporter}.`,
    `Node ${reporter} publishes from the same place, so the broadband works: node ${node}'s own Wi-Fi or certificate is at fault.`,
  ],
  since: ({ reporter }, setting) => [
    `Node ${reporter} reported it at ${beforeThisMail(setting.sinceMs, setting)}.`,
  ],
  stillWorks: ({ node, reporter }) => [
    `Node ${reporter} is primary and measuring.`,
    `Node ${node} would not be heard if it had to take over: count on it no more than on a dead one.`,
  ],
  toDo: ({ node }) => [
    `Check the Wi-Fi where node ${node} stands: antenna, distance, the access point's list of devices.`,
    `Check its certificate: is it active in AWS IoT? npm run doctor lists the certificates of each node.`,
  ],
  over: ({ node }, { clusterId }) => ({
    happened: [`Node ${node} of cluster ${clusterId} has published a reading.`],
    works: [`Node ${node} reaches the cloud.`],
    toDo: NOTHING_TO_DO,
  }),
};
