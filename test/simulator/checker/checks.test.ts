/** What the checker finds on small configurations; the counts are pinned, so that a change of the model shows. */
import { type Check, runCheck, runEachLaw, verdictOf } from "../../../simulator/checker/checks.ts";
import type { FaultClass } from "../../../simulator/checker/fault-classes.ts";
import { violationText } from "../../../simulator/checker/print-steps.ts";
import { checkOf as check } from "./support/check.ts";

describe("hardened, two nodes and two chips", () => {
  test.each<[string, Check, number, readonly [number, number, number, number]]>([
    ["wakes as they should", check([], { punctual: true, bookkeeping: true }), 1_150, [1, 1, 1, 1]],
    ["one read fails", check(["read-error"], { punctual: true, bookkeeping: true }), 6_279, [1, 2, 2, 2]],
    ["late wakes", check([]), 2_228, [1, 1, 1, 1]],
    ["late wakes, terms four apart", check([], { termsApart: 4 }), 5_264, [1, 1, 1, 1]],
    ["a node that dies", check(["node-dies"]), 4_117, [3, 3, 3, 3]],
    ["a node that freezes", check(["freeze"]), 4_117, [3, 3, 3, 3]],
  ])("%s -> all states seen, and every promise holds", (_, one, states, rounds) => {
    const [inTurn, fromTheLast, lockstep, adversary] = rounds;
    expect(runCheck(one)).toMatchObject({
      exhausted: true,
      states,
      roundsToAct: { "in-turn": inTurn, "in-turn-from-the-last": fromTheLast, lockstep, adversary },
      counterexample: undefined,
    });
  });

  test("both starts at once -> no more states than from blank chips: one leads to the other", () => {
    const { states } = runCheck(check([], { starts: ["blank"] }));
    const both = runCheck(check([], { starts: ["blank", "running"] }));
    expect(both).toMatchObject({ exhausted: true, counterexample: undefined });
    expect(both.states).toBe(states);
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

describe("every law by itself, from every start", () => {
  const CUT = check(["wire-cut"], { starts: ["blank", "running"], unasked: ["somebody-acts-again"] });
  const searches = runEachLaw(CUT);

  test.each(["at-most-one-acts", "terms-only-rise"] as const)("%s -> broken from either start", (law) => {
    const blank = verdictOf(searches, law, "blank");
    const running = verdictOf(searches, law, "running");
    expect(blank).toMatchObject({ kind: "broken", counterexample: { start: "blank", prelude: [] } });
    expect(running).toMatchObject({ kind: "broken", counterexample: { start: "running" } });
    if (running?.kind !== "broken") throw new Error("not broken");
    expect(running.counterexample.prelude.filter(({ kind }) => kind === "acts")).toHaveLength(2);
    expect(running.counterexample.prelude).toContainEqual({ kind: "crash", node: 0, pageWritten: false });
  });

  test("what was not asked -> no verdict", () => {
    expect(verdictOf(searches, "somebody-acts-again", "blank")).toBeUndefined();
  });

  test("only one law is broken -> the others are searched to their end", () => {
    const early = runEachLaw(check(["early-wake"]), 100_000);
    expect(verdictOf(early, "terms-only-rise", "blank")).toMatchObject({ kind: "broken" });
    expect(verdictOf(early, "somebody-acts-again", "blank")).toMatchObject({ kind: "holds" });
  });

  test("a search that is given up -> said of each law", () => {
    const few = runEachLaw(check([]), 100);
    for (const law of ["at-most-one-acts", "terms-only-rise"] as const)
      expect(verdictOf(few, law, "blank")).toMatchObject({ kind: "given-up" });
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
  ])("%s, wakes as they should -> broken by that", (fault, violation) => {
    const { counterexample } = runCheck(
      check([fault], { protocol: "article", punctual: true, unasked: ["nobody-well-is-expelled"] }),
    );
    expect(violationText(counterexample!.violation)).toMatch(violation);
    expect(counterexample!.steps.filter(({ kind }) => kind === fault)).toHaveLength(1);
  });
});
