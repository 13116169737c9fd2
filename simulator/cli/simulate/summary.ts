/** The summary after the timeline, and the same facts as the object that `--json` prints. */
import { dollars } from "../../cost/bill.ts";
import { counted } from "../shared/counted.ts";
import { hanging } from "../shared/hanging-indent.ts";
import { paint, type Terminal } from "../shared/terminal.ts";
import type { RunCost } from "../shared/usage-meter.ts";
import type { ChaosReport } from "./drain-cloud.ts";
import type { NextStep } from "./heading.ts";
import { DAYS_MAX } from "./options.ts";
import { wallClock } from "./timeline.ts";

/** A mail that SES has accepted. */
export interface SentMail {
  readonly at: string;
  readonly to: readonly string[];
  readonly kind: string;
  readonly incident: string;
  /** What all mails of one thread refer to; null: a mail that stands by itself. */
  readonly thread: string | null;
  readonly subject: string;
  /** It says of itself that an attempt before it may have sent it. */
  readonly possible_duplicate?: true;
}

/** An alarm of the backend that rang, or that is over: what its topic was told. */
export interface AlarmChange {
  readonly at: string;
  readonly alarm: string;
  /** `ALARM` or `OK`. */
  readonly state: string;
  readonly reason: string;
}

/** What `simulate --json` prints. */
export interface Report {
  readonly scenario: string;
  readonly seed: number;
  readonly protocol: string;
  /** One sentence, where the protocol is known to fail its user in this scenario. */
  readonly fails: string | null;
  readonly nodes: number;
  readonly simulated_s: number;
  /** False: interrupted after `simulated_s`, and no expectation is judged. */
  readonly completed: boolean;
  readonly readings: { expected: number; published: number; stored: number; lost: number };
  readonly failovers: readonly {
    at: string;
    from: number;
    to: number;
    term: number;
    outage_s: number | null;
  }[];
  readonly mails: readonly SentMail[];
  readonly alarms: readonly AlarmChange[];
  /** What the article's rule would have come to: a mail at every wake of the primary while a node is dead. */
  readonly article_mails: number;
  /** Notifications that led to no mail. */
  readonly suppressed: number;
  readonly suppressed_by_reason: Readonly<Record<string, number>>;
  readonly queued: Readonly<Record<string, number>>;
  readonly max_concurrent_primaries: number;
  /** Every metric that an expectation can be about: `readings_lost`, `longest_gap_s`. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly temperatures: TemperatureReport | null;
  /** Where `--chaos` asked for it. */
  readonly chaos?: ChaosReport;
  readonly expectations: readonly { text: string; held: boolean; found: string | null }[];
  /** SES sends to nobody else while it is on. Undefined: a deployed backend was played against. */
  readonly ses_sandbox?: { readonly on: boolean; readonly verified: readonly string[] };
  readonly cost: RunCost;
  readonly trace_sha256: string;
  readonly first_mail_s: number | null;
  readonly wall_s: number;
}

/** A replayed temperature log, and where it had nothing to say. All times are ISO 8601 UTC. */
export interface TemperatureReport {
  readonly file: string;
  readonly rows: number;
  /** Those that the run came to. */
  readonly rows_played: number;
  readonly from: string;
  readonly to: string;
  readonly gaps: readonly { from: string; to: string }[];
  /** The run went on after the log's end and held its last value from here. */
  readonly held_from: string | null;
  /** What of the file was not taken as it stood: rows without a reading, out of order, of the same time. */
  readonly notes: readonly string[];
}

/** The sum of all counts. */
export const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, n) => sum + n, 0);

/** Two are expected; a run that went wrong may have hundreds. */
const SHOWN_MAX = 10;
/** A log that is written on change has hundreds. */
const GAPS_SHOWN_MAX = 5;
const LABEL_WIDTH = 14;
/** Of the longest kind of incident. */
const KIND_WIDTH = 18;
const DAY_S = 86_400;
const DAY_MS = 86_400_000;

type Print = (label: string, text: string) => void;

const minutesText = (seconds: number): string => `${Math.round(seconds / 60)} min`;
const grouped = (count: number): string => count.toLocaleString("en-US");

