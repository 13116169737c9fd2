import type { Check } from "../../../../simulator/checker/checks.ts";
import { FAULT_CLASS_NAMES, FAULT_GROUPS } from "../../../../simulator/checker/fault-classes.ts";
import { checkName } from "../../../../simulator/cli/verify/check-runner.ts";
import { checkOf as check } from "../../checker/support/check.ts";

test.each<[Check, string]>([
  [check([]), "late wakes only"],
  [check([], { punctual: true }), "nothing, wakes as they should"],
  [check([], { crashes: 2 }), "2 resets"],
  [check(["wifi-outage"], { crashes: 1 }), "wifi-outage, a reset"],
  [check(["wifi-outage"], { budget: 2 }), "wifi-outage twice"],
  [check(["wifi-outage", "eeprom-dislodged"]), "wifi-outage + eeprom-dislodged"],
  [check(["wifi-outage", "eeprom-dislodged", "freeze"], { budget: 1 }), "any of 3 classes"],
])("%# -> called so", (one, name) => {
  expect(checkName(one)).toBe(name);
});

test("the groups -> each class is in one of them", () => {
  expect(FAULT_GROUPS.flat().sort()).toEqual([...FAULT_CLASS_NAMES].sort());
});
