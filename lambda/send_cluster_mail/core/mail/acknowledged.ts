/** The short mail to the others of a channel, once one of its recipients has said that they handle an incident. */
import {
  type ComposeConfig,
  noticesOf,
  placeOf,
  runbookSection,
  settingOf,
  subjectOf,
} from "./compose-mail.ts";
import { templateOf } from "./headline.ts";
import type { MailContent } from "./mail-content.ts";
import type { MailContext } from "./mail-context.ts";
import { beforeThisMail } from "./mail-template.ts";
import { quoted } from "./words.ts";

/** Who it is, as they or the configuration call themselves. */
export const whoOf = ({ acknowledgedBy }: Pick<MailContext, "acknowledgedBy">): string =>
  acknowledgedBy === undefined ? "A recipient" : quoted(acknowledgedBy);

/** @param answerUrl where the reader can answer otherwise, where that is set up */
export function composeAcknowledged(
  context: MailContext,
  { name, clusters, runbookUrl }: ComposeConfig,
  answerUrl?: string,
): MailContent {
  const { id, facts, acknowledgedMs = context.nowMs, untilMs } = context;
  const setting = settingOf(id.clusterId, context, clusters);
  const template = templateOf(facts.kind);
  const who = whoOf(context);
  const what = template.headline(facts, setting);
  const headline = `${placeOf(id.clusterId)}: ${who} handles it: ${what}`;
  return {
    state: "acknowledged",
    subject: subjectOf(name, "acknowledged", headline),
    headline,
    night: "Yes. Somebody handles it.",
    notices: noticesOf(context),
    sections: [
      {
        title: "What happened",
        lines: [`${who} acknowledged it at ${setting.time(acknowledgedMs)}, and handles it: ${what}.`],
      },
      { title: "Since when", lines: [`It began at ${beforeThisMail(context.sinceMs, setting)}.`] },
      { title: "What to do", lines: ["Nothing, unless you know better than they do."] },
    ],
    pictures: [],
    runbookUrl: runbookSection(runbookUrl, facts.kind),
    ...(untilMs === undefined && answerUrl !== undefined ? { answerUrl } : {}),
    footer: "No reminders come. The next mail comes when it is over.",
  };
}