/** `next` are the commands to go on with. */
export function printSummary(terminal: Terminal, report: Report, next: readonly NextStep[]): void {
  const print: Print = (label, text) =>
    terminal.write(hanging(terminal, `  ${label.padEnd(LABEL_WIDTH - 3)} `, text));
  terminal.write(`\n${paint(terminal, "bold", "Summary")}\n`);
  if (!report.completed) print("interrupted", "results so far; expectations were not checked");
  printReadings(print, report);
  printTakeoversAndMails(print, report);
  if (report.ses_sandbox?.on === true)
    print("SES sandbox", `on; verified: ${report.ses_sandbox.verified.join(", ")}`);
  print("suppressed", `${counted(report.suppressed, "notification")}${reasons(report.suppressed_by_reason)}`);
  print(
    "article",
    `the published design would have sent ${counted(report.article_mails, "mail")}: one at each of the primary's wakes while a node is dead`,
  );
  if (total(report.queued) > 0)
    print("error queue", `${counted(total(report.queued), "message")}${reasons(report.queued)}`);
  printAlarms(print, report);
  if (report.chaos !== undefined) printChaos(print, report.chaos);
  if (report.temperatures !== null) printTemperatures(print, report.temperatures);
  const { usd, month_usd } = report.cost;
  print(
    "cost",
    `${dollars(usd)} at list prices, ${dollars(month_usd)} a month at this rate; npm run cost lists the items`,
  );
  const firstMail =
    report.first_mail_s === null ? "" : `first mail after ${report.first_mail_s.toFixed(1)} s, `;
  const simulated = (report.simulated_s / DAY_S).toFixed(2);
  print("took", `${firstMail}${report.wall_s.toFixed(1)} s in all for ${simulated} days`);
  print("trace", `${report.trace_sha256} (the same for the same seed)`);
  printExpectations(terminal, report);
  terminal.write(`\n${paint(terminal, "bold", "Where to look next")}\n`);
  printNextSteps(terminal, next);
}

/** In two columns where all of them fit; else what a command is good for stands below it. */
function printNextSteps(terminal: Terminal, next: readonly NextStep[]): void {
  const width = Math.max(...next.map(([command]) => command.length));
  const fits = next.every(([, what]) => 2 + width + 3 + what.length < terminal.columns);
  for (const [command, what] of next)
    if (fits || !terminal.wraps) terminal.write(`  ${command.padEnd(width)}   ${what}\n`);
    else terminal.write(`  ${command}\n${hanging(terminal, "      ", what)}`);
}

function printReadings(print: Print, { readings, metrics }: Report): void {
  const odd = ["duplicated", "mistimed", "untrue"]
    .map((what) => ({ what, count: metrics[`readings_${what}`] ?? 0 }))
    .filter(({ count }) => count > 0)
    .map(({ what, count }) => `, ${count} ${what}`);
  print(
    "readings",
    `${readings.expected} due, ${readings.stored} stored, ${readings.lost} lost${odd.join("")}`,
  );
}

function printTakeoversAndMails(print: Print, { failovers, mails, simulated_s }: Report): void {
  const clock = (at: string) => wallClock(Date.parse(at), simulated_s / DAY_S);
  for (const { at, from, to, outage_s } of failovers.slice(0, SHOWN_MAX)) {
    const outage =
      outage_s === null ? "no reading since" : `${minutesText(outage_s)} from its last reading to the next`;
    print("takeover", `${clock(at)}  node ${from} to node ${to}; ${outage}`);
  }
  if (failovers.length > SHOWN_MAX) print("", `and ${failovers.length - SHOWN_MAX} more`);
  print("mails", String(mails.length));
  for (const { at, subject, possible_duplicate } of mails.slice(0, SHOWN_MAX))
    print("", `${clock(at)}  ${subject}${possible_duplicate ? " (possible duplicate)" : ""}`);
  if (mails.length <= SHOWN_MAX) return;
  print("", `and ${mails.length - SHOWN_MAX} more; all of them by kind:`);
  for (const [about, states] of byKind(mails)) print("", `${about.padEnd(KIND_WIDTH)}  ${parts(states)}`);
}

