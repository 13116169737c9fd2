/** Makes a file for test/regressions of a scenario that broke: it holds when the cause is mended. */
import { after, START } from "../engine/time.ts";
import { LAW_NAMES } from "../protocol/laws.ts";
import type { Expectation } from "../scenario/expectations.ts";
import { formatScenario } from "../scenario/format-scenario.ts";
import { METRIC_OF_LAW } from "../scenario/law-metrics.ts";
import type { ProtocolName, Scenario, Step } from "../scenario/scenario.ts";
import type { Breach, Rule } from "./referee.ts";
import { type Failing, PLAIN_SEED } from "./shrink.ts";

/** A file that the tests play from then on, and the command that shows the breach. */
export interface Regression {
  readonly name: string;
  readonly text: string;
  /** The command that shows the breach. */
  readonly command: "simulate" | "swarm";
  /** The options of that command, besides the file. */
  readonly options: string;
}

/** The regression file of a failing scenario. @param foundBy the seed with which the swarm found it */
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

/** A step that changes nothing, because a file needs at least one. */
const atTheEnd = ({ duration }: Scenario): Step => ({
  trigger: { kind: "at", at: after(START, duration) },
  kind: "action",
  action: { kind: "press-reset", node: 0 },
  says: undefined,
});

/** The seed for a file of that name. */
export const seedOf = (name: string): number => Number(/-seed-(\d+)$/.exec(name)?.[1] ?? PLAIN_SEED);

/** Rules whose breach `npm run simulate` shows by its metrics; it has no referee. */
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
  // Not only `wrongly expelled`: nothing has happened, so that every expulsion is a breach.
  if (rule === "nobody-well-is-expelled") return metric("expelled", 0, 0);
  if (rule !== "somebody-acts-again" || sinceS === undefined || dueS === undefined)
    return metric(METRIC_OF_LAW["at-most-one-acts"], 0, 1);
  if (sinceS === 0) return metric("readings due", 1, Number.POSITIVE_INFINITY);
  return metric(METRIC_OF_LAW[rule], 0, Math.ceil((dueS - sinceS) / 60) * 60);
}
