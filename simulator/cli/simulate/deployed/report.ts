/** What a run against a deployed backend says before it begins and after it. */
import { dollars } from "../../../cost/bill.ts";
import { hanging } from "../../shared/hanging-indent.ts";
import { paint, type Terminal } from "../../shared/terminal.ts";
import type { Report } from "../summary.ts";
import { wallClock } from "../timeline.ts";
import type { Estimate } from "./estimate.ts";

/** What `simulate --target aws --json` prints. */
export interface DeployedReport {
  readonly target: "aws";
  readonly endpoint: string;
  readonly region: string;
  readonly cluster: string;
  readonly scenario: string;
  readonly seed: number;
  readonly protocol: string;
  readonly nodes: number;
  /** Null in JSON: as fast as it went. */
  readonly speed: number;
  /** False: ended by Ctrl-C. */
  readonly completed: boolean;
  /** The nodes' wall clock at the start. */
  readonly from: string;
  readonly simulated_s: number;
  readonly readings: { readonly due: number; readonly acknowledged: number };
  readonly events: { readonly acknowledged: number };
  /** What the endpoint refused or did not answer, apart from what the story itself breaks. */
  readonly failures: readonly { readonly code: string; readonly count: number; readonly first: string }[];
  readonly failovers: Report["failovers"];
  readonly estimate: Estimate;
  readonly trace_sha256: string;
  readonly wall_s: number;
}

/** A run to come. */
export interface Announced {
  readonly cluster: string;
  readonly host: string;
  readonly region: string;
  readonly speed: number;
  /** Virtual. */
  readonly durationS: number;
  readonly planned: Estimate;
}

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

function spanText(seconds: number): string {
  if (seconds >= 2 * DAY_S) return `${Math.round((seconds / DAY_S) * 10) / 10} days`;
  if (seconds >= 2 * HOUR_S) return `${Math.round((seconds / HOUR_S) * 10) / 10} hours`;
  return `${Math.ceil(seconds / MINUTE_S)} minutes`;
}

/** The estimate first, and what a person has to know before messages flow. */
export function printBefore(terminal: Terminal, run: Announced): void {
  const { cluster, host, region, speed, durationS, planned } = run;
  const print = (label: string, text: string, style: "dim" | "yellow" = "dim"): void =>
    terminal.write(hanging(terminal, label.padEnd(10), text, style));
  print("target", `${cluster} at ${host}, ${region}; Ctrl-C ends the run`);
  print(
    "cost",
    `about ${planned.readings} readings; at most ${planned.messagesMax} messages and ${dollars(planned.usdMax)} by list price, mails and writes included`,
  );
  print(
    "",
    speed === 1
      ? `in real time, so it takes ${spanText(durationS)}`
      : speed === Number.POSITIVE_INFINITY
        ? "as fast as possible"
        : `at ${speed}x, so it takes ${spanText(durationS / speed)}`,
  );
  print(
    "CAUTION",
    `these nodes use the names of ${cluster}'s real nodes: a real node of the same name is disconnected, and readings of the same moment are overwritten. Use a cluster deployed for this purpose`,
    "yellow",
  );
  if (speed !== 1)
    print(
      "CAUTION",
      `accelerated: the messages, writes and mails of ${spanText(durationS)} are charged in full, within ${speed === Number.POSITIVE_INFINITY ? "seconds" : spanText(durationS / speed)}; repeated runs multiply the charge. The cloud's clock is not accelerated: silence, reminders and retries follow real time, and the nodes' clocks start in the past`,
      "yellow",
    );
}

/** Prints the end of a run against a deployed backend. */
export function printDeployedSummary(terminal: Terminal, report: DeployedReport): void {
  const { readings, events, failures, failovers, simulated_s, completed, cluster } = report;
  const print = (label: string, text: string): void =>
    terminal.write(hanging(terminal, `  ${label.padEnd(11)} `, text));
  terminal.write(`\n${paint(terminal, "bold", completed ? "Summary" : "Summary so far")}\n`);
  print("readings", `${readings.due} due, ${readings.acknowledged} published and acknowledged (PUBACK)`);
  print("events", `${events.acknowledged} published and acknowledged`);
  for (const { at, from, to } of failovers)
    print("takeover", `${wallClock(Date.parse(at), simulated_s / DAY_S)}  node ${from} to node ${to}`);
  for (const { code, count, first } of failures) print("FAILED", `${count} times ${code}, first: ${first}`);
  print("not seen", "what was stored and mailed: a PUBACK only says that the broker has the message");
  const until = new Date(Date.parse(report.from) + simulated_s * 1_000).toISOString();
  terminal.write(`\n${paint(terminal, "bold", "Where to look next")}\n`);
  terminal.write(
    `  npm run readings -- ${cluster} --from ${report.from} --to ${until} --target aws\n  npm run replay -- --target aws   what could not be stored or mailed\n`,
  );
}
