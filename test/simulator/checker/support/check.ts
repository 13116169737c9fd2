import type { Check } from "../../../../simulator/checker/checks.ts";
import type { FaultClass } from "../../../../simulator/checker/fault-classes.ts";

/** Two nodes with two chips, sleeps as long as they like, and as many faults as classes. */
export const checkOf = (faults: readonly FaultClass[], more: Partial<Check> = {}): Check => ({
  protocol: "hardened",
  nodes: 2,
  witness: false,
  faults,
  budget: faults.length,
  crashes: 0,
  punctual: false,
  bookkeeping: false,
  ...more,
});
