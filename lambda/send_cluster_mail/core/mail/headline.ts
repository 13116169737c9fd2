/** The template of each kind of incident, and the one line that it is known by. */
import type { Facts, IncidentKind } from "../../../../lib/contract/incidents.ts";
import { backendFailing } from "./kinds/backend-failing.ts";
import { batteryLow } from "./kinds/battery-low.ts";
import { certificateExpiring } from "./kinds/certificate-expiring.ts";
import { clockWrong } from "./kinds/clock-wrong.ts";
import { clusterSilent } from "./kinds/cluster-silent.ts";
import { eepromUnwritable } from "./kinds/eeprom-unwritable.ts";
import { mailRefused } from "./kinds/mail-refused.ts";
import { nodeDead } from "./kinds/node-dead.ts";
import { nodeSuspect } from "./kinds/node-suspect.ts";
import { nodeUnconnected } from "./kinds/node-unconnected.ts";
import { sensorDisagreeing } from "./kinds/sensor-disagreeing.ts";
import { sensorFailing } from "./kinds/sensor-failing.ts";
import { setupFault } from "./kinds/setup-fault.ts";
import { splitBrain } from "./kinds/split-brain.ts";
import type { MailTemplate, Setting } from "./mail-template.ts";

type FactsOf = { readonly [Kind in IncidentKind]: Extract<Facts, { kind: Kind }> };

const TEMPLATES: { readonly [Kind in IncidentKind]: MailTemplate<FactsOf[Kind]> } = {
  "node-dead": nodeDead,
  "node-suspect": nodeSuspect,
  "node-unconnected": nodeUnconnected,
  "setup-fault": setupFault,
  "cluster-silent": clusterSilent,
  "split-brain": splitBrain,
  "eeprom-unwritable": eepromUnwritable,
  "sensor-failing": sensorFailing,
  "sensor-disagreeing": sensorDisagreeing,
  "clock-wrong": clockWrong,
  "certificate-expiring": certificateExpiring,
  "battery-low": batteryLow,
  "backend-failing": backendFailing,
  "mail-refused": mailRefused,
};

/** The template of a kind. To be given facts of this very kind; where that is known only as it runs, the type takes any. */
export const templateOf = <Kind extends IncidentKind>(kind: Kind): MailTemplate<FactsOf[Kind]> =>
  TEMPLATES[kind];

/** One line about an incident, for a subject or a list. */
export const headlineOf = (facts: Facts, setting: Setting): string =>
  templateOf(facts.kind).headline(facts, setting);
