/** `sometimes` beside `always`: a search in which nothing is put to the test proves nothing, and says so. */
import { type Check, isVacuous, runCheck } from "../../../simulator/checker/checks.ts";
import { unmetText } from "../../../simulator/checker/print-steps.ts";
import { LAW_NAMES, LAWS, Occasions } from "../../../simulator/protocol/laws.ts";
import { MUTANTS } from "./mutants/mutants.ts";
import { checkOf as check } from "./support/check.ts";
import { SOLOIST } from "./support/soloist.ts";

describe("a vacuous model -> every law holds, and the check fails", () => {
  test.each<[string, Check, object]>([
    [
      "nobody ever takes over",
      { ...check([]), instead: MUTANTS.neverTakesOver },
      { laws: ["terms-only-rise"], faults: [] },
    ],
    [
      "one node always acts, and none reads a chip",
      check(["read-error", "write-error"], { budget: 1, instead: SOLOIST, noSymmetry: true }),
      { laws: ["terms-only-rise"], faults: ["read-error"] },
    ],
    [
      "nobody ever suspects anybody",
      check([], { punctual: true, bookkeeping: true, instead: SOLOIST, noSymmetry: true }),
      { laws: ["nobody-well-is-expelled"], faults: [] },
    ],
  ])("%s", (_, vacuous, unmet) => {
    const result = runCheck(vacuous, 100_000);
    expect(result).toMatchObject({ exhausted: true, counterexample: undefined, unmet });
    expect(isVacuous(result)).toBe(true);
  });
});

test.each([
  ["late wakes", check([])],
  ["punctual wakes", check([], { punctual: true, bookkeeping: true })],
  ["the published protocol, punctual wakes", check([], { protocol: "article", punctual: true })],
  ["two classes of faults, of which either may come", check(["read-error", "node-dies"], { budget: 1 })],
])(
  "the shipped protocols, %s -> every law is put to the test, and every fault makes a difference",
  (_, one) => {
    const result = runCheck(one);
    expect(result.unmet).toEqual({ laws: [], schedules: [], faults: [] });
    expect(isVacuous(result)).toBe(false);
  },
);

test("a search that is given up -> says nothing of what it has not met yet", () => {
  const result = runCheck(check([]), 5);
  expect(result).toMatchObject({ exhausted: false, unmet: { laws: [], schedules: [], faults: [] } });
  expect(isVacuous(result)).toBe(false);
});

test("what is unmet -> in words; nothing -> no words", () => {
  expect(unmetText({ laws: ["terms-only-rise"], schedules: ["lockstep"], faults: ["freeze"] })).toBe(
    "never came about: a node acts after another one did; two nodes are awake at once; freeze made a difference",
  );
  expect(unmetText({ laws: [], schedules: [], faults: [] })).toBeUndefined();
});

test("occasions -> each law by itself, in the order of the laws", () => {
  const occasions = new Occasions();
  expect(occasions.missing(LAW_NAMES)).toEqual(Object.keys(LAWS));
  occasions.add(["somebody-acts-again", "at-most-one-acts"]);
  expect(occasions.laws).toEqual(["at-most-one-acts", "somebody-acts-again"]);
  expect(occasions.missing(["somebody-acts-again", "terms-only-rise"])).toEqual(["terms-only-rise"]);
});
