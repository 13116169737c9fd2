import type { Check } from "../../../simulator/checker/checks.ts";
import {
  FAULT_CLASS_NAMES,
  FAULT_GROUPS,
  type FaultClass,
} from "../../../simulator/checker/fault-classes.ts";
import { checkName } from "../../../simulator/cli/check-runner.ts";

const check = (faults: readonly FaultClass[], more: Partial<Check> = {}): Check => ({
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

test.each<[Check, string]>([
  [check([]), "late wakes only"],
  [check([], { punctual: true }), "nothing, wakes as they should"],
  [check([], { crashes: 2 }), "2 resets"],
  [check(["offline"], { crashes: 1 }), "offline, a reset"],
  [check(["offline"], { budget: 2 }), "offline twice"],
  [check(["offline", "chip-lost"]), "offline + chip-lost"],
  [check(["offline", "chip-lost", "freeze"], { budget: 1 }), "any of offline, chip-lost, freeze"],
])("%# -> called so", (one, name) => {
  expect(checkName(one)).toBe(name);
});

test("the groups -> each class is in one of them", () => {
  expect(FAULT_GROUPS.flat().sort()).toEqual([...FAULT_CLASS_NAMES].sort());
});
