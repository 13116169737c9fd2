/** An EEPROM does not keep what is written to it. */
import type { Facts } from "../../../../../lib/contract/incidents.ts";
import { beforeThisMail, type MailTemplate, NOTHING_TO_DO, type Setting } from "../mail-template.ts";

type EepromUnwritable = Extract<Facts, { kind: "eeprom-unwritable" }>;

/** Chip k is node k's; one beyond the nodes is the witness. */
function whose(chip: number, { cluster }: Setting): string {
  if (cluster === undefined) return "";
  return chip < cluster.nodes ? `, that of node ${chip},` : ", the witness,";
}

/** The mail about a chip that acknowledges writes and does not keep them. */
export const eepromUnwritable: MailTemplate<EepromUnwritable> = {
  headline: ({ chip }) => `EEPROM ${chip} keeps no writes`,
  overHeadline: ({ chip }) => `EEPROM ${chip} keeps writes again`,
  nodes: ({ reporter }) => [reporter],
  happened: ({ chip, reporter }, setting) => [
    `EEPROM ${chip}${whose(chip, setting)} of cluster ${setting.clusterId} did not keep what node ${reporter} wrote to it.`,
  ],
  since: ({ reporter }, setting) => [
    `Node ${reporter} told so first at ${beforeThisMail(setting.sinceMs, setting)}.`,
  ],
  stillWorks: ({ reporter }) => [
    `Node ${reporter} is primary and measuring, with the EEPROMs that are left.`,
    "If another one fails, the cluster may stop, or nodes may no longer see one another.",
  ],
  toDo: ({ chip }) => [
    `Look at EEPROM ${chip}: plug, supply, address straps, and WP, which must be low.`,
    "If it is worn, put in another; it may be blank.",
  ],
  over: ({ chip, reporter }, { clusterId }) => ({
    happened: [`EEPROM ${chip} of cluster ${clusterId} keeps what node ${reporter} writes to it.`],
    works: ["All EEPROMs that this mail knows of."],
    toDo: NOTHING_TO_DO,
  }),
};
