/** A mail that a person asked for, to see whether it arrives. */
import { BACKEND } from "../../../../lib/contract/incidents.ts";
import { utcMinute } from "../../../core/instants.ts";
import { runbookSection, subjectOf } from "./compose-mail.ts";
import { type Mail, type MailConfig, mailOf } from "./mail.ts";
import type { MailContent } from "./mail-content.ts";

/** @param nowMs epoch ms; each test is a thread of its own */
export function renderTest(to: string, nowMs: number, config: MailConfig): Mail {
  const addressed = { to: [to], channel: "test", nowMs, claims: 1, priorUnconfirmed: false };
  return mailOf(
    testContent(nowMs, config),
    addressed,
    { cluster: BACKEND, incident: "test-mail", thread: `backend.test-mail.${nowMs}`, own: "test" },
    config,
  );
}

function testContent(nowMs: number, { name, runbookUrl, clusters, mailFrom }: MailConfig): MailContent {
  return {
    state: "test",
    subject: subjectOf(name, "test", "nothing is wrong: mails of this deployment reach you"),
    headline: "Nothing is wrong: this is a test",
    notices: [],
    sections: [
      {
        title: "What happened",
        lines: [`Somebody ran npm run test-mail at ${utcMinute(nowMs)}. No node has reported anything.`],
      },
      {
        title: "What works",
        lines: [
          "The function that sends mails is deployed and may send. Amazon SES accepted its mail to you.",
        ],
      },
      {
        title: "What to do",
        lines: [
          `If this mail is in the spam folder, mark it as not spam: real mails come from ${mailFrom} too, with [${name}] in their subject.`,
          "Otherwise nothing.",
        ],
      },
    ],
    pictures: [],
    table: {
      title: "Clusters that you are told of",
      columns: ["Cluster", "Nodes"],
      rows: [...clusters].map(([id, { nodes }]) => [id, String(nodes)]),
    },
    runbookUrl: runbookSection(runbookUrl, "test-mail"),
    footer: "No mail follows this one.",
  };
}
