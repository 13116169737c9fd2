/** The summary after the timeline, and the same facts as the object that `--json` prints. */
import type { Expectation, RunResult } from "../scenario/scenario.ts";
import type { Failover } from "../scenario/score.ts";
import { paint, type Terminal } from "./terminal.ts";
import { wallClock } from "./timeline.ts";

export interface SentMail {
  readonly at: string;
  readonly to: readonly string[];
  readonly kind: string;
  readonly incident: string;
  readonly subject: string;
}

/** What `simulate --json` prints. */
export interface Report {
  readonly scenario: string;
  readonly seed: number;
  readonly protocol: string;
  readonly nodes: number;
  readonly simulated_s: number;
  readonly readings: { expected: number; published: number; stored: number; lost: number };
  readonly failovers: readonly {
    at: string;
    from: number;
    to: number;
    term: number;
    outage_s: number | null;
  }[];
  readonly mails: readonly SentMail[];
  /** Notifications that led to no mail. */
  readonly suppressed: number;
  readonly suppressed_by_reason: Readonly<Record<string, number>>;
  readonly queued: Readonly<Record<string, number>>;
  readonly max_concurrent_primaries: number;
  readonly temperatures: TemperatureReport | null;
  readonly expectations: readonly { text: string; held: boolean; found: string | null }[];
  readonly trace_sha256: string;
  readonly first_mail_s: number | null;
  readonly wall_s: number;
}

/** A replayed temperature log, and where it had nothing to say. */
export interface TemperatureReport {
  readonly file: string;
  readonly rows: number;
  readonly from: string;
  readonly to: string;
  readonly gaps: readonly { from: string; to: string }[];
  /** The run went on after the log's end and held its last value from here. */
  readonly held_from: string | null;
}

export const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, n) => sum + n, 0);

export const resultOf = (report: Omit<Report, "expectations">): RunResult => ({
  readings: report.readings,
  failovers: report.failovers,
  mails: report.mails,
  maxConcurrentPrimaries: report.max_concurrent_primaries,
  queued: total(report.queued),
});

export const judge = (expectations: readonly Expectation[], result: RunResult): Report["expectations"] =>
  expectations.map(({ text, broken }) => {
    const found = broken(result);
    return { text, held: found === undefined, found: found ?? null };
  });

export const failoverReport = (failovers: readonly Failover[], epochMs: number): Report["failovers"] =>
  failovers.map(({ at, from, to, term, outageS }) => ({
    at: new Date(epochMs + at / 1_000).toISOString(),
    from,
    to,
    term,
    outage_s: outageS === null ? null : Math.round(outageS),
  }));

/** Two are expected; a run that went wrong may have hundreds. */
const MAILS_SHOWN = 10;

const minutesText = (seconds: number): string => `${Math.round(seconds / 60)} min`;

/** The summary that a person reads; `next` are the commands to go on with. */
export function printSummary(terminal: Terminal, report: Report, next: readonly string[]): void {
  const print = (label: string, text: string) =>
    terminal.write(`  ${paint(terminal, "dim", label.padEnd(11))} ${text}\n`);
  const { readings } = report;
  terminal.write(`\n${paint(terminal, "bold", "Summary")}\n`);
  print("readings", `${readings.expected} due, ${readings.stored} stored, ${readings.lost} lost`);
  for (const { at, from, to, outage_s } of report.failovers) {
    const outage =
      outage_s === null ? "no reading since" : `${minutesText(outage_s)} from its last reading to the next`;
    print("takeover", `${wallClock(Date.parse(at))}  node ${from} to node ${to}; ${outage}`);
  }
  print("mails", String(report.mails.length));
  for (const { at, subject } of report.mails.slice(0, MAILS_SHOWN))
    print("", `${wallClock(Date.parse(at))}  ${subject}`);
  if (report.mails.length > MAILS_SHOWN) print("", `and ${report.mails.length - MAILS_SHOWN} more`);
  print(
    "suppressed",
    `${report.suppressed} notifications${reasons(report.suppressed_by_reason)}; the article mailed each of them`,
  );
  if (total(report.queued) > 0)
    print("error queue", `${total(report.queued)} messages${reasons(report.queued)}`);
  if (report.temperatures !== null) printTemperatures(print, report.temperatures);
  const firstMail =
    report.first_mail_s === null ? "" : `first mail after ${report.first_mail_s.toFixed(1)} s, `;
  print(
    "took",
    `${firstMail}${report.wall_s.toFixed(1)} s in all for ${(report.simulated_s / 86_400).toFixed(2)} days`,
  );
  print("trace", `${report.trace_sha256} (the same for the same seed)`);
  terminal.write("\n");
  for (const { text, held, found } of report.expectations) {
    const mark = held ? paint(terminal, "green", "held  ") : paint(terminal, "red", "BROKEN");
    terminal.write(`  ${mark}  ${text}${found === null ? "" : `; found: ${found}`}\n`);
  }
  terminal.write(`\n${paint(terminal, "bold", "Where to look next")}\n`);
  for (const line of next) terminal.write(`  ${line}\n`);
}

const reasons = (counts: Readonly<Record<string, number>>): string => {
  const parts = Object.entries(counts).map(([why, n]) => `${n} ${why}`);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
};

function printTemperatures(print: (label: string, text: string) => void, log: TemperatureReport): void {
  print("replayed", `${log.file}: ${log.rows} rows, ${log.from} to ${log.to}`);
  for (const { from, to } of log.gaps) print("", `gap ${from} to ${to}: the last value was held`);
  if (log.held_from !== null)
    print("", `the log ends at ${log.held_from}: its last value was held from there`);
}
