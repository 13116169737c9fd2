/** Messages wait in the cloud's error and failure queues. */
import type { Facts } from "../../../../../lib/contract/incidents.ts";
import { beforeThisMail, type MailTemplate, NOTHING_TO_DO } from "../mail-template.ts";
import { counted, quoted } from "../words.ts";

type BackendFailing = Extract<Facts, { kind: "backend-failing" }>;

const total = ({ queues }: BackendFailing): number => queues.reduce((sum, { messages }) => sum + messages, 0);

/** The mail about messages in the backend's own error and failure queues. */
export const backendFailing: MailTemplate<BackendFailing> = {
  headline: (facts) => `${counted(total(facts), "message")} failed on our side of the wire`,
  overHeadline: () => "the error queues are empty again",
  nodes: () => [],
  happened: () => [
    "A rule or a function of the cloud failed on messages of the nodes; they were put into the queues below and wait there.",
  ],
  since: (_, setting) => [`Since ${beforeThisMail(setting.sinceMs, setting)}.`],
  stillWorks: () => [
    "The nodes, and the failover between them, need nothing of the cloud.",
    "Readings in a queue are not in the log yet, and events in one have not been told; nothing is lost for some days.",
  ],
  toDo: () => ["Read what the queues hold, mend the cause, and replay it: the runbook says how."],
  over: () => ({
    happened: ["The error queues are empty."],
    works: ["Rules and functions."],
    toDo: NOTHING_TO_DO,
  }),
  table: ({ queues }) => ({
    title: "Messages waiting",
    columns: ["Queue", "Messages"],
    rows: queues.map(({ name, messages }) => [quoted(name), String(messages)]),
  }),
};
