/** The content of a mail about one incident: what its kind's template says, and what is said of every kind alike. */
import { BACKEND } from "../../../../lib/contract/incidents.ts";
import type { ClusterConfig } from "../../../core/environment.ts";
import { type Clock, clockOf, span } from "../../../core/instants.ts";
import { templateOf } from "./headline.ts";
import type { MailContent, Section } from "./mail-content.ts";
import type { Addressed, MailContext } from "./mail-context.ts";
import type { Over, Setting } from "./mail-template.ts";
import { lastDay, pictureOf } from "./picture.ts";
import { removedHeadline, removedOver } from "./removed.ts";
import { elseSection, nowSection } from "./surroundings.ts";
import { bounded, counted, quoted } from "./words.ts";

/** A phone shows 40 characters of it, an SMS holds this many. Our own words stay below it; it is the last gate. */
export const SUBJECT_LENGTH_MAX = 160;

/** How the cluster of an incident is called; what belongs to none is the backend's. */
export const placeOf = (clusterId: string): string => (clusterId === BACKEND ? "backend" : clusterId);

/** No blank at its end: a parser would cut it off. @param name the deployment's */
export const subjectOf = (name: string, state: string, text: string): string =>
  bounded(`[${name}] ${state.toUpperCase()} ${text}`, SUBJECT_LENGTH_MAX).trimEnd();

type Clusters = ReadonlyMap<string, ClusterConfig>;

/** What a mail's sentences are written against: the cluster as configured, and the times. */
export function settingOf(
  clusterId: string,
  times: Pick<Setting, "nowMs" | "sinceMs"> & Pick<Addressed, "timeZone"> & { readonly untilMs?: number },
  clusters: Clusters,
): Setting {
  const { nowMs, sinceMs, untilMs, timeZone } = times;
  return {
    clusterId: placeOf(clusterId),
    cluster: clusters.get(clusterId),
    nowMs,
    sinceMs,
    ...(untilMs === undefined ? {} : { untilMs }),
    time: clockOf(timeZone),
  };
}

/** What the reader should know of the mail itself, whatever it is about. */
export function noticesOf({
  claims,
  priorUnconfirmed,
  heldBackSinceMs,
  muted,
  timeZone,
}: Addressed): string[] {
  const found: string[] = [];
  if (claims > 1)
    found.push("Possible duplicate: an earlier attempt at this mail was cut off, and may have sent it.");
  if (priorUnconfirmed)
    found.push("The mail before this one may not have reached you: its sending was cut off.");
  if (heldBackSinceMs !== undefined)
    found.push(`Your quiet hours have held this mail back since ${clockOf(timeZone)(heldBackSinceMs)}.`);
  if (muted !== undefined) {
    const [from, until] = [muted.fromMs, muted.untilMs].map(clockOf(timeZone));
    const meanwhile =
      muted.settled === 0 ? "" : `; ${counted(muted.settled, "incident")} came and went meanwhile`;
    found.push(`Mails of ${muted.cluster} were muted from ${from} to ${until}${meanwhile}.`);
  }
  return found;
}

/** A mail about a stranger goes out all the same, and says so. */
function strangers(clusterId: string, nodes: readonly number[], clusters: Clusters): string[] {
  if (clusterId === BACKEND) return [];
  const cluster = clusters.get(clusterId);
  if (cluster === undefined)
    return [`Cluster ${clusterId} is not in the configuration: add it, or revoke its certificates.`];
  const beyond = nodes.find((node) => node >= cluster.nodes);
  return beyond === undefined
    ? []
    : [`The configuration gives this cluster ${cluster.nodes} nodes, without node ${beyond}.`];
}

function flapNotices(context: MailContext): string[] {
  const { flaps, flapping, missed, only, acknowledgedMs, acknowledgedBy, unansweredMs, waitedMs, timeZone } =
    context;
  const found: string[] = [];
  if (unansweredMs !== undefined)
    found.push(
      `Nobody has answered for ${span(unansweredMs)}: you are told because the configuration names you for then (after_hours).`,
    );
  if (acknowledgedMs !== undefined)
    found.push(
      `${acknowledgedBy === undefined ? "A recipient" : quoted(acknowledgedBy)} acknowledged it at ${clockOf(timeZone)(acknowledgedMs)}.`,
    );
  if (waitedMs !== undefined)
    found.push(
      `It came back by itself less than 30 days ago, so this mail has waited ${span(waitedMs)} for it to do so again.`,
    );
  if (only === true) found.push("This is the only mail about it: it was over before a mail was due.");
  if (flaps > 0)
    found.push(`It has started again ${counted(flaps, "time")}, each within four hours of its end before.`);
  if (missed > 0)
    found.push(`It has come and gone ${counted(missed, "time")} since the mail before this one.`);
  if (flapping)
    found.push(
      "Single mails stop here: the next one comes once it has fired for two hours, or been well for four.",
    );
  return found;
}

/** Said of a FIRING mail that was held back for so long that it is over. */
const overMeanwhile = ({ kind, untilMs }: MailContext, time: Clock): string[] =>
  kind === "resolved" || untilMs === undefined
    ? []
    : [`It was over at ${time(untilMs)}. A RESOLVED mail follows this one.`];

const isLate = ({ kind, heldBackSinceMs, unansweredMs, waitedMs }: MailContext): boolean =>
  kind === "reminder" || [heldBackSinceMs, unansweredMs, waitedMs].some((ms) => ms !== undefined);

