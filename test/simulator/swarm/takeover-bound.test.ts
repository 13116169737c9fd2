/**
 * In every scenario of the library somebody acts within the stated bound: counted from the last act of whoever had the
 * role, or, where something has struck since, from then; and as long as somebody has power, runs, can measure and publish,
 * and reaches enough chips. The referee works that out from what strikes.
 */
import { libraryScenarios } from "../../../simulator/cli/scenario-files.ts";
import { HARDENED } from "../../../simulator/protocol/hardened/hardened.ts";
import type { Protocol } from "../../../simulator/protocol/protocol.ts";
import type { Scenario } from "../../../simulator/scenario/scenario.ts";
import { judge } from "../../../simulator/swarm/judge.ts";
import { MUTANTS } from "../checker/mutants/mutants.ts";

const library = libraryScenarios().filter(({ protocols }) => protocols.has("hardened"));
const played = (scenario: Scenario, protocol: Protocol) => judge({ scenario, protocol, seed: 1 });

test("the library -> every takeover within its bound, and nothing else breaks", async () => {
  let takeovers = 0;
  let longest = 0;
  for (const scenario of library) {
    const { score, violations, ...judged } = await played(scenario, HARDENED);
    expect({ scenario: scenario.name, violations }).toEqual({ scenario: scenario.name, violations: [] });
    takeovers += score.failovers.length;
    longest = Math.max(longest, judged.longest);
  }
  expect(takeovers).toBeGreaterThan(50);
  // Half of the bound would not hold.
  expect(longest).toBeGreaterThan(0.5);
});

test.each(["sole-survivor", "never-wakes", "four-node-cluster"])(
  "%s, and a standby never takes over -> noticed",
  async (name) => {
    const scenario = library.find((each) => each.name === name)!;
    const { violations } = await played(scenario, MUTANTS.neverTakesOver);
    expect(violations.map(({ rule }) => rule)).toEqual(["nobody acts"]);
  },
);
