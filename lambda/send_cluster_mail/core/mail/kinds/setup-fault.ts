/**
 * A person got something wrong with a board (its number, its cluster, one whose RTC memory is lost in each sleep) or with an
 * EEPROM (its type, its address).
 */
import type { Facts } from "../../../../../lib/contract/incidents.ts";
import { isOfChip, type SetupProblem } from "../../../../../lib/contract/messages.ts";
import { beforeThisMail, type MailTemplate, NOTHING_TO_DO } from "../mail-template.ts";

type SetupFault = Extract<Facts, { kind: "setup-fault" }>;

/** I²C address of EEPROM `chip`: 50h and its number. */
const addressOf = (chip: number): string => `5${chip}h`;

/** What a problem is called, what it means and what mends it; each is of node `node`, or of the EEPROM of that number. */
interface Words {
  readonly headline: (node: number) => string;
  readonly happened: (node: number) => string[];
  readonly works: (node: number) => string;
  readonly toDo: (node: number) => string[];
}

const WORDS: { readonly [Problem in SetupProblem]: Words } = {
  "duplicate-number": {
    headline: (node) => `two boards are flashed as node ${node}`,
    happened: (node) => [
      `Two boards are flashed as node ${node}: each found records under its number that it did not write.`,
      "One of them rests now, and does nothing but watch.",
    ],
    works: (node) => `The other board works as node ${node}.`,
    toDo: (node) => [
      `Find the board that should not be node ${node}, and flash it with its own number.`,
      `Then reset the board that stays node ${node}.`,
    ],
  },
  "memory-lost": {
    headline: (node) => `node ${node} forgets in its sleep`,
    happened: (node) => [
      `Node ${node} wakes from deep sleep with its RTC memory lost: each wake is a cold start.`,
      "It can neither act as primary nor take over from another node.",
    ],
    works: () => "The other node measures and publishes.",
    toDo: (node) => [
      `Replace the board of node ${node}, or flash it with firmware that keeps RTC slow memory powered in deep sleep.`,
    ],
  },
  "other-cluster": {
    headline: (node) => `records of another cluster at node ${node}'s place`,
    happened: (node) => [
      `At the place of node ${node} the EEPROMs hold records of another cluster.`,
      `Either the board of node ${node} is flashed for another cluster, or a chip comes from one.`,
    ],
    works: () => "The node that reports this measures and publishes.",
    toDo: (node) => [
      `Flash node ${node} with this cluster's name; two nodes act until then.`,
      "If only a chip was moved here, nothing is to be done: its old records are written over.",
    ],
  },
  "chip-type": {
    headline: (chip) => `EEPROM ${chip} is of another type`,
    happened: (chip) => [
      `EEPROM ${chip} (${addressOf(chip)}) is no AT24C256 or AT24C128: its pages are not of 64 bytes.`,
      "With smaller pages (AT24C32, AT24C64) it keeps no record. With larger ones (AT24C512) it works, but both copies of a " +
        "record lie in one page, so that a power cut amid a write may lose both, and the page wears twice as fast.",
    ],
    works: () => "The other EEPROM holds the records.",
    toDo: (chip) => [`Replace EEPROM ${chip} by an AT24C256. A blank one will do.`],
  },
  "chip-address": {
    headline: (chip) => `an EEPROM answers at ${addressOf(chip)}, where none should be`,
    happened: (chip) => [
      `An EEPROM answers at ${addressOf(chip)}, an address that the cluster does not use.`,
      "It is strapped wrongly, or a witness that the nodes' configuration does not have.",
    ],
    works: () => "Nobody reads or writes it; the EEPROMs at their own addresses hold the records.",
    toDo: () => [
      "Check the pins A2, A1 and A0 of each EEPROM: that of node k answers at 50h + k, a witness at the next address.",
    ],
  },
};

function overOf({ node, problem }: SetupFault): string {
  if (problem === "chip-address") return `no EEPROM answers at ${addressOf(node)} any more`;
  return `${isOfChip(problem) ? `EEPROM ${node}` : `the board of node ${node}`} is set up as it should be`;
}
const capitalized = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

/** The mail about a board or an EEPROM that is set up wrongly. */
export const setupFault: MailTemplate<SetupFault> = {
  headline: ({ node, problem }) => WORDS[problem].headline(node),
  overHeadline: overOf,
  nodes: ({ node, reporter, problem }) => (isOfChip(problem) ? [reporter] : [node, reporter]),
  night: ({ reporter }) => `Yes. Node ${reporter} measures and publishes.`,
  happened: ({ node, problem }) => WORDS[problem].happened(node),
  since: ({ reporter }, setting) => [
    `Node ${reporter} reported it at ${beforeThisMail(setting.sinceMs, setting)}.`,
  ],
  stillWorks: ({ node, problem }) => [WORDS[problem].works(node)],
  toDo: ({ node, problem }) => WORDS[problem].toDo(node),
  over: (facts) => ({
    happened: ["It is no longer found."],
    works: [`${capitalized(overOf(facts))}.`],
    toDo: NOTHING_TO_DO,
  }),
};
