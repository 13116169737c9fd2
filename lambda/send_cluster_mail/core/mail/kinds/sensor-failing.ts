/** A node's temperature sensor gives no value that can be used. */
import type { Facts } from "../../../../../lib/contract/incidents.ts";
import type { SensorFault } from "../../../../../lib/contract/messages.ts";
import { beforeThisMail, type MailTemplate, NOTHING_TO_DO } from "../mail-template.ts";

type SensorFailing = Extract<Facts, { kind: "sensor-failing" }>;

const FAULTS: Readonly<Record<SensorFault, string>> = {
  absent: "it does not answer",
  "all-zero": "it answers with nothing but zeros",
  crc: "what it sends fails its own checksum (CRC)",
  "power-on-value": "it shows its power-on value, 85 °C, as one does that loses its supply while it converts",
  "out-of-range": "its value lies outside −55 to 125 °C",
};

/** The mail about a node whose sensor gives no temperature. */
export const sensorFailing: MailTemplate<SensorFailing> = {
  headline: ({ node }) => `node ${node} cannot measure, its sensor fails`,
  overHeadline: ({ node }) => `node ${node} measures again`,
  nodes: ({ node }) => [node],
  happened: ({ node, fault }, { clusterId }) => [
    `The sensor of node ${node} of cluster ${clusterId} gave no value that can be used: ${FAULTS[fault]}.`,
  ],
  since: (_, setting) => [`Since ${beforeThisMail(setting.sinceMs, setting)}.`],
  stillWorks: ({ node }) => [
    `Node ${node} is awake and reaches the cloud, but logs nothing as long as its sensor fails.`,
    "Under the hardened protocol it leaves the role to another node, where one is well; that one measures with its own sensor.",
  ],
  toDo: ({ node }) => [
    `Look at the sensor of node ${node}: plug, supply, data wire and its pull-up.`,
    "If it fails again, replace it.",
  ],
  over: ({ node }, { clusterId }) => ({
    happened: [`Node ${node} of cluster ${clusterId} has published a reading again.`],
    works: [`Node ${node} is measuring.`],
    toDo: NOTHING_TO_DO,
  }),
};
