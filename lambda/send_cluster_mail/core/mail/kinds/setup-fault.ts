/** A person got something wrong with a board: its number, its cluster, or a board whose RTC memory is lost in each sleep. */
import type { Facts } from "../../../../../lib/contract/incidents.ts";
import type { SetupProblem } from "../../../../../lib/contract/messages.ts";
import { beforeThisMail, type MailTemplate, NOTHING_TO_DO } from "../mail-template.ts";

type SetupFault = Extract<Facts, { kind: "setup-fault" }>;

/** What a problem is called, what it means and what mends it; each is of node `node`. */
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
};

/** The mail about a board that is set up wrongly. */
export const setupFault: MailTemplate<SetupFault> = {
  headline: ({ node, problem }) => WORDS[problem].headline(node),
  overHeadline: ({ node }) => `the board of node ${node} is set up as it should be`,
  nodes: ({ node, reporter }) => [node, reporter],
  night: ({ reporter }) => `Yes. Node ${reporter} measures and publishes.`,
  happened: ({ node, problem }) => WORDS[problem].happened(node),
  since: ({ reporter }, setting) => [
    `Node ${reporter} reported it at ${beforeThisMail(setting.sinceMs, setting)}.`,
  ],
  stillWorks: ({ node, problem }) => [WORDS[problem].works(node)],
  toDo: ({ node, problem }) => WORDS[problem].toDo(node),
  over: ({ node, reporter }) => ({
    happened: [`Node ${reporter} no longer finds it.`],
    works: [`Node ${node} is set up as it should be.`],
    toDo: NOTHING_TO_DO,
  }),
};
