/** A swarm in which a law was never put to the test fails, however well all runs went. */

import { HARDENED } from "../../../simulator/protocol/hardened/hardened.ts";
import { LAW_NAMES, type Law } from "../../../simulator/protocol/laws.ts";
import type { Protocol } from "../../../simulator/protocol/protocol.ts";
import { drawScenario } from "../../../simulator/swarm/draw-scenario.ts";
import { judge } from "../../../simulator/swarm/judge.ts";
import { RUNS_FOR_OCCASIONS, untestedLaws } from "../../../simulator/swarm/untested-laws.ts";
import { SOLOIST } from "../checker/support/soloist.ts";

async function metIn(runs: number, protocol: Protocol): Promise<Law[]> {
  const met = new Set<Law>();
  for (let seed = 1; seed <= runs; seed++) {
    const scenario = drawScenario(seed, { protocol: "hardened", nodes: 2 });
    for (const law of (await judge({ scenario, protocol, seed })).occasions) met.add(law);
  }
  return [...met];
}

test("the shipped protocol -> every law has its occasion", async () => {
  expect((await metIn(40, HARDENED)).sort()).toEqual([...LAW_NAMES].sort());
});

test("one node always acts, whatever the others do -> two laws have none, and enough runs are told to fail", async () => {
  const met = await metIn(10, SOLOIST);
  expect(met).toContain("at-most-one-acts");
  expect(untestedLaws(RUNS_FOR_OCCASIONS, met)).toEqual(["terms-only-rise", "nobody-well-is-expelled"]);
});

test.each([
  ["too few runs to tell", RUNS_FOR_OCCASIONS - 1, []],
  ["enough of them", RUNS_FOR_OCCASIONS, ["terms-only-rise", "nobody-well-is-expelled"]],
] as const)("%s -> the laws that are missing", (_, runs, missing) => {
  expect(untestedLaws(runs, ["at-most-one-acts", "somebody-acts-again"])).toEqual(missing);
});
