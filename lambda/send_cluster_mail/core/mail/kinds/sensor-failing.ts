/** A node's temperature sensor gives no value that can be used. */
import type { Facts } from "../../../../../lib/contract/incidents.ts";
import type { SensorFault } from "../../../../../lib/contract/messages.ts";
import { beforeThisMail, type MailTemplate, NOTHING_TO_DO } from "../mail-template.ts";

type SensorFailing = Extract<Facts, { kind: "sensor-failing" }>;

const FAULTS: Readonly<Record<SensorFault, string>> = {
  absent: "it does not answer",
  "all-zero": "it sends only zeros",
  crc: "its data fails the checksum (CRC)",
  "power-on-value": "it reads 85 °C, its power-on value: its supply breaks down while it converts",
  "out-of-range": "its value is outside −55 to 125 °C",
};

/** The mail about a node whose sensor gives no temperature. */
export const sensorFailing: MailTemplate<SensorFailing> = {
  headline: ({ node }) => `node ${node} cannot measure, its sensor fails`,
  overHeadline: ({ node }) => `node ${node} measures again`,
  nodes: ({ node }) => [node],
  night: () =>
    "Yes, if another node is well and runs the hardened protocol: that node takes over and measures. No, if not: then nothing is being logged.",
  happened: ({ node, fault }) => [`The sensor of node ${node} gave no usable value: ${FAULTS[fault]}.`],
  since: (_, setting) => [`Since ${beforeThisMail(setting.sinceMs, setting)}.`],
  stillWorks: ({ node }) => [
    `Node ${node} wakes and reaches the cloud, but logs nothing while its sensor fails.`,
    "Under the hardened protocol another node, if one is well, becomes primary and measures with its own sensor.",
  ],
  toDo: ({ node }) => [
    `Check the sensor of node ${node}: plug, supply, data wire and its pull-up.`,
    "Replace it if it fails again.",
  ],
  over: ({ node }) => ({
    happened: [`Node ${node} has published a reading again.`],
    works: [`The sensor of node ${node}.`],
    toDo: NOTHING_TO_DO,
  }),
};
