/**
 * What a cluster comes to under what people and weather do to it: readings and the longest gap, for many seeds, without a
 * cloud, and every rule of the swarm asked of each. docs/scenarios.md has the figures.
 *
 *     node --import tsx test/bench/real-life.ts [--seeds N] [--days N] [--protocol FILE] SCENARIO…
 *
 * `--protocol` plays another version of the hardened protocol, by the file that exports it:
 *
 *     mkdir -p .build/before && git archive 58e4ea8 simulator/protocol | tar -x -C .build/before
 *     … --protocol .build/before/simulator/protocol/hardened/hardened.ts …
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { findScenario } from "../../simulator/cli/shared/scenario-files.ts";
import { after, days, START } from "../../simulator/engine/time.ts";
import { HARDENED } from "../../simulator/protocol/hardened/hardened.ts";
import type { Protocol } from "../../simulator/protocol/protocol.ts";
import type { Scenario } from "../../simulator/scenario/scenario.ts";
import { judge } from "../../simulator/swarm/judge.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "1" },
    days: { type: "string" },
    protocol: { type: "string" },
  },
});

async function chosen(): Promise<Protocol> {
  if (values.protocol === undefined) return HARDENED;
  const { HARDENED: other } = await import(pathToFileURL(resolve(values.protocol)).href);
  return other;
}

/** The scenario for so many days at most, with what happens in them. */
function shortened(scenario: Scenario): Scenario {
  if (values.days === undefined) return scenario;
  const duration = days(Math.min(Number(values.days), scenario.duration / days(1)));
  const steps = scenario.steps.filter(({ trigger }) => trigger.kind !== "at" || trigger.at < duration);
  return { ...scenario, steps, duration };
}

const middle = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)]!;
const minutes = (seconds: number): string => `${Math.round(seconds / 60)}`;

const protocol = await chosen();
console.log(
  "| scenario | seeds | readings due | stored: median (least) | longest gap, min: median (worst) | broken |",
);
console.log("|---|---|---|---|---|---|");
for (const name of positionals) {
  const scenario = shortened(findScenario(name, undefined, "simulate"));
  const stored: number[] = [];
  const gaps: number[] = [];
  const due: number[] = [];
  const broken = new Map<string, number>();
  for (let seed = 1; seed <= Number(values.seeds); seed++) {
    const { score, violations } = await judge({ scenario, protocol, seed });
    const cloud = { stored: score.published.length, mails: [], queued: 0 };
    const metrics = score.metrics(cloud, after(START, scenario.duration));
    stored.push(metrics["readings stored"]);
    due.push(metrics["readings due"]);
    gaps.push(metrics["longest gap"]);
    for (const { rule } of violations) broken.set(rule, (broken.get(rule) ?? 0) + 1);
  }
  for (const list of [stored, gaps, due]) list.sort((x, y) => x - y);
  const rules = [...broken].map(([rule, count]) => `${rule} ${count}`).join(", ");
  console.log(
    `| ${name} | ${values.seeds} | ${middle(due)} | ${middle(stored)} (${stored[0]}) | ` +
      `${minutes(middle(gaps))} (${minutes(gaps.at(-1)!)}) | ${rules || "–"} |`,
  );
}
