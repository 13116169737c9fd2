/** What each kind of incident is called in a few words, where its facts are not at hand: on the answer page, in a report. */
import type { IncidentKind } from "../../lib/contract/incidents.ts";

/** By kind, of a node, a chip or a recipient's place. Begins small. */
export const TITLES: { readonly [Kind in IncidentKind]: (subject: number) => string } = {
  "node-dead": (node) => `node ${node} stopped`,
  "node-suspect": (node) => `node ${node} is no longer seen`,
  "node-unconnected": (node) => `node ${node} cannot publish`,
  "setup-fault": (node) => `node or EEPROM ${node} is set up wrongly`,
  "certificate-expiring": (node) => `the certificate of node ${node} ends soon`,
  "cluster-silent": () => "no readings",
  "split-brain": () => "two nodes act as primary",
  "eeprom-unwritable": (chip) => `EEPROM ${chip} keeps no writes`,
  "sensor-failing": (node) => `the sensor of node ${node} fails`,
  "sensor-disagreeing": () => "sensors disagree",
  "clock-wrong": (node) => `the clock of node ${node} is wrong`,
  "battery-low": (node) => `the battery of node ${node} is low`,
  "backend-failing": () => "messages in the error queues",
  "mail-refused": () => "mails to a recipient are refused",
};
