/** Draws a fault of a kind from the schema of its parameters; the bounds of ranges come often. */
import * as z from "zod/mini";
import type { Rng } from "../engine/rng.ts";
import { FAULTS, type Fault, type FaultName } from "../scenario/faults.ts";
import type { ClusterSetup } from "../scenario/scenario.ts";

type Schema = z.core.JSONSchema.Schema;

/** Number of chips of a cluster, the witness included. */
export const chipsOf = ({ nodes, witness }: ClusterSetup): number => nodes + (witness ? 1 : 0);

/** One of the items, each equally likely. @param items at least one */
export const pick = <Item>(rng: Rng, items: readonly Item[]): Item => items[rng.below(items.length)]!;

const BOUND_SHARE = 0.15;

function value(rng: Rng, { type, anyOf, enum: words, ...bounds }: Schema): unknown {
  const choices = words ?? anyOf?.map((each) => (each as Schema).const);
  if (choices !== undefined) return pick(rng, choices);
  const min = Number(bounds.minimum ?? bounds.exclusiveMinimum);
  const max = Number(bounds.maximum ?? Number(bounds.exclusiveMaximum) - 1);
  if (type === "integer") {
    if (rng.chance(BOUND_SHARE)) return rng.chance(0.5) ? min : max;
    return min + rng.below(max - min + 1);
  }
  if (rng.chance(BOUND_SHARE)) return rng.chance(0.5) && bounds.minimum !== undefined ? min : max;
  return thousandth(min + (max - min) * (1 - rng.unit()));
}

/** Rounded up to thousandths: short to write, and never 0 where that is excluded. */
const thousandth = (n: number): number => Math.ceil(n * 1_000) / 1_000;

/** A number from 0 to `count` − 1 other than `not`. */
export const other = (rng: Rng, not: number, count: number): number =>
  (not + 1 + rng.below(count - 1)) % count;

/** A delay in seconds, from seconds to hours. */
const drawDelay = (rng: Rng): number => 1 + rng.below(pick(rng, [60, 900, 3_600, 36_000]));

/** By kind: parameters drawn where they matter; most of their range has the same effect. */
const NEAR: Readonly<Record<string, (rng: Rng, cluster: ClusterSetup) => object>> = {
  // A page, and a byte, that a record is kept in.
  "worn-page": (rng, { nodes }) => ({ page: rng.below(2 * nodes) }),
  "page-rot": (rng, { nodes }) => ({ page: rng.below(2 * nodes) }),
  "stuck-bit": (rng, { nodes }) => ({ address: 64 * rng.below(2 * nodes) + rng.below(28) }),
  // Another chip's address, or one that no chip has.
  "wrong-strap": (rng, cluster) => (rng.chance(0.8) ? {} : { as: Math.min(7, chipsOf(cluster)) }),
  // From minutes to hours.
  oversleep: (rng) => ({ by_s: drawDelay(rng) }),
  reset: (rng) => (rng.chance(0.8) ? { held_s: 0 } : { held_s: drawDelay(rng) }),
  "stale-memory": (rng) => (rng.chance(0.8) ? { held_s: 0 } : { held_s: drawDelay(rng) }),
  "battery-low": (rng) => ({ percent: pick(rng, [0, 0.02, 0.5, 0.8, 1, 2, 100]) }),
  "puback-lost": (rng) => ({ times: 1 + rng.below(pick(rng, [2, 6])) }),
};

/** A fault of that kind. @throws what the schema throws if it refuses the values drawn from it */
export function drawFault(rng: Rng, kind: FaultName, cluster: ClusterSetup): Fault {
  const schema: z.core.$ZodType = FAULTS[kind].schema;
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input" });
  const node = rng.below(cluster.nodes);
  const chip = rng.below(chipsOf(cluster));
  const seats: Readonly<Record<string, number>> = {
    node,
    chip,
    with: other(rng, node, cluster.nodes),
    as: other(rng, chip, chipsOf(cluster)),
  };
  const drawn = Object.entries(properties)
    .filter(([name]) => required.includes(name) || rng.chance(0.5))
    .map(([name, of]) => [name, seats[name] ?? value(rng, of as Schema)]);
  const near = NEAR[kind]?.(rng, cluster);
  return { kind, ...(z.parse(schema, { ...Object.fromEntries(drawn), ...near }) as object) } as Fault;
}
