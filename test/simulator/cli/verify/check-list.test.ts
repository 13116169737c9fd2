import { FAULT_CLASS_NAMES } from "../../../../simulator/checker/fault-classes.ts";
import { type CheckFlags, checksFor } from "../../../../simulator/cli/verify/check-list.ts";
import { checkName } from "../../../../simulator/cli/verify/check-runner.ts";

const namesOf = (flags: CheckFlags): string[] => checksFor(flags).map(checkName);

test("no flag -> every class with a reset but the largest, from both starts", () => {
  const checks = checksFor({});
  const late = checks.filter(({ punctual, faults }) => !punctual && faults.length > 0);
  expect(late.flatMap(({ faults }) => faults).sort()).toEqual([...FAULT_CLASS_NAMES].sort());
  for (const { faults, crashes, starts } of late)
    expect([faults, crashes, starts]).toEqual([
      faults,
      faults.includes("worn-page") ? 0 : 1,
      ["blank", "running"],
    ]);
});

test("no flag -> of classes outside the promise it is not asked whether a node acts again", () => {
  const unasked = (flags: CheckFlags): string[] =>
    checksFor(flags).flatMap(({ faults, unasked: laws = [] }) =>
      laws.includes("somebody-acts-again") ? faults : [],
    );
  expect(unasked({})).toEqual(["wire-cut", "early-wake", "stall"]);
  expect(unasked({ witness: true })).toEqual(["early-wake", "stall"]);
  expect(unasked({ thorough: true })).toEqual([]);
});

test("--thorough -> also with a witness chip, and with terms four apart", () => {
  expect(namesOf({ only: ["worn-page"], thorough: true })).toEqual([
    "worn-page, a reset",
    "worn-page, a reset, a witness",
    "worn-page, a reset, terms 4 apart",
  ]);
  expect(namesOf({ thorough: true })).toContain("worn-page, a reset");
});

test("--only -> these, with a reset, whatever their size", () => {
  expect(namesOf({ only: ["worn-page", "freeze"] })).toEqual(["worn-page, a reset", "freeze, a reset"]);
});

test("--start, --terms-apart -> of each check", () => {
  for (const check of checksFor({ only: ["freeze"], start: "running", "terms-apart": "3" }))
    expect(check).toMatchObject({ starts: ["running"], termsApart: 3 });
});

test("the published protocol -> punctual where there is a fault, without a reset, as its cluster runs", () => {
  const checks = checksFor({ protocol: "article" });
  expect(checks.filter(({ faults }) => faults.length > 0)).toHaveLength(FAULT_CLASS_NAMES.length);
  for (const { faults, punctual, crashes, starts } of checks.filter((check) => check.faults.length > 0))
    expect([faults, punctual, crashes, starts]).toEqual([faults, true, 0, ["blank"]]);
});

test("--faults 2 -> every pair, and each class twice", () => {
  expect(namesOf({ only: ["freeze", "stall"], faults: "2" })).toEqual([
    "freeze twice",
    "freeze + stall",
    "stall twice",
  ]);
});

test.each<[CheckFlags, RegExp]>([
  [{ protocol: "article", witness: true }, /^The published protocol has no witness chip\.$/],
  [{ protocol: "article", thorough: true }, /^--thorough is for the hardened protocol\.$/],
  [{ protocol: "article", start: "blank" }, /^The published protocol starts with a running cluster\.$/],
  [{ start: "warm" }, /^--start takes "blank" or "running", not "warm"\.$/],
  [{ "terms-apart": "1" }, /^--terms-apart/],
  [{ only: ["frieze"] }, /Did you mean "freeze"\?$/],
])("%j -> refused: %s", (flags, why) => {
  expect(() => checksFor(flags)).toThrow(why);
});
