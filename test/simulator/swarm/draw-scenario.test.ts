import { FAULT_NAMES, type FaultName } from "../../../simulator/scenario/faults.ts";
import { formatScenario } from "../../../simulator/scenario/format-scenario.ts";
import { parseScenario } from "../../../simulator/scenario/parse-scenario.ts";
import type { Scenario } from "../../../simulator/scenario/scenario.ts";
import { type DrawOptions, drawScenario } from "../../../simulator/swarm/draw-scenario.ts";

const SEEDS = Array.from({ length: 400 }, (_, seed) => seed);
const HARDENED: DrawOptions = { protocol: "hardened" };
const kindsOf = ({ steps }: Scenario): FaultName[] => [
  ...new Set(steps.flatMap((step) => (step.kind === "fault" ? [step.fault.kind] : []))),
];

test("the same seed -> the same scenario; another -> another", () => {
  for (const seed of SEEDS.slice(0, 20)) {
    expect(drawScenario(seed, HARDENED)).toEqual(drawScenario(seed, HARDENED));
    expect({ ...drawScenario(seed + 1, HARDENED), name: "", line: "" }).not.toEqual({
      ...drawScenario(seed, HARDENED),
      name: "",
      line: "",
    });
  }
});

test("any seed -> a scenario that a file can hold", () => {
  for (const seed of SEEDS) {
    const drawn = drawScenario(seed, HARDENED);
    if (drawn.steps.length === 0) continue;
    // A file expects something.
    const atMostOne = { kind: "metric", metric: "acting at once", min: 0, max: 1 } as const;
    const scenario: Scenario = {
      ...drawn,
      protocols: new Map([["hardened", { fails: undefined, expect: [atMostOne] }]]),
    };
    expect(parseScenario(formatScenario(scenario), drawn.name)).toEqual(scenario);
  }
});

test("many seeds -> every kind of fault comes up, most of them in no single run", () => {
  const drawn = SEEDS.map((seed) => kindsOf(drawScenario(seed, HARDENED)));
  expect([...new Set(drawn.flat())].sort()).toEqual([...FAULT_NAMES].sort());
  expect(Math.max(...drawn.map((kinds) => kinds.length))).toBeLessThan(FAULT_NAMES.length / 3);
  expect(drawn.filter((kinds) => kinds.length === 0).length).toBeGreaterThan(10);
});

test("only some kinds, and so many nodes -> no others", () => {
  for (const seed of SEEDS) {
    const drawn = drawScenario(seed, { ...HARDENED, nodes: 5, only: ["power-cut", "stall"] });
    expect(drawn.cluster.nodes).toBe(5);
    expect(kindsOf(drawn).filter((kind) => kind !== "power-cut" && kind !== "stall")).toEqual([]);
  }
});

test("the published protocol -> no more nodes than it has room for, and no witness", () => {
  for (const seed of SEEDS) {
    const { nodes, witness } = drawScenario(seed, { protocol: "article" }).cluster;
    expect([nodes <= 4, witness]).toEqual([true, false]);
  }
});
