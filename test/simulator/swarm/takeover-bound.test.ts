/**
 * In every scenario of the library somebody acts within the stated bound: counted from the last act of whoever had the
 * role, or, where something has struck since, from then; and as long as somebody has power, runs, can measure and publish,
 * and reaches enough chips. The referee works that out from what strikes.
 */
import { libraryScenarios } from "../../../simulator/cli/shared/scenario-files.ts";
import { days } from "../../../simulator/engine/time.ts";
import { HARDENED } from "../../../simulator/protocol/hardened/hardened.ts";
import type { Protocol } from "../../../simulator/protocol/protocol.ts";
import type { Scenario } from "../../../simulator/scenario/scenario.ts";
import { type Judgement, judge } from "../../../simulator/swarm/judge.ts";
import { MUTANTS } from "../checker/mutants/mutants.ts";

/** A few seconds' work, on a machine that may be busy with others. */
const CEILING_MS = 120_000;

/** What a scenario breaks, because its nodes are not one cluster: a node that is renamed founds a cluster of its own. */
const BROKEN: ReadonlyMap<string, readonly string[]> = new Map([
  ["renamed-cluster", ["terms-only-rise", "at-most-one-acts"]],
]);

/** Longer ones fail by chance all the time, so that nothing is promised of when somebody acts. */
const LENGTH_MAX = days(60);

const library = libraryScenarios().filter(
  ({ protocols, duration }) => protocols.has("hardened") && duration <= LENGTH_MAX,
);
const played = (scenario: Scenario, protocol: Protocol) => judge({ scenario, protocol, seed: 1 });

const results = new Map<string, Judgement>();
beforeAll(async () => {
  for (const scenario of library) results.set(scenario.name, await played(scenario, HARDENED));
}, CEILING_MS);

test.each(library)("$name -> every takeover within the bound, and nothing else breaks", ({ name }) => {
  const { violations } = results.get(name)!;
  const known = BROKEN.get(name);
  if (known === undefined) expect(violations).toEqual([]);
  else expect(violations.map(({ rule }) => rule)).toEqual(known);
});

test("the bound -> was put to the test: half of it would not hold", () => {
  const all = [...results.values()];
  expect(all.flatMap(({ score }) => score.failovers).length).toBeGreaterThan(50);
  expect(Math.max(...all.map(({ longest }) => longest))).toBeGreaterThan(0.5);
});

test.each(["sole-survivor", "never-wakes", "four-node-cluster"])(
  "%s, and a standby never takes over -> noticed",
  async (name) => {
    const scenario = library.find((each) => each.name === name)!;
    const { violations } = await played(scenario, MUTANTS.neverTakesOver);
    expect(violations.map(({ rule }) => rule)).toEqual(["somebody-acts-again"]);
  },
);
