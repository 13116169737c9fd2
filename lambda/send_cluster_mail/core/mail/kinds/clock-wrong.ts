/** A node's clock is wrong, so that its readings are logged under a wrong time. */
import type { Facts } from "../../../../../lib/contract/incidents.ts";
import { utc } from "../../../../core/instants.ts";
import { beforeThisMail, type MailTemplate, NOTHING_TO_DO } from "../mail-template.ts";
import { quoted } from "../words.ts";

type ClockWrong = Extract<Facts, { kind: "clock-wrong" }>;

const SAID_LENGTH_MAX = 40;

/** The mail about a node whose clock is wrong. */
export const clockWrong: MailTemplate<ClockWrong> = {
  headline: ({ node, said }) => `clock of node ${node} is wrong, it says ${quoted(said.slice(0, 10))}`,
  overHeadline: ({ node }) => `clock of node ${node} is right again`,
  nodes: ({ node }) => [node],
  happened: ({ node, said, receivedMs }, { clusterId }) => [
    `Node ${node} of cluster ${clusterId} said that it was ${quoted(said, SAID_LENGTH_MAX)} when its reading came, at ${utc(receivedMs)}.`,
    "It has not been told the time: the time server (NTP) does not answer it.",
  ],
  since: (_, setting) => [`Since ${beforeThisMail(setting.sinceMs, setting)}.`],
  stillWorks: ({ node }) => [
    `Node ${node} measures and publishes. Its readings are stored under the time that it says.`,
    "Mails do not go by its clock: they are ordered by when a message was received.",
  ],
  toDo: () => [
    "Is the time server reachable from the nodes' network? UDP port 123 may be blocked.",
    "If it is, reset the node: it asks for the time whenever it connects.",
  ],
  over: ({ node }, { clusterId }) => ({
    happened: [`Node ${node} of cluster ${clusterId} has published a reading with the right time.`],
    works: [
      "Readings are stored under the right time again. Those from before keep the wrong one, and the time of their receipt.",
    ],
    toDo: NOTHING_TO_DO,
  }),
};
