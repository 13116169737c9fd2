/** A scenario that broke, as a file for test/regressions: it holds once the cause is gone. */
import { after, START } from "../engine/time.ts";
import type { Expectation } from "../scenario/expectations.ts";
import { formatScenario } from "../scenario/format-scenario.ts";
import type { ProtocolName, Scenario, Step } from "../scenario/scenario.ts";
import type { Rule, Violation } from "./referee.ts";
import { type Failing, PLAIN_SEED } from "./shrink.ts";

/** A failing scenario as a file that the tests play from then on, and the command that shows it. */
export interface Regression {
  readonly name: string;
  readonly text: string;
  /** Which of them shows it. */
  readonly command: "simulate" | "swarm";
  /** What that has to be given besides the file. */
  readonly options: string;
}

/** @param foundBy the seed that the swarm found it by */
export function regressionOf(
  { scenario, seed, violation }: Failing,
  foundBy: number,
  protocol: ProtocolName,
): Regression {
  const rule = violation.rule.replaceAll(" ", "-");
  const name = seed === PLAIN_SEED ? `${rule}-${foundBy}` : `${rule}-seed-${seed}`;
  const known: Scenario = {
    ...scenario,
    steps: scenario.steps.length > 0 ? scenario.steps : [atTheEnd(scenario)],
    name,
    line: `found by the swarm, seed ${foundBy}: ${rule.replaceAll("-", " ")}`,
    protocols: new Map([[protocol, { fails: undefined, expect: [expectationOf(violation)] }]]),
  };
  const text = `# ${violation.detail}\n${formatScenario(known)}`;
  const command = SHOWN_BY_METRICS.has(violation.rule) ? "simulate" : "swarm";
  return { name, text, command, options: seed === PLAIN_SEED ? "" : ` --seed ${seed}` };
}

/** A file has one step at least, and this changes nothing. */
const atTheEnd = ({ duration }: Scenario): Step => ({
  trigger: { kind: "at", at: after(START, duration) },
  kind: "action",
  action: { kind: "press-reset", node: 0 },
  says: undefined,
});

/** The seed that a file of that name is to be played with. */
export const seedOf = (name: string): number => Number(/-seed-(\d+)$/.exec(name)?.[1] ?? PLAIN_SEED);

/** `npm run simulate` has no referee. */
const SHOWN_BY_METRICS: ReadonlySet<Rule> = new Set([
  "two act",
  "stale term",
  "nobody acts",
  "false failover",
]);

function expectationOf({ rule, sinceS, dueS }: Violation): Expectation {
  const metric = (
    metric: Extract<Expectation, { kind: "metric" }>["metric"],
    min: number,
    max: number,
  ): Expectation => ({
    kind: "metric",
    metric,
    min,
    max,
  });
  if (rule === "stale term") return metric("stale acts", 0, 0);
  if (rule === "false failover") return metric("expelled", 0, 0);
  if (rule !== "nobody acts" || sinceS === undefined || dueS === undefined)
    return metric("acting at once", 0, 1);
  if (sinceS === 0) return metric("readings due", 1, Number.POSITIVE_INFINITY);
  return metric("longest gap", 0, Math.ceil((dueS - sinceS) / 60) * 60);
}
