/** The weekly report in words: what was stored, how warm it was, what failed, what was told. */
import { INCIDENT_KINDS } from "../../../../lib/contract/incidents.ts";
import type { ClusterWeek, IncidentWeek, WeeklyReport } from "../../../../lib/contract/weekly.ts";
import { clockOf } from "../../../core/instants.ts";
import { TITLES } from "../../../core/titles.ts";
import { type ComposeConfig, noticesOf, placeOf, runbookSection, subjectOf } from "./compose-mail.ts";
import type { MailContent, Picture, Section } from "./mail-content.ts";
import type { WeeklyContext } from "./mail-context.ts";
import { pictureOf, type Sample } from "./picture.ts";
import { celsius, counted, volts } from "./words.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** More clusters have their lines without a picture. */
const PICTURES_MAX = 8;
/** A forecast beyond it is none: a pack's voltage bends down at its end. */
const FORECAST_DAYS_MAX = 60;

const grouped = (count: number): string => count.toLocaleString("en-US");

const storedText = (stored: number, due: number): string => `${grouped(stored)} of ${grouped(due)} readings`;

const rangeText = ({ temperatures_c: range }: ClusterWeek): string | undefined =>
  range === null ? undefined : `${range.lowest.toFixed(1)} to ${celsius(range.highest)}`;

function batteryText({ node, mv, days_left }: ClusterWeek["batteries"][number]): string {
  const left =
    days_left === null || days_left > FORECAST_DAYS_MAX
      ? "more than two weeks left"
      : days_left < 1
        ? "less than a day left"
        : `about ${counted(Math.floor(days_left), "day")} left`;
  return `Battery of node ${node}: ${volts(mv)}, ${left}.`;
}

function clusterSection(week: ClusterWeek): Section {
  const { cluster_id, stored, due, temperatures_c: range, failovers, batteries } = week;
  return {
    title: cluster_id,
    lines: [
      `${storedText(stored, due)} stored.`,
      ...(range === null
        ? []
        : [
            `Lowest ${celsius(range.lowest)}, mean ${celsius(range.mean)}, highest ${celsius(range.highest)}.`,
          ]),
      failovers === 0 ? "No failover." : `${counted(failovers, "failover")}.`,
      ...batteries.map(batteryText),
    ],
  };
}

/** The mean of each hour stands in its middle. */
function pictureOfWeek(week: ClusterWeek, { from_ms, until_ms }: WeeklyReport): Picture | undefined {
  const samples = week.hourly_c.flatMap((temperatureC, hour): Sample[] =>
    temperatureC === null ? [] : [{ atMs: from_ms + (hour + 0.5) * HOUR_MS, temperatureC }],
  );
  return pictureOf(samples, {
    title: `${week.cluster_id}, hour by hour`,
    fromMs: from_ms,
    untilMs: until_ms,
    columns: 28,
    column: "six hours a column",
    tickMs: DAY_MS,
    ticks: "7 days, a tick each",
  });
}

/** A report that was stored by a later version may name a kind that this one does not know. */
function titleOf(kindText: string, subject: number): string {
  const kind = INCIDENT_KINDS.find((one) => one === kindText);
  return kind === undefined ? `${kindText} ${subject}` : TITLES[kind](subject);
}

const howOften = (episodes: number): string =>
  ["", " once,", " twice,"][episodes] ?? ` ${counted(episodes, "time")},`;

/** `kitchen, node 0 stopped: 3 times, told in 4 mails; it still fires.` */
function incidentLine(
  { cluster_id, kind, subject, episodes, mails, firing }: IncidentWeek,
  channel: string,
): string {
  const told = mails[channel] ?? 0;
  const mailed = told === 0 ? " no mail" : ` told in ${counted(told, "mail")}`;
  const began = episodes === 0 ? " since before this week," : howOften(episodes);
  return `${placeOf(cluster_id)}, ${titleOf(kind, subject)}:${began}${mailed}${firing ? "; it still fires" : ""}.`;
}

/** An episode alone brings a FIRING and a RESOLVED mail. What came less was joined, or left out. */
const fewerThanAlone = ({ episodes, mails, firing }: IncidentWeek, channel: string): number =>
  Math.max(0, 2 * episodes - Number(firing && episodes > 0) - (mails[channel] ?? 0));

function incidentSections({ incidents }: WeeklyReport, channel: string): Section[] {
  const active = incidents.filter(
    ({ episodes, firing, mails }) => episodes > 0 || firing || (mails[channel] ?? 0) > 0,
  );
  const spared = active.reduce((sum, one) => sum + fewerThanAlone(one, channel), 0);
  return [
    {
      title: "Incidents",
      lines: active.length === 0 ? ["None."] : active.map((one) => incidentLine(one, channel)),
    },
    {
      title: "Suppressed",
      lines: [
        spared === 0
          ? "No mail."
          : `${counted(spared, "mail")}: incidents that flapped, stood in a digest, or came and went in quiet hours.`,
      ],
    },
  ];
}

/** The content of the weekly report to one channel. */
export function composeWeekly(context: WeeklyContext, { name, runbookUrl }: ComposeConfig): MailContent {
  const { report, channel, timeZone } = context;
  const { clusters, from_ms, until_ms } = report;
  const time = clockOf(timeZone);
  const sum = (of: (week: ClusterWeek) => number) => clusters.reduce((total, week) => total + of(week), 0);
  const readings = storedText(
    sum(({ stored }) => stored),
    sum(({ due }) => due),
  );
  const [only] = clusters;
  const range = clusters.length === 1 && only !== undefined ? rangeText(only) : undefined;
  const place =
    clusters.length === 1 && only !== undefined ? only.cluster_id : counted(clusters.length, "cluster");
  const headline = `${place}: ${readings}${range === undefined ? "" : `, ${range}`}`;
  const pictures = clusters.slice(0, PICTURES_MAX).flatMap((week) => pictureOfWeek(week, report) ?? []);
  return {
    state: "weekly",
    subject: subjectOf(name, "weekly", headline),
    headline,
    notices: noticesOf(context),
    sections: [
      { title: "The week", lines: [`From ${time(from_ms)} to ${time(until_ms)}.`] },
      ...clusters.map(clusterSection),
      ...incidentSections(report, channel),
    ],
    pictures,
    runbookUrl: runbookSection(runbookUrl, "weekly-report"),
    footer:
      "This report comes once a week, and proves that mails reach you: if it stays away, run npm run doctor. The runbook says how to turn it off.",
  };
}
