/** Many incidents at once, as one mail that lists them. */
import type { DigestEntry } from "../../../../lib/contract/incidents.ts";
import { clockOf } from "../../../core/instants.ts";
import {
  type ComposeConfig,
  noticesOf,
  placeOf,
  runbookSection,
  settingOf,
  subjectOf,
} from "./compose-mail.ts";
import { headlineOf } from "./headline.ts";
import type { MailContent } from "./mail-content.ts";
import type { DigestContext } from "./mail-context.ts";
import { counted } from "./words.ts";

/** What still fires first; then the oldest. */
const byUrgency = (x: DigestEntry, y: DigestEntry): number =>
  Number(x.state === "resolved") - Number(y.state === "resolved") || x.since_ms - y.since_ms;

function whatOf(
  { cluster_id, facts, since_ms, state, removed }: DigestEntry,
  { nowMs, timeZone }: DigestContext,
  clusters: ComposeConfig["clusters"],
): string {
  const zoned = timeZone === undefined ? {} : { timeZone };
  const headline = headlineOf(facts, settingOf(cluster_id, { nowMs, sinceMs: since_ms, ...zoned }, clusters));
  if (state === "firing") return headline;
  return removed === true ? `RESOLVED, no longer in the configuration: ${headline}` : `RESOLVED: ${headline}`;
}

/** @param ended how many of them were told before, and are over now */
function standsFor(all: number, ended: number): string[] {
  const started = all - ended;
  return [
    ...(started === 0
      ? []
      : [
          `Too many incidents started within an hour for a mail each. This one stands for the FIRING mails of ${counted(started, "incident")}.`,
        ]),
    ...(ended === 0
      ? []
      : [
          `Incidents that began together have ended together. This mail stands for the RESOLVED mails of ${counted(ended, "incident")}.`,
        ]),
  ];
}

/**
 * The content of a digest: what started or ended in its span, a row for each incident.
 * @param answerUrl where an incident can be acknowledged, where that is set up
 */
export function composeDigest(
  context: DigestContext,
  { name, clusters, runbookUrl }: ComposeConfig,
  answerUrl: (entry: DigestEntry) => string | undefined = () => undefined,
): MailContent {
  const { incidents, timeZone } = context;
  const time = clockOf(timeZone);
  const firing = incidents.filter(({ state }) => state === "firing").length;
  const places = new Set(incidents.map(({ cluster_id }) => placeOf(cluster_id)));
  const many = counted(incidents.length, "incident");
  const ended = incidents.filter(({ told }) => told === true).length;
  const isOver = ended === incidents.length;
  const counts = isOver ? `${many} over` : `${many} at once, ${firing === 0 ? "none" : firing} still firing`;
  const rows = [...incidents].sort(byUrgency);
  const headline = places.size === 1 ? `${[...places].join("")}: ${counts}` : counts;
  const startedMs = incidents.map(({ since_ms }) => since_ms);
  return {
    state: "digest",
    subject: subjectOf(name, "digest", headline),
    headline,
    night: isOver
      ? "Yes: all of it is over."
      : "Mostly: many incidents at once have one cause, broadband or power, which comes back by itself. Read the list once to be sure.",
    notices: noticesOf(context),
    sections: [
      {
        title: "What happened",
        lines: standsFor(incidents.length, ended),
      },
      {
        title: "Since when",
        lines: [`They started between ${time(Math.min(...startedMs))} and ${time(Math.max(...startedMs))}.`],
      },
      {
        title: "What still works",
        lines: [
          `Everything that is not listed below, as far as the cloud can tell. Concerned: ${[...places].sort().join(", ")}.`,
        ],
      },
      {
        title: "What to do",
        lines: isOver
          ? ["Nothing."]
          : [
              "Look for one common cause: broadband, power, an expired certificate, the cloud itself.",
              "Then go through the list from the top. The runbook has a section for each kind.",
            ],
      },
    ],
    pictures: [],
    table: {
      title: "The incidents",
      columns: ["Where", "What", "Since"],
      rows: rows.map((entry) => [
        placeOf(entry.cluster_id),
        whatOf(entry, context, clusters),
        time(entry.since_ms),
      ]),
      answers: rows.map((entry) => (entry.state === "firing" ? answerUrl(entry) : undefined)),
    },
    runbookUrl: runbookSection(runbookUrl, "digests"),
    footer:
      "Each incident that still fires gets its own mail when it is over; one that is listed as resolved gets none.",
  };
}
