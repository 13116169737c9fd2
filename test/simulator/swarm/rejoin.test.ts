/** After an outage of the network somebody publishes within the stated bound, and the referee asks for it. */
import { after, days, hours, minutes, START } from "../../../simulator/engine/time.ts";
import { rejoinsWithinS } from "../../../simulator/protocol/hardened/bounds.ts";
import { HARDENED } from "../../../simulator/protocol/hardened/hardened.ts";
import type { Protocol } from "../../../simulator/protocol/protocol.ts";
import { TIMING } from "../../../simulator/protocol/timing.ts";
import type { Scenario, Step } from "../../../simulator/scenario/scenario.ts";
import { judge } from "../../../simulator/swarm/judge.ts";
import { rejoinS } from "../../bench/rejoin.ts";
import { MUTANTS } from "../checker/mutants/mutants.ts";
import { clusterSetup } from "../scenario/cluster-setup.ts";

const BOUND_S = rejoinsWithinS(TIMING);

test.each(["both", "one"] as const)(
  "%s online again -> somebody publishes within the bound, and not at once",
  async (returning) => {
    const found: number[] = [];
    for (let seed = 501; seed <= 520; seed++) found.push(await rejoinS(seed, returning));
    const worst = Math.max(...found);
    expect(worst).toBeLessThan(BOUND_S);
    expect(worst).toBeGreaterThan(BOUND_S / 4);
  },
);

const outage: Step = {
  trigger: { kind: "at", at: after(START, hours(5)) },
  kind: "fault",
  fault: { kind: "broadband-outage" },
  lasts: minutes(1_317),
  says: undefined,
};
const scenario: Scenario = {
  name: "outage",
  line: "",
  cluster: clusterSetup({ start: "running" }),
  duration: days(2),
  shortest: minutes(0),
  temperatures: { kind: "constant", celsius: 21 },
  steps: [outage],
  protocols: new Map(),
};
const broken = async (protocol: Protocol) =>
  (await judge({ scenario, protocol, seed: 77 })).violations.map(({ rule }) => rule);

test("nodes that never join again -> the referee notices, although all of them hold back; as shipped, nothing", async () => {
  expect(await broken(MUTANTS.backsOffForGood)).toEqual(["somebody-acts-again"]);
  expect(await broken(HARDENED)).toEqual([]);
});