/** What is true as the mail is written, as far as the tables have told. */
const given = (section: Section | undefined): Section[] => (section === undefined ? [] : [section]);

function firingSections(context: MailContext, setting: Setting): Section[] {
  const { facts, surroundings = {} } = context;
  const template = templateOf(facts.kind);
  return [
    { title: "What happened", lines: template.happened(facts, setting) },
    {
      title: "Since when",
      lines: [...template.since(facts, setting), ...overMeanwhile(context, setting.time)],
    },
    ...given(nowSection(surroundings, setting)),
    // A later mail repeats the first report: nothing newer is known.
    {
      title: isLate(context) ? "What still worked then" : "What still works",
      lines: template.stillWorks(facts, setting),
    },
    { title: "What to do", lines: template.toDo(facts, setting) },
    ...given(elseSection(surroundings, setting)),
  ];
}

function resolvedSections(
  { happened, works, toDo }: Over,
  context: MailContext,
  setting: Setting,
): Section[] {
  const { facts, surroundings = {} } = context;
  const { sinceMs, untilMs = setting.nowMs, time } = setting;
  const beganMs = templateOf(facts.kind).beganMs?.(facts) ?? sinceMs;
  return [
    { title: "What happened", lines: happened },
    {
      title: "Since when",
      lines: [`It lasted from ${time(beganMs)} to ${time(untilMs)}: ${span(untilMs - beganMs)}.`],
    },
    ...given(nowSection(surroundings, setting)),
    { title: "What works", lines: works },
    { title: "What to do", lines: toDo },
    ...given(elseSection(surroundings, setting)),
  ];
}

/** Which mails come next, so that silence can be told from loss. */
function footerOf({ kind, untilMs, flapping, nextReminderMs }: MailContext, time: Clock): string {
  if (kind === "resolved") return "This closes the incident. A mail comes again only if it starts again.";
  if (untilMs !== undefined) return "The RESOLVED mail follows this one.";
  const when = flapping ? "once it has fired for two hours, or been well for four" : "when it is over";
  if (nextReminderMs !== undefined)
    return `The next mail comes ${when}, or as a reminder at ${time(nextReminderMs)}.`;
  return `${kind === "reminder" ? "This was the last reminder. " : ""}The next mail comes ${when}.`;
}

/** `kitchen: node 0 stopped`, and after how long it is said once more, or that it is not the first time. */
function subjectText(context: MailContext, headline: string): string {
  const { id, kind, facts, flaps, flapping, sinceMs, nowMs } = context;
  const place = placeOf(id.clusterId);
  const beganMs = templateOf(facts.kind).beganMs?.(facts) ?? sinceMs;
  if (kind === "reminder") return `${place}, after ${span(nowMs - beganMs)}: ${headline}`;
  if (kind === "resolved" || flaps === 0) return `${place}: ${headline}`;
  return `${place}: ${headline}, ${flapping ? "again and again" : "again"}`;
}

/** What the texts name besides the incident. */
export interface ComposeConfig {
  /** The deployment's. */
  readonly name: string;
  readonly clusters: Clusters;
  readonly runbookUrl: string;
}

/** The link to a section of the runbook. */
export function runbookSection(runbookUrl: string, heading: string): string {
  const url = new URL(runbookUrl);
  url.hash = heading;
  return url.href;
}

/** Whether it is well is not known of what nobody watches any more. */
const overOf = ({ id, facts, removed }: MailContext, setting: Setting): Over =>
  removed === true ? removedOver(id, setting) : templateOf(facts.kind).over(facts, setting);
const overHeadlineOf = ({ id, facts, removed }: MailContext, setting: Setting): string =>
  removed === true ? removedHeadline(id, setting) : templateOf(facts.kind).overHeadline(facts, setting);

/** @param answerUrl where the reader can acknowledge, where that is set up; only a mail that reminders may follow has it */
export function composeMail(context: MailContext, config: ComposeConfig, answerUrl?: string): MailContent {
  const { id, kind, facts } = context;
  const { clusters } = config;
  const setting = settingOf(id.clusterId, context, clusters);
  const template = templateOf(facts.kind);
  const over = kind === "resolved" ? overOf(context, setting) : undefined;
  const headline = over === undefined ? template.headline(facts, setting) : overHeadlineOf(context, setting);
  const table = over === undefined ? template.table?.(facts, setting) : over.table;
  const answerable = context.untilMs === undefined && answerUrl !== undefined;
  const picture = pictureOf(context.surroundings?.readings ?? [], lastDay(context.nowMs));
  return {
    state: kind,
    subject: subjectOf(config.name, kind, subjectText(context, headline)),
    headline: `${placeOf(id.clusterId)}: ${headline}`,
    ...(over === undefined ? { night: nightOf(context, setting) } : {}),
    notices: [
      ...noticesOf(context),
      ...flapNotices(context),
      ...(context.removed === true ? [] : strangers(id.clusterId, template.nodes(facts), clusters)),
    ],
    sections:
      over === undefined ? firingSections(context, setting) : resolvedSections(over, context, setting),
    pictures: picture === undefined ? [] : [picture],
    ...(table === undefined ? {} : { table }),
    runbookUrl: runbookSection(config.runbookUrl, facts.kind),
    ...(answerable ? { answerUrl } : {}),
    footer: footerOf(context, setting.time),
  };
}

/** A mail that was held back until it was over wakes nobody. */
const nightOf = ({ facts, untilMs }: MailContext, setting: Setting): string =>
  untilMs === undefined ? templateOf(facts.kind).night(facts, setting) : "Yes. It is over.";
