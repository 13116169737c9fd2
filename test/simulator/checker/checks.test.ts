/** What the checker finds on small configurations; the counts are pinned, so that a change of the model shows. */
import { type Check, runCheck } from "../../../simulator/checker/checks.ts";
import type { FaultClass } from "../../../simulator/checker/fault-classes.ts";
import { violationText } from "../../../simulator/checker/print-steps.ts";
import { checkOf as check } from "./support/check.ts";

describe("hardened, two nodes and two chips", () => {
  test.each<[string, Check, number, number]>([
    ["wakes as they should", check([], { punctual: true, bookkeeping: true }), 1_150, 1],
    ["one read fails", check(["read-error"], { punctual: true, bookkeeping: true }), 5_958, 1],
    ["late wakes", check([]), 3_153, 1],
    ["a node that dies", check(["node-dies"]), 5_394, 3],
    ["a node that freezes", check(["freeze"]), 5_394, 3],
  ])("%s -> all states seen, and every promise holds", (_, one, states, rounds) => {
    expect(runCheck(one)).toMatchObject({
      exhausted: true,
      states,
      roundsToAct: rounds,
      counterexample: undefined,
    });
  });

  test.each<[FaultClass, RegExp, number]>([
    ["wire-cut", /^nodes 0 and 1 act at once$/, 17],
    ["early-wake", /^node 0 acts under term 1 after node 1 did under 1$/, 21],
  ])("%s -> broken, in as few steps as can be", (fault, violation, steps) => {
    const { exhausted, counterexample } = runCheck(check([fault]));
    expect(exhausted).toBe(false);
    expect(violationText(counterexample!.violation)).toMatch(violation);
    expect(counterexample?.steps).toHaveLength(steps);
  });
});

describe("as published", () => {
  test("wakes as they should -> nobody who is well is expelled", () => {
    expect(runCheck(check([], { protocol: "article", punctual: true }))).toMatchObject({ exhausted: true });
  });

  test.each<[FaultClass, RegExp]>([
    ["freeze", /nobody acts/],
    ["eeprom-noise", /nobody acts/],
    ["torn-write", /nobody acts/],
    ["wire-cut", /act at once/],
  ])("%s -> broken", (fault, violation) => {
    const { counterexample } = runCheck(check([fault], { protocol: "article" }));
    expect(violationText(counterexample!.violation)).toMatch(violation);
  });
});
