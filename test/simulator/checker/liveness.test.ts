/** Four schedules: a protocol that gets through one of them may fail under another. */
import { type Check, runCheck } from "../../../simulator/checker/checks.ts";
import { SCHEDULE_NAMES } from "../../../simulator/checker/liveness.ts";
import { violationText } from "../../../simulator/checker/print-steps.ts";
import type { Cycle, Effect } from "../../../simulator/protocol/effects.ts";
import { HARDENED } from "../../../simulator/protocol/hardened/hardened.ts";
import { COLD } from "../../../simulator/protocol/hardened/memory.ts";
import type { Protocol, WakeResult } from "../../../simulator/protocol/protocol.ts";
import { checkOf } from "./support/check.ts";

/** A toy: a wake reads chip 0 and writes a byte there; `acts` says by what it read whether it acts. */
const toy = (acts: (self: number, read: number) => boolean): Protocol => ({
  ...HARDENED,
  *wake({ self }): Cycle<WakeResult<unknown>> {
    const reply = yield { do: "read", chip: 0, address: 0, length: 1 };
    const read = reply instanceof Uint8Array ? reply[0]! : 0;
    const write: Effect = { do: "write", chip: 0, address: 0, bytes: Uint8Array.of(self + 1) };
    yield write;
    if (acts(self, read)) {
      const decision = { role: "primary", why: "checked", term: 1, formatted: false } as const;
      yield { do: "decide", decision: { ...decision, changes: [], unwritable: [], counts: [] } };
      yield { do: "connect" };
    }
    return { memory: COLD, sleep: "period" };
  },
});

const check = (instead: Protocol): Check =>
  checkOf([], { instead, noSymmetry: true, unasked: ["at-most-one-acts", "terms-only-rise"] });

const brokenUnder = (instead: Protocol): string | undefined => {
  const { counterexample } = runCheck(check(instead), 10_000);
  return counterexample && violationText(counterexample.violation);
};

test.each<[string, Protocol, RegExp | undefined]>([
  ["node 0 always acts", toy((self) => self === 0), undefined],
  ["nobody ever acts", toy(() => false), /^nobody acts within 8 rounds of wakes$/],
  [
    "one acts that finds the other's byte, and both wake at once",
    toy((self, read) => self === 1 && read === 1),
    /^nobody acts within 8 rounds of wakes, all at once/,
  ],
])("%s -> %s", (_, protocol, says) => {
  const text = brokenUnder(protocol);
  if (says === undefined) expect(text).toBeUndefined();
  else expect(text).toMatch(says);
});

test("a shipped protocol -> every schedule has its occasion, and the adversary takes as long as the worst of the others", () => {
  const { unmet, roundsToAct } = runCheck(checkOf(["node-dies"]));
  expect(unmet.schedules).toEqual([]);
  const others = SCHEDULE_NAMES.filter((name) => name !== "adversary").map((name) => roundsToAct[name]);
  expect(roundsToAct.adversary).toBeGreaterThanOrEqual(Math.max(...others));
});
