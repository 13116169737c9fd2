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
  night: () =>
    "Yes, unless a queue below is that of the events rule: then a mail to you may be missing. The queues keep their messages for days.",
  happened: () => [
    "A rule or a function of the cloud failed on messages from the nodes. They wait in the queues below.",
  ],
  since: (_, setting) => [`Since ${beforeThisMail(setting.sinceMs, setting)}.`],
  stillWorks: () => [
    "The nodes and their failover: they do not depend on the cloud.",
    "Readings in a queue are not in the log yet. Events in a queue have not been mailed.",
  ],
  toDo: () => ["See what failed: npm run replay -- --target aws. Fix the cause, then replay."],
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
