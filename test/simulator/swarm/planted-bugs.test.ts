/** Rules broken on purpose: the swarm finds it, makes it small, and writes it as a scenario that shows it again. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HARDENED } from "../../../simulator/protocol/hardened/hardened.ts";
import type { Protocol } from "../../../simulator/protocol/protocol.ts";
import { parseScenario } from "../../../simulator/scenario/parse-scenario.ts";
import type { Scenario } from "../../../simulator/scenario/scenario.ts";
import { drawScenario } from "../../../simulator/swarm/draw-scenario.ts";
import { judge } from "../../../simulator/swarm/judge.ts";
import type { Breach } from "../../../simulator/swarm/referee.ts";
import { regressionOf, seedOf } from "../../../simulator/swarm/regression.ts";
import { type Failing, shrink } from "../../../simulator/swarm/shrink.ts";
import { withWake } from "../checker/mutants/altered.ts";
import { MUTANTS } from "../checker/mutants/mutants.ts";

const SEEDS = 100;
const PLAYS_MAX = 120;

type Plays = (scenario: Scenario, seed: number) => Promise<readonly Breach[]>;
const under =
  (protocol: Protocol): Plays =>
  async (scenario, seed) =>
    (await judge({ scenario, protocol, seed })).violations;

async function firstToBreak(rule: string, plays: Plays): Promise<Failing> {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const scenario = drawScenario(seed, { protocol: "hardened" });
    const violation = (await plays(scenario, seed)).find((each) => each.rule === rule);
    if (violation !== undefined) return { scenario, seed, violation };
  }
  throw new Error(`${SEEDS} runs, and none breaks "${rule}"`);
}

test.each([
  ["at-most-one-acts", "actsWithoutSettle"],
  ["terms-only-rise", "termNotRaised"],
  ["nobody-well-is-expelled", "oneStrike"],
  ["somebody-acts-again", "neverTakesOver"],
] as const)("%s: %s -> found, and left as a small scenario that shows it", async (rule, mutant) => {
  const plays = under(MUTANTS[mutant]);
  const found = await firstToBreak(rule, plays);
  const small = await shrink(found, plays, PLAYS_MAX);
  expect(small.scenario.steps.length).toBeLessThanOrEqual(found.scenario.steps.length);
  expect(small.scenario.duration).toBeLessThanOrEqual(found.scenario.duration);

  const { name, text } = regressionOf(small, found.seed, "hardened");
  const read = parseScenario(text, name);
  const broken = (await plays(read, seedOf(name))).map((each) => each.rule);
  expect(broken).toContain(rule);
  expect(await under(HARDENED)(read, seedOf(name))).toEqual([]);
});

test.each(["loose-contact", "brown-out-as-power-on", "memory-lost"])(
  "%s, and nobody counts cold starts -> a silence although one node is well all the time; as shipped, none",
  async (name) => {
    const file = join(__dirname, "../../../simulator/scenario/library", `${name}.yaml`);
    const scenario = parseScenario(readFileSync(file, "utf8"), file);
    const never = withWake((context, memory, start) =>
      HARDENED.wake(context, memory, { ...start, coldStarts: 1 }),
    );
    const broken = (await under(never)(scenario, 1)).map((each) => each.rule);
    expect(broken).toContain("somebody-acts-again");
    expect(await under(HARDENED)(scenario, 1)).toEqual([]);
  },
);
