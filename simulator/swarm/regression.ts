/** A scenario that broke, as a file for test/regressions: it holds once the cause is gone. */
import { after, START } from "../engine/time.ts";
import { LAW_NAMES } from "../protocol/laws.ts";
import type { Expectation } from "../scenario/expectations.ts";
import { formatScenario } from "../scenario/format-scenario.ts";
import { METRIC_OF_LAW } from "../scenario/law-metrics.ts";
import type { ProtocolName, Scenario, Step } from "../scenario/scenario.ts";
import type { Breach, Rule } from "./referee.ts";
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
  const { rule } = violation;
  const name = seed === PLAIN_SEED ? `${rule}-${foundBy}` : `${rule}-seed-${seed}`;
  const known: Scenario = {
    ...scenario,
    steps: scenario.steps.length > 0 ? scenario.steps : [atTheEnd(scenario)],
    name,
    line: `found by the swarm, seed ${foundBy}: breaks ${rule}`,
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
const SHOWN_BY_METRICS: ReadonlySet<Rule> = new Set([...LAW_NAMES]);

function expectationOf({ rule, sinceS, dueS }: Breach): Expectation {
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
  if (rule === "terms-only-rise") return metric(METRIC_OF_LAW[rule], 0, 0);
  // Also a node that is well by its own lights: nothing has happened to anybody.
  if (rule === "nobody-well-is-expelled") return metric("expelled", 0, 0);
  if (rule !== "somebody-acts-again" || sinceS === undefined || dueS === undefined)
    return metric(METRIC_OF_LAW["at-most-one-acts"], 0, 1);
  if (sinceS === 0) return metric("readings due", 1, Number.POSITIVE_INFINITY);
  return metric(METRIC_OF_LAW[rule], 0, Math.ceil((dueS - sinceS) / 60) * 60);
}
