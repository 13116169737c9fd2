/** The story of one incident: what its kind has to say, and what is said of every kind alike. */
import { BACKEND, type Facts, type IncidentKind } from "../../../../lib/contract/incidents.ts";
import type { ClusterConfig } from "../../../core/environment.ts";
import { span, utc, utcMinute } from "../../../core/instants.ts";
import { backendFailing } from "./kinds/backend-failing.ts";
import { batteryLow } from "./kinds/battery-low.ts";
import { clusterSilent } from "./kinds/cluster-silent.ts";
import { eepromUnwritable } from "./kinds/eeprom-unwritable.ts";
import { nodeDead } from "./kinds/node-dead.ts";
import { nodeSuspect } from "./kinds/node-suspect.ts";
import { sensorDisagreeing } from "./kinds/sensor-disagreeing.ts";
import { sensorFailing } from "./kinds/sensor-failing.ts";
import { splitBrain } from "./kinds/split-brain.ts";
import type { Addressed, Occasion } from "./occasion.ts";
import type { Section, Story } from "./story.ts";
import type { Setting, Teller } from "./teller.ts";
import { bounded, capital, counted } from "./words.ts";

const TELLERS: { readonly [Kind in IncidentKind]: Teller<Extract<Facts, { kind: Kind }>> } = {
  "node-dead": nodeDead,
  "node-suspect": nodeSuspect,
  "cluster-silent": clusterSilent,
  "split-brain": splitBrain,
  "eeprom-unwritable": eepromUnwritable,
  "sensor-failing": sensorFailing,
  "sensor-disagreeing": sensorDisagreeing,
  "battery-low": batteryLow,
  "backend-failing": backendFailing,
};

/** The table above pairs each kind with its own facts; TypeScript cannot follow that through an index. */
const tellerOf = (facts: Facts): Teller<Facts> => TELLERS[facts.kind] as unknown as Teller<Facts>;

/** A phone shows 40 characters of it, most programs 100; the longest that our own words make is shorter than this. */
export const SUBJECT_LENGTH_MAX = 160;

/** How the cluster of an incident is called; what belongs to none is the backend's. */
export const placeOf = (clusterId: string): string => (clusterId === BACKEND ? "backend" : clusterId);

export const subjectOf = (state: string, text: string): string =>
  bounded(`[ha2m] ${state.toUpperCase()} ${text}`, SUBJECT_LENGTH_MAX);

/** One line about an incident, for a digest. */
export const headlineOf = (facts: Facts, setting: Setting): string =>
  tellerOf(facts).headline(facts, setting);

type Clusters = ReadonlyMap<string, ClusterConfig>;

export function settingOf(
  clusterId: string,
  times: Pick<Setting, "nowMs" | "sinceMs"> & { readonly untilMs?: number | undefined },
  clusters: Clusters,
): Setting {
  const { nowMs, sinceMs, untilMs } = times;
  return {
    clusterId: placeOf(clusterId),
    cluster: clusters.get(clusterId),
    nowMs,
    sinceMs,
    ...(untilMs === undefined ? {} : { untilMs }),
  };
}

