/**
 * What is promised: any one thing that breaks, together with one reset, is survived, but for the classes below. The
 * published protocol is held to the same, and breaks. `npm run verify`, the failure matrix and its tests read it from here.
 */
import type { Check } from "./checks.ts";
import type { FaultClass } from "./fault-classes.ts";

interface Outside {
  /** What it would take. */
  readonly needs: string;
  /** With so many chips it is promised after all. */
  readonly chips?: number;
}

const OUTSIDE: Readonly<Partial<Record<FaultClass, Outside>>> = {
  // With two chips, each side of the cut has one, and cannot tell the cut from the other's death.
  "wire-cut": { needs: "a third chip", chips: 3 },
  // The settle sleep is what keeps two from acting at once; nothing on the chips tells how long somebody slept or was awake.
  "early-wake": { needs: "a timer that does not end a sleep too early" },
  stall: { needs: "a watchdog that ends a wake" },
};

/** What a class of faults would need that this cluster has not; undefined where it is promised to be survived. */
export function neededFor(
  fault: FaultClass,
  { nodes, witness }: Pick<Check, "nodes" | "witness">,
): string | undefined {
  const outside = OUTSIDE[fault];
  if (outside === undefined) return undefined;
  const chips = nodes + (witness ? 1 : 0);
  return outside.chips !== undefined && chips >= outside.chips ? undefined : `needs ${outside.needs}`;
}

/** Why nothing is promised of what a check lets happen; undefined where it is. */
export function outsidePromise(check: Check): string | undefined {
  if (check.protocol === "article") return undefined;
  const needed = check.faults.map((fault) => neededFor(fault, check));
  const first = needed.find((needs) => needs !== undefined);
  // Of a group one class comes: a promise stands as long as one of them is promised.
  if (first !== undefined && (check.budget > 1 || !needed.includes(undefined))) return first;
  if (check.budget > 1) return "promised is one thing at a time";
  return check.crashes > 1 ? "promised is one reset besides" : undefined;
}
