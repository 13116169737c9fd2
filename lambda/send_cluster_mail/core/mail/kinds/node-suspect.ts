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
  happened: ({ subject, reporter, sleepS }, { clusterId }) => [
    `Node ${reporter} has not seen node ${subject} of cluster ${clusterId} move for more than ${span(SUSPECT_PERIODS * sleepS * 1_000)}, ` +
      `and yet does not hold it to be dead: its records cannot be read, or say too little.`,
  ],
  since: ({ reporter }, setting) => [
    `Node ${reporter} told so first at ${beforeThisMail(setting.sinceMs, setting)}.`,
  ],
  stillWorks: ({ subject, reporter }) => [
    `Node ${reporter} is primary and measuring.`,
    `Whether node ${subject} would take over is not known: count on it no more than on a dead one.`,
  ],
  toDo: ({ subject }) => [
    `Look whether node ${subject} wakes at all: power, batteries; reset it.`,
    "If it wakes, look at the bus and at the EEPROMs: plugs, supply, pull-ups.",
  ],
  over: ({ subject, reporter }, { clusterId }) => ({
    happened: [`Node ${reporter} no longer suspects node ${subject} of cluster ${clusterId}.`],
    works: [`Node ${subject} is a member like any other.`],
    toDo: NOTHING_TO_DO,
  }),
};
