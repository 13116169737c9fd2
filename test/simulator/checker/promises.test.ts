import type { Check } from "../../../simulator/checker/checks.ts";
import { outsidePromise } from "../../../simulator/checker/promises.ts";
import { checkOf } from "./support/check.ts";

test.each<[Check, string | undefined]>([
  [checkOf([]), undefined],
  [checkOf(["eeprom-dislodged"], { crashes: 1 }), undefined],
  [checkOf(["wire-cut"], { crashes: 1 }), "needs a third chip"],
  [checkOf(["wire-cut"], { witness: true }), undefined],
  [checkOf(["wire-cut"], { nodes: 3 }), undefined],
  [checkOf(["early-wake"], { witness: true }), expect.stringMatching(/^needs a timer/)],
  [checkOf(["stall"]), expect.stringMatching(/^needs a watchdog/)],
  [checkOf(["eeprom-dislodged", "freeze"], { budget: 1 }), undefined],
  [checkOf(["wire-cut", "freeze"], { budget: 1 }), undefined],
  [checkOf(["wire-cut", "early-wake"], { budget: 1 }), "needs a third chip"],
  [checkOf(["eeprom-dislodged", "freeze"], { budget: 2 }), "promised is one thing at a time"],
  [checkOf(["wire-cut", "freeze"], { budget: 2 }), "needs a third chip"],
  [checkOf(["eeprom-dislodged"], { crashes: 2 }), "promised is one reset besides"],
  [checkOf(["wire-cut"], { protocol: "article" }), undefined],
])("%# -> promised, or why not", (check, why) => {
  expect(outsidePromise(check)).toEqual(why);
});
