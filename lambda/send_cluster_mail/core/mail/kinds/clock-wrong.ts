/** A node's clock is wrong, so that its readings are logged under a wrong time. */
import type { Facts } from "../../../../../lib/contract/incidents.ts";
import type { Clock } from "../../../../core/instants.ts";
import { beforeThisMail, type MailTemplate, NOTHING_TO_DO } from "../mail-template.ts";
import { quoted } from "../words.ts";

type ClockWrong = Extract<Facts, { kind: "clock-wrong" }>;

const SAID_LENGTH_MAX = 40;

/** In the reader's zone; as it stands, if it is no instant. */
function saidAt(said: string, time: Clock): string {
  const atMs = Date.parse(said);
  return Number.isNaN(atMs) ? quoted(said, SAID_LENGTH_MAX) : time(atMs);
}

/** The mail about a node whose clock is wrong. */
export const clockWrong: MailTemplate<ClockWrong> = {
  headline: ({ node, said }) => `clock of node ${node} is wrong, it says ${quoted(said.slice(0, 10))}`,
  overHeadline: ({ node }) => `clock of node ${node} is right again`,
  nodes: ({ node }) => [node],
  night: () => "Yes. Nothing is lost. Until it is fixed, readings are stored under a wrong time.",
  happened: ({ node, said, receivedMs }, { time }) => [
    `Node ${node} said that it was ${saidAt(said, time)} when its reading came, at ${time(receivedMs)}.`,
    "It has not got the time from a time server (NTP).",
  ],
  since: (_, setting) => [`Since ${beforeThisMail(setting.sinceMs, setting)}.`],
  stillWorks: ({ node }) => [
    `Node ${node} measures and publishes. Its readings are stored under the time that it says.`,
    "Mails are ordered by when a message was received, not by the node's clock.",
  ],
  toDo: () => [
    "Let the nodes reach a time server: a router or firewall may block NTP, UDP port 123.",
    "Then reset the node: it asks for the time whenever it connects.",
  ],
  over: ({ node }) => ({
    happened: [`Node ${node} has published a reading with the right time.`],
    works: [
      "Readings are stored under the right time again. Earlier ones keep the wrong time; each also has the time of its receipt.",
    ],
    toDo: NOTHING_TO_DO,
  }),
};
