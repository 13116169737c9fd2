import type { Check, CheckResult } from "../../../../simulator/checker/checks.ts";
import {
  isAsPromised,
  lawText,
  outcomeOf,
  roundsIn,
  verdictsOf,
} from "../../../../simulator/cli/verify/verdicts.ts";
import type { JobResult } from "../../../../simulator/cli/verify/worker.ts";
import type { Violation } from "../../../../simulator/protocol/laws.ts";
import { checkOf } from "../../checker/support/check.ts";

const FREEZE = checkOf(["freeze"], { starts: ["blank", "running"] });
const STALL = checkOf(["stall"], { starts: ["blank", "running"] });
const AT_ONCE: Violation = { law: "at-most-one-acts", node: 1, others: [0] };

const found = (check: Check, more: Partial<CheckResult> = {}): CheckResult => ({
  check,
  states: 2_000,
  transitions: 9_000,
  depth: 30,
  exhausted: true,
  counterexample: undefined,
  roundsToAct: { "in-turn": 1, "in-turn-from-the-last": 2, lockstep: 4, adversary: 3 },
  statesWithoutCapableNode: 0,
  unmet: { laws: [], schedules: [], faults: [] },
  ...more,
});
const broken = (check: Check): CheckResult =>
  found(check, {
    exhausted: false,
    counterexample: { violation: AT_ONCE, start: "running", prelude: [], steps: [{ kind: "from-here-on" }] },
  });
const job = (check: Check, ...searches: CheckResult[]): JobResult => ({ check, searches, seconds: 1 });

test.each<[string, JobResult, string, boolean]>([
  ["all states", job(FREEZE, found(FREEZE)), "holds", true],
  ["a law is broken", job(FREEZE, broken(FREEZE)), "broken", false],
  ["the limit came first", job(FREEZE, found(FREEZE, { exhausted: false })), "given-up", false],
  ["broken, and nothing is promised", job(STALL, broken(STALL)), "outside", true],
  ["given up, and nothing is promised", job(STALL, found(STALL, { exhausted: false })), "outside", true],
  [
    "a schedule never had an occasion",
    job(STALL, found(STALL, { unmet: { laws: [], schedules: ["lockstep"], faults: [] } })),
    "vacuous",
    false,
  ],
])("%s -> %s", (_, one, outcome, asPromised) => {
  expect([outcomeOf(one), isAsPromised(one)]).toEqual([outcome, asPromised]);
});

test("one law from each start -> said in one line; the same everywhere -> once", () => {
  const elsewhere = { ...FREEZE, starts: ["blank"] as const };
  const one = job(FREEZE, broken(FREEZE), found(elsewhere, { exhausted: false }));
  const [law] = verdictsOf(one);
  expect(lawText(verdictsOf(one).filter((each) => each.law === law?.law))).toBe(
    "none in 2,000 states, 30 steps deep, from blank chips, broken in 1 steps from a running cluster",
  );
  expect(lawText(verdictsOf(job(FREEZE, found(FREEZE))))).toBe("holds");
});

test("rounds -> the most of any schedule", () => {
  expect(roundsIn(job(FREEZE, found(FREEZE)))).toBe(4);
});