/** What the reader should know of the mail itself, whatever it is about. */
export function noticesOf({ claims, priorUnconfirmed, heldBackSinceMs }: Addressed): string[] {
  const found: string[] = [];
  if (claims > 1)
    found.push("Possible duplicate: an earlier attempt at this mail was cut off, and may have sent it.");
  if (priorUnconfirmed)
    found.push("The mail before this one may not have reached you: its sending was cut off.");
  if (heldBackSinceMs !== undefined)
    found.push(`Your quiet hours have held this mail back since ${utc(heldBackSinceMs)}.`);
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

function flapNotice({ flaps, flapping }: Occasion): string[] {
  if (flaps === 0) return [];
  const often = `It has come back and gone again ${counted(flaps, "time")}, each within an hour of the last`;
  return [
    flapping
      ? `${often}. Single mails stop here: the next one comes when it has been steady for an hour.`
      : `${often}.`,
  ];
}

/** Said of a FIRING mail that was held back for so long that it is over. */
const overMeanwhile = ({ kind, untilMs }: Occasion): string[] =>
  kind === "resolved" || untilMs === undefined
    ? []
    : [`It was over at ${utc(untilMs)}; a RESOLVED mail follows this one.`];

function firingSections(occasion: Occasion, setting: Setting): Section[] {
  const { facts } = occasion;
  const teller = tellerOf(facts);
  return [
    { title: "What happened", lines: teller.happened(facts, setting) },
    { title: "Since when", lines: [...teller.since(facts, setting), ...overMeanwhile(occasion)] },
    { title: "What still works", lines: teller.stillWorks(facts, setting) },
    { title: "What to do", lines: teller.toDo(facts, setting) },
  ];
}

function resolvedSections({ facts }: Occasion, setting: Setting): Section[] {
  const { happened, works, toDo } = tellerOf(facts).over(facts, setting);
  const { sinceMs, untilMs = setting.nowMs } = setting;
  return [
    { title: "What happened", lines: happened },
    {
      title: "Since when",
      lines: [`It lasted from ${utc(sinceMs)} to ${utc(untilMs)}: ${span(untilMs - sinceMs)}.`],
    },
    { title: "What works", lines: works },
    { title: "What to do", lines: toDo },
  ];
}

/** Which mails come next, so that silence can be told from loss. */
function footerOf({ kind, untilMs, flapping, nextReminderMs }: Occasion): string {
  if (kind === "resolved") return "This closes the incident. A mail comes again only if it starts again.";
  if (untilMs !== undefined) return "The RESOLVED mail follows this one.";
  if (flapping) return "The next mail comes when it has been steady for an hour.";
  if (nextReminderMs !== undefined)
    return `You get one mail when it is over; a reminder at ${utcMinute(nextReminderMs)}, if it is not over by then.`;
  const last = kind === "reminder" ? "This was the last reminder. " : "";
  return `${last}You get one more mail about this, when it is over.`;
}

const addition = ({ kind, flaps, flapping, sinceMs, nowMs }: Occasion): string => {
  if (kind === "reminder") return `, for ${span(nowMs - sinceMs)} now`;
  if (kind === "resolved" || flaps === 0) return "";
  return flapping ? ", and keeps coming back" : ", again";
};

export interface TellConfig {
  readonly clusters: Clusters;
  readonly runbookUrl: string;
}

/** The link to a section of the runbook. */
export function runbookSection(runbookUrl: string, heading: string): string {
  const url = new URL(runbookUrl);
  url.hash = heading;
  return url.href;
}

/** @param answerUrl where the reader can acknowledge, where that is set up; only a mail that reminders may follow has it */
export function tell(occasion: Occasion, config: TellConfig, answerUrl?: string): Story {
  const { id, kind, facts } = occasion;
  const { clusters } = config;
  const setting = settingOf(id.clusterId, occasion, clusters);
  const teller = tellerOf(facts);
  const resolved = kind === "resolved";
  const headline = resolved ? teller.overHeadline(facts, setting) : teller.headline(facts, setting);
  const table = teller.table?.(facts, setting);
  return {
    state: kind,
    subject: subjectOf(kind, `${placeOf(id.clusterId)}: ${headline}${addition(occasion)}`),
    headline: capital(headline),
    notices: [
      ...noticesOf(occasion),
      ...flapNotice(occasion),
      ...strangers(id.clusterId, teller.nodes(facts), clusters),
    ],
    sections: resolved ? resolvedSections(occasion, setting) : firingSections(occasion, setting),
    ...(table === undefined ? {} : { table }),
    runbookUrl: runbookSection(config.runbookUrl, facts.kind),
    ...(answerUrl === undefined || resolved || occasion.untilMs !== undefined ? {} : { answerUrl }),
    footer: footerOf(occasion),
  };
}
