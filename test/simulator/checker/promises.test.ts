import type { Check } from "../../../simulator/checker/checks.ts";
import { outsideText } from "../../../simulator/checker/print-steps.ts";
import { type Outside, outsidePromise } from "../../../simulator/checker/promises.ts";
import { checkOf } from "./support/check.ts";

const needs = (need: Extract<Outside, { why: "needs" }>["need"]): Outside => ({ why: "needs", need });

test.each<[Check, Outside | undefined]>([
  [checkOf([]), undefined],
  [checkOf(["eeprom-dislodged"], { crashes: 1 }), undefined],
  [checkOf(["wire-cut"], { crashes: 1 }), needs("third-chip")],
  [checkOf(["wire-cut"], { witness: true }), undefined],
  [checkOf(["wire-cut"], { nodes: 3 }), undefined],
  [checkOf(["early-wake"], { witness: true }), needs("timer-never-early")],
  [checkOf(["stall"]), needs("watchdog")],
  [checkOf(["eeprom-dislodged", "freeze"], { budget: 1 }), undefined],
  [checkOf(["wire-cut", "freeze"], { budget: 1 }), undefined],
  [checkOf(["wire-cut", "early-wake"], { budget: 1 }), needs("third-chip")],
  [checkOf(["eeprom-dislodged", "freeze"], { budget: 2 }), { why: "several-faults" }],
  [checkOf(["wire-cut", "freeze"], { budget: 2 }), needs("third-chip")],
  [checkOf(["eeprom-dislodged"], { crashes: 2 }), { why: "several-resets" }],
  [checkOf(["wire-cut"], { protocol: "article" }), undefined],
])("%# -> promised, or why not", (check, why) => {
  expect(outsidePromise(check)).toEqual(why);
});

test.each<[Outside, string]>([
  [needs("third-chip"), "needs a third chip"],
  [needs("timer-never-early"), "needs a timer that does not end a sleep too early"],
  [needs("watchdog"), "needs a watchdog that ends a wake"],
  [{ why: "several-faults" }, "promised is one thing at a time"],
  [{ why: "several-resets" }, "promised is one reset besides"],
])("%j -> in words: %s", (outside, text) => {
  expect(outsideText(outside)).toBe(text);
});
