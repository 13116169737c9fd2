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
  night: () => "Yes. The cluster works with the EEPROMs that are left. Get up only if a second one fails.",
  happened: ({ chip, reporter }, setting) => [
    `EEPROM ${chip}${whose(chip, setting)} did not keep what node ${reporter} wrote to it.`,
  ],
  since: ({ reporter }, setting) => [
    `Node ${reporter} first reported it at ${beforeThisMail(setting.sinceMs, setting)}.`,
  ],
  stillWorks: ({ reporter }) => [
    `Node ${reporter} is primary and measuring, with the EEPROMs that are left.`,
    "If another one fails, the cluster may stop, or its nodes may no longer see one another.",
  ],
  toDo: ({ chip }) => [
    `Check EEPROM ${chip}: plug, supply, address straps, and its WP pin, which must be low.`,
    "Replace it if it is worn. The new one may be blank.",
  ],
  over: ({ chip, reporter }) => ({
    happened: [`EEPROM ${chip} keeps again what node ${reporter} writes to it.`],
    works: [`EEPROM ${chip}.`],
    toDo: NOTHING_TO_DO,
  }),
};
