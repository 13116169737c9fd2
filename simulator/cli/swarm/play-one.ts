/** `npm run swarm -- --scenario`: one scenario, held to what the swarm asserts, and to what its file expects. */
import { after, inSeconds, START } from "../../engine/time.ts";
import type { Expectation } from "../../scenario/expectations.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import { BEYOND } from "../../swarm/conditions.ts";
import { type Judgement, judge, PERIOD } from "../../swarm/judge.ts";
import type { ChosenProtocol } from "../shared/protocol-choice.ts";
import { paint, type Terminal } from "../shared/terminal.ts";
import { judge as expectationsReport, metricsReport, observedFailovers } from "../simulate/report.ts";

/** Without a cloud nobody can tell. */
const OF_THE_CLOUD: ReadonlySet<string> = new Set([
  "firing mails",
  "resolved mails",
  "reminder mails",
  "error queue",
]);
const needsCloud = (expectation: Expectation): boolean =>
  expectation.kind === "mails" || (expectation.kind === "metric" && OF_THE_CLOUD.has(expectation.metric));

/** Plays one scenario and holds it to the swarm's rules, and to its own expectations. */
export async function playUnderRules(
  scenario: Scenario,
  { name, protocol, answer }: ChosenProtocol,
  seed: number,
) {
  const judgement = await judge({ scenario, protocol, seed });
  const { violations, wakes, acts, beyond } = judgement;
  const result = resultOf(judgement, scenario);
  return {
    scenario: scenario.name,
    protocol: name,
    seed,
    simulated_s: inSeconds(scenario.duration),
    wakes,
    acts,
    /** From what on nobody was held to who acts at a time. */
    beyond_assumptions: beyond === undefined ? null : BEYOND[beyond],
    violations: violations.map(({ rule, detail, at }) => ({ rule, detail, at_s: at / 1_000_000 })),
    metrics: metricsReport(result.metrics),
    expectations: expectationsReport(
      answer.expect.filter((each) => !needsCloud(each)),
      result,
    ),
  };
}

/** What `--scenario --json` prints. */
export type PlayReport = Awaited<ReturnType<typeof playUnderRules>>;

/** Whether no rule was broken and each expectation was met. */
export const allHeld = ({ violations, expectations }: PlayReport): boolean =>
  violations.length === 0 && expectations.every(({ held }) => held);

/** Prints what was broken or not met, or that all held. */
export function printPlay(terminal: Terminal, report: PlayReport): void {
  const broken = (text: string) => terminal.write(`${paint(terminal, "red", "BROKEN")}  ${text}\n`);
  for (const { rule, detail } of report.violations) broken(`${rule}: ${detail}`);
  for (const { text, held, found } of report.expectations) if (!held) broken(`${text}; found: ${found}`);
  const verdict = allHeld(report) ? paint(terminal, "green", "all held") : paint(terminal, "red", "broken");
  const { scenario, protocol, seed, wakes, acts, beyond_assumptions: beyond } = report;
  terminal.write(
    `${verdict}: ${scenario}, ${protocol} protocol, seed ${seed}: ${counted(wakes)} wakes, ${counted(acts)} as primary` +
      `${beyond === null ? "" : `; who acts was not asserted from this on: ${beyond}`}\n`,
  );
}

function resultOf({ score }: Judgement, { duration }: Scenario) {
  const cloud = { stored: score.published.length, mails: [], queued: 0 };
  return {
    metrics: score.metrics(cloud, after(START, duration)),
    failovers: observedFailovers(score.failovers),
    mails: [],
    primaries: score.primaries,
    sleepS: inSeconds(PERIOD),
  };
}

const counted = (n: number): string => n.toLocaleString("en");
