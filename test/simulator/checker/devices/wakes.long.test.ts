/**
 * Whole wakes of two nodes on the byte-level devices, anyhow close together, and power that goes anywhere in them: what
 * the chips then hold, and what each node then knows, is an outcome that the checker's model has for them.
 */
import fc from "fast-check";
import type { FaultClass } from "../../../../simulator/checker/fault-classes.ts";
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

/** Power goes `us` after the start. */
type Loss =
  | { readonly us: number; readonly of: "node"; readonly node: number }
  | { readonly us: number; readonly of: "everything" }
  /** Until it is back, or for good. */
  | { readonly us: number; readonly of: "chip"; readonly chip: number; readonly awayUs: number | undefined };

interface Case {
  readonly start: (typeof WAKES)[number];
  /** When each of them wakes. */
  readonly wakes: readonly [number, number];
  readonly loss: Loss | undefined;
  readonly busyLine: "works" | "stuck high" | "cut";
  readonly mode: Torn["mode"];
  readonly seed: number;
}

const us = fc.integer({ min: 0, max: 2 * WAKE_US });
/** Also so close together that they meet within a START. */
const wakes = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: WAKE_US }), fc.integer({ min: 0, max: WAKE_US })),
  fc.tuple(fc.constant(10), fc.integer({ min: 0, max: 20 })),
);
const anyCase = (loss: fc.Arbitrary<Loss | undefined>): fc.Arbitrary<Case> =>
  fc.record({
    start: fc.constantFrom(...WAKES),
    wakes,
    loss,
    busyLine: fc.constantFrom("works", "stuck high", "cut"),
    mode: fc.constantFrom("addressed-bytes", "whole-page"),
    seed: fc.nat(),
  });

/** The outcome of a case on the devices. */
async function outcome({ start, wakes, loss, busyLine, mode, seed }: Case): Promise<string> {
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
  const powerOff = (node: number): void => {
    cluster.powerOff(node);
    nodes[node] = GONE;
  };
  if (loss !== undefined)
    cluster.at(loss.us, () => {
      if (loss.of === "node") powerOff(loss.node);
      else if (loss.of === "everything") for (let node = 0; node < NODES; node++) powerOff(node);
      else {
        const back = cluster.rig.dislodge(loss.chip);
        if (loss.awayUs !== undefined) cluster.at(loss.us + loss.awayUs, back);
      }
    });
  await cluster.run();
  return outcomeText(
    nodes.map((_, chip) => cluster.memory(chip)),
    nodes,
  );
}

interface Faults {
  readonly classes: readonly FaultClass[];
  readonly budget: number;
  readonly crashes: number;
}

function holds(
  name: string,
  loss: fc.Arbitrary<Loss | undefined>,
  { classes, budget, crashes }: Faults,
): void {
  test(name, async () => {
    const modelled = new Map(
      WAKES.map((start) => {
        const model = modelWith(classes, budget, crashes);
        return [start, outcomesOfWakes(model, afterWakes(model, start))];
      }),
    );
    const met = new Map(WAKES.map((start) => [start, new Set<string>()]));
    await fc.assert(
      fc.asyncProperty(anyCase(loss), async (each) => {
        const text = await outcome(each);
        met.get(each.start)!.add(text);
        if (!modelled.get(each.start)!.has(text)) throw new Error(`not among the model's outcomes:\n${text}`);
      }),
      { numRuns: 1_000 },
    );
    // Or the nodes would always have come one after the other.
    for (const outcomes of met.values()) expect(outcomes.size).toBeGreaterThan(1);
  });
}

const node = fc.record({ us, of: fc.constant("node" as const), node: fc.constantFrom(0, 1) });
const everything = fc.record({ us, of: fc.constant("everything" as const) });
const chip = fc.record({
  us,
  of: fc.constant("chip" as const),
  chip: fc.constantFrom(0, 1),
  awayUs: fc.option(fc.integer({ min: 1, max: WAKE_US }), { nil: undefined }),
});

holds("nothing goes wrong -> an outcome of the model without faults", fc.constant(undefined), {
  classes: [],
  budget: 0,
  crashes: 0,
});
holds("a node loses its power -> an outcome of the model with one reset; nothing is torn", node, {
  classes: [],
  budget: 0,
  crashes: 1,
});
holds("all power goes -> an outcome of the model with torn writes and resets", everything, {
  classes: ["torn-write"],
  budget: 2,
  crashes: 2,
});
holds("a chip loses its power, and has it again or not -> an outcome of the model with two faults", chip, {
  classes: ["eeprom-dislodged", "page-rot", "slow-write-cycle"],
  budget: 2,
  crashes: 0,
});
