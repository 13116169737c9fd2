/**
 * Whole wakes of two nodes on the byte-level devices, anyhow close together, and power that goes anywhere in them: what
 * the chips then hold, and what each node then knows, is an outcome that the checker's model has for them.
 */
import fc from "fast-check";
import {
  afterWakes,
  contentsOf,
  GONE,
  modelWith,
  outcomesOfWakes,
  outcomeText,
  setoutOf,
} from "./model-outcomes.ts";
import { NODES, RealCluster, type Torn } from "./real-cluster.ts";

/** Longer than a wake is on the bus. */
const WAKE_US = 30_000;
/** Whole wakes before these two: none, one of them, and so many that all pages are in use. */
const WAKES = [0, 1, 2, 5, 6, 9] as const;

interface Case {
  readonly start: (typeof WAKES)[number];
  /** When each of them wakes. */
  readonly wakes: readonly [number, number];
  readonly losses: readonly Loss[];
  readonly busyLine: "works" | "stuck high" | "cut";
  readonly mode: Torn["mode"];
  readonly seed: number;
}
interface Loss {
  readonly us: number;
  /** Both: everything loses its power, the chips too. */
  readonly who: 0 | 1 | "both";
}

const us = fc.integer({ min: 0, max: 2 * WAKE_US });
/** Also so close together that they meet within a START. */
const wakes = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: WAKE_US }), fc.integer({ min: 0, max: WAKE_US })),
  fc.tuple(fc.constant(10), fc.integer({ min: 0, max: 20 })),
);
const anyCase = (losses: fc.Arbitrary<Loss[]>): fc.Arbitrary<Case> =>
  fc.record({
    start: fc.constantFrom(...WAKES),
    wakes,
    losses,
    busyLine: fc.constantFrom("works", "stuck high", "cut"),
    mode: fc.constantFrom("addressed-bytes", "whole-page"),
    seed: fc.nat(),
  });

/** The outcome of a case on the devices. */
async function outcome({ start, wakes, losses, busyLine, mode, seed }: Case): Promise<string> {
  const model = modelWith([], 0, 0);
  const from = afterWakes(model, start);
  const cluster = new RealCluster(contentsOf(model, from), "shared", {
    mode,
    // Noise that differs from byte to byte and from case to case.
    byte: (index) => (Math.imul(seed ^ index, 0x9e3779b1) >>> 24) & 0xff,
  });
  if (busyLine === "stuck high") cluster.rig.busyLine.holdHigh();
  if (busyLine === "cut") cluster.rig.busyLine.cut(1);
  const nodes = Array.from({ length: NODES }, () => GONE);
  for (let node = 0; node < NODES; node++)
    cluster.wake(node, wakes[node]!, setoutOf(model, from, node), (memory) => {
      nodes[node] = JSON.stringify(memory);
    });
  for (const { us, who } of losses)
    cluster.at(us, () => {
      for (const node of who === "both" ? [0, 1] : [who]) {
        cluster.powerOff(node);
        nodes[node] = GONE;
      }
    });
  await cluster.run();
  return outcomeText(
    nodes.map((_, chip) => cluster.memory(chip)),
    nodes,
  );
}

/** What the model has, by how many wakes came before. */
function modelled(budget: number, crashes: number): Map<number, Set<string>> {
  return new Map(
    WAKES.map((start) => {
      const model = modelWith(["torn-write"], budget, crashes);
      return [start, outcomesOfWakes(model, afterWakes(model, start))];
    }),
  );
}

function holds(name: string, losses: fc.Arbitrary<Loss[]>, budget: number, crashes: number): void {
  test(name, async () => {
    const outcomes = modelled(budget, crashes);
    const met = new Map(WAKES.map((start) => [start as number, new Set<string>()]));
    await fc.assert(
      fc.asyncProperty(anyCase(losses), async (each) => {
        const text = await outcome(each);
        met.get(each.start)!.add(text);
        expect([...outcomes.get(each.start)!]).toContain(text);
      }),
      { numRuns: 1_200 },
    );
    // Or the nodes would always have come one after the other.
    for (const start of WAKES) expect(met.get(start)!.size).toBeGreaterThan(1);
  });
}

const none = fc.constant<Loss[]>([]);
const oneNode = fc.record({ us, who: fc.constantFrom(0 as const, 1 as const) }).map((loss) => [loss]);
const everything = us.map((at): Loss[] => [{ us: at, who: "both" }]);

holds("nothing goes wrong -> an outcome of the model without faults", none, 0, 0);
holds("one node loses its power -> an outcome of the model with one reset; nothing is torn", oneNode, 0, 1);
holds("all power goes -> an outcome of the model with torn writes and resets", everything, 2, 2);
