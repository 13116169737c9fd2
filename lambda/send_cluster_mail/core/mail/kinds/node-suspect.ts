/** A node has not been seen to move for long, and is not held to be dead either. */
import type { Facts } from "../../../../../lib/contract/incidents.ts";
import { SUSPECT_PERIODS } from "../../../../../lib/contract/messages.ts";
import { span } from "../../../../core/instants.ts";
import { beforeThisMail, type MailTemplate, NOTHING_TO_DO } from "../mail-template.ts";

type NodeSuspect = Extract<Facts, { kind: "node-suspect" }>;

/** The mail about a node that is no longer seen to move, and is not held dead yet. */
export const nodeSuspect: MailTemplate<NodeSuspect> = {
  headline: ({ subject, reporter }) => `node ${subject} is no longer seen by node ${reporter}`,
  overHeadline: ({ subject }) => `node ${subject} is seen again`,
  nodes: ({ subject, reporter }) => [subject, reporter],
  night: ({ subject, reporter }) =>
    `Yes. Node ${reporter} measures. But do not count on node ${subject} to take over.`,
  happened: ({ subject, reporter, sleepS }) => [
    `Node ${reporter} has seen no sign of life from node ${subject} for more than ${span(SUSPECT_PERIODS * sleepS * 1_000)}. ` +
      `It has not marked node ${subject} dead, because it cannot read that node's records, or they say too little.`,
  ],
  since: ({ reporter }, setting) => [
    `Node ${reporter} first reported it at ${beforeThisMail(setting.sinceMs, setting)}.`,
  ],
  stillWorks: ({ subject, reporter }) => [
    `Node ${reporter} is primary and measuring.`,
    `Whether node ${subject} would take over is not known.`,
  ],
  toDo: ({ subject }) => [
    `See whether node ${subject} wakes. If not, check its power and battery, and reset it.`,
    "If it wakes, check the bus and the EEPROMs: plugs, supply, SDA, SCL, pull-ups.",
  ],
  over: ({ subject, reporter }) => ({
    happened: [`Node ${reporter} no longer suspects node ${subject}.`],
    works: [`Node ${subject} is a member as before.`],
    toDo: NOTHING_TO_DO,
  }),
};
