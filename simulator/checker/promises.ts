/**
 * What is promised: any one fault, together with one reset, is survived, except for the classes below. The published
 * protocol is asked for the same, and breaks. `npm run verify`, the failure matrix and its tests read it from here;
 * `print-steps.ts` makes text of the reasons.
 */
import type { Check } from "./checks.ts";
import type { FaultClass } from "./fault-classes.ts";

/** What a cluster would need so that a class of faults is survived. */
export type Need = "third-chip" | "timer-never-early" | "watchdog";

/** Why a check is outside the promise. */
export type Outside =
  | { readonly why: "needs"; readonly need: Need }
  /** More than one fault may come. */
  | { readonly why: "several-faults" }
  /** More than one reset may come besides the faults. */
  | { readonly why: "several-resets" };

interface Condition {
  readonly need: Need;
  /** With this many chips the class is promised after all. */
  readonly chips?: number;
}

const CONDITIONS: Readonly<Partial<Record<FaultClass, Condition>>> = {
  // With two chips, each side of the cut has one, and cannot tell the cut from the death of the other node.
  "wire-cut": { need: "third-chip", chips: 3 },
  // The settle sleep keeps two nodes from acting at once; nothing on the chips tells how long a node slept or was awake.
  "early-wake": { need: "timer-never-early" },
  stall: { need: "watchdog" },
};

/** What the cluster lacks to survive a class of faults; undefined: nothing, so that it is promised. */
export function neededFor(
  fault: FaultClass,
  { nodes, witness }: Pick<Check, "nodes" | "witness">,
): Need | undefined {
  const condition = CONDITIONS[fault];
  if (condition === undefined) return undefined;
  const chips = nodes + (witness ? 1 : 0);
  return condition.chips !== undefined && chips >= condition.chips ? undefined : condition.need;
}

/** Why a check is outside the promise; undefined: it is promised, or it is one of the published protocol. */
export function outsidePromise(check: Check): Outside | undefined {
  if (check.protocol === "article") return undefined;
  const needed = check.faults.map((fault) => neededFor(fault, check));
  const first = needed.find((need) => need !== undefined);
  // Of a group one class comes: the promise stands as long as one of them is promised.
  if (first !== undefined && (check.budget > 1 || !needed.includes(undefined)))
    return { why: "needs", need: first };
  if (check.budget > 1) return { why: "several-faults" };
  return check.crashes > 1 ? { why: "several-resets" } : undefined;
}