/** Nothing where none rang: that is what one expects. */
function printAlarms(print: Print, { alarms, simulated_s }: Report): void {
  const rang = alarms.filter(({ state }) => state === "ALARM");
  if (rang.length === 0) return;
  const ringing = new Map(alarms.map(({ alarm, state }) => [alarm, state]));
  print("alarms", `${rang.length}, sent by SNS`);
  for (const { at, alarm } of rang.slice(0, SHOWN_MAX))
    print(
      "",
      `${wallClock(Date.parse(at), simulated_s / DAY_S)}  ${alarm}${ringing.get(alarm) === "ALARM" ? ", still rings" : ""}`,
    );
  if (rang.length > SHOWN_MAX) print("", `and ${rang.length - SHOWN_MAX} more`);
}

function printExpectations(terminal: Terminal, { expectations, protocol, fails }: Report): void {
  terminal.write("\n");
  if (fails !== null)
    terminal.write(
      hanging(
        terminal,
        "  fails   ",
        `${fails} (known for the ${protocol} protocol; the expectations record it)`,
        "yellow",
      ),
    );
  for (const { text, held, found } of expectations)
    terminal.write(
      hanging(
        terminal,
        held ? "  held    " : "  BROKEN  ",
        `${text}${found === null ? "" : `; found: ${found}`}`,
        held ? "green" : "red",
      ),
    );
}

/** By kind of incident: how many mails say what of it. */
function byKind(mails: readonly SentMail[]): Map<string, Record<string, number>> {
  const kinds = new Map<string, Record<string, number>>();
  for (const { incident, kind: state } of mails) {
    const about = incident.replace(/#.*/, "");
    const states = kinds.get(about) ?? {};
    states[state] = (states[state] ?? 0) + 1;
    kinds.set(about, states);
  }
  return kinds;
}

const parts = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([what, n]) => `${n} ${what}`)
    .join(", ");
const reasons = (counts: Readonly<Record<string, number>>): string =>
  total(counts) === 0 ? "" : ` (${parts(counts)})`;

function printChaos(print: Print, { struck, replayed }: ChaosReport): void {
  const left = replayed === 0 ? "" : `; ${replayed} messages left in queues were replayed at the end`;
  print("chaos", `${total(struck) === 0 ? "none struck" : parts(struck)}${left}`);
}

const minute = (time: string): string => time.slice(0, 16).replace("T", " ");

function printTemperatures(print: Print, log: TemperatureReport): void {
  print("replayed", `${log.file}: ${playedText(log)}`);
  for (const note of log.notes) print("", note);
  for (const { from, to } of log.gaps.slice(0, GAPS_SHOWN_MAX))
    print("", `gap ${minute(from)} to ${minute(to)}: the last value was held`);
  const more = log.gaps.slice(GAPS_SHOWN_MAX);
  if (more.length > 0) {
    const longest = more.reduce((x, y) => (lengthMs(y) > lengthMs(x) ? y : x));
    print(
      "",
      `and ${grouped(more.length)} more gaps, the longest ${minute(longest.from)} to ${minute(longest.to)}`,
    );
  }
  if (log.held_from !== null)
    print("", `the log ends at ${minute(log.held_from)}: its last value was held from there`);
}

const lengthMs = ({ from, to }: { from: string; to: string }): number => Date.parse(to) - Date.parse(from);

/** How much of the log, and what would play all of it. */
function playedText(log: TemperatureReport): string {
  const span = `${minute(log.from)} to ${minute(log.to)}`;
  if (log.rows_played === log.rows)
    return log.rows === 1 ? `its one row, ${minute(log.from)}` : `all ${grouped(log.rows)} rows, ${span}`;
  const wholeDays = Math.ceil(lengthMs(log) / DAY_MS);
  const all =
    wholeDays <= DAYS_MAX
      ? `--days ${wholeDays} plays all`
      : `--days ${DAYS_MAX} is the longest run; all would take ${grouped(wholeDays)} days`;
  return `${grouped(log.rows_played)} of ${grouped(log.rows)} rows, ${span}; ${all}`;
}
