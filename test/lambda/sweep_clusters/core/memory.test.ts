/** What one sweep keeps for the next. */
import type { Finding } from "../../../../lambda/sweep_clusters/core/finding.ts";
import {
  ABSENT_PERIODS,
  isBelieved,
  withDoubts,
  withHearing,
} from "../../../../lambda/sweep_clusters/core/memory.ts";
import { type Memory, NO_MEMORY, unheardMs } from "../../../../lambda/sweep_clusters/core/view.ts";
import { MINUTE_MS, NOON_MS } from "../../send_cluster_mail/support/fixtures.ts";
import { heartbeat, view } from "./detect/views.ts";

const at = (minute: number) => NOON_MS + minute * MINUTE_MS;

describe("hearing", () => {
  test("a reading within the last two and a half periods -> nothing to remember", () => {
    const heard = [heartbeat(0, 0), heartbeat(1, -90)];
    expect(withHearing(NO_MEMORY, heard, at(ABSENT_PERIODS * 15))).toBe(NO_MEMORY);
    expect(withHearing(NO_MEMORY, [], at(0))).toBe(NO_MEMORY);
  });

  test("none for longer -> silent since the newest; heard again -> resumed then; once each", () => {
    const silent = withHearing(NO_MEMORY, [heartbeat(0, 0)], at(45));
    expect(silent).toEqual({ silentSinceMs: at(0), gaps: [], doubts: [] });
    expect(withHearing(silent, [heartbeat(0, 0)], at(300))).toBe(silent);
    const resumed = withHearing(silent, [heartbeat(0, 0), heartbeat(1, 310)], at(315));
    expect(resumed).toEqual({ gaps: [{ fromMs: at(0), toMs: at(310) }], doubts: [] });
    expect(withHearing(resumed, [heartbeat(1, 310)], at(320))).toBe(resumed);
    expect(withHearing(resumed, [heartbeat(1, 310)], at(400))).toEqual({
      silentSinceMs: at(310),
      gaps: [{ fromMs: at(0), toMs: at(310) }],
      doubts: [],
    });
  });

  test("one gap after another -> the last eight", () => {
    let memory = NO_MEMORY;
    for (let hour = 0; hour < 12; hour++) {
      memory = withHearing(memory, [heartbeat(0, hour * 60)], at(hour * 60 + 59));
    }
    expect(memory.gaps).toHaveLength(8);
    expect(memory.gaps.at(-1)).toEqual({ fromMs: at(600), toMs: at(660) });
  });

  test("a node that says it sleeps for a day -> waited for", () => {
    expect(withHearing(NO_MEMORY, [heartbeat(0, 0, { sleepS: 86_400 })], at(2 * 24 * 60))).toBe(NO_MEMORY);
  });

  const unheard = (
    since: number,
    newest: number,
    ...gaps: readonly (readonly [number, number])[]
  ): number => {
    const [one, other] = [heartbeat(0, since), heartbeat(1, newest)];
    const memory = { gaps: gaps.map(([from, to]) => ({ fromMs: at(from), toMs: at(to) })), doubts: [] };
    expect(unheardMs({ ...view(one, other), memory }, other)).toBe(0);
    return unheardMs({ ...view(one, other), memory }, one) / MINUTE_MS;
  };

  test.each<[string, number, number, readonly (readonly [number, number])[], number]>([
    ["no gap", 0, 130, [], 130],
    ["two hours in which nobody was heard", -5, 130, [[0, 128]], 5],
    [
      "the wait begins anew after each",
      0,
      130,
      [
        [10, 50],
        [70, 120],
      ],
      20,
    ],
    ["a gap from before it was heard", 0, 30, [[-200, -100]], 30],
    ["long gone before the gap: it stays gone", 0, 400, [[200, 390]], 200],
  ])("%s -> unheard for so long", (_, since, newest, gaps, expected) => {
    expect(unheard(since, newest, ...gaps)).toBe(expected);
  });
});

describe("what was seen once", () => {
  const dip = (minute: number, changes: object = {}): Finding => ({
    kind: "battery-low",
    subject: 1,
    order: { term: 0, atMs: at(minute) },
    fires: true,
    facts: { kind: "battery-low", node: 1, batteryMv: 4_700, daysLeft: null },
    evidence: { oldestMs: at(minute), newestMs: at(minute), says: "low" },
    ...changes,
  });
  const well: Finding = { kind: "battery-low", subject: 1, order: { term: 0, atMs: at(20) }, fires: false };
  const once: Memory = withDoubts(NO_MEMORY, [dip(0)]);

  test("not before -> not believed, and kept; the same reading again -> neither; the next one -> believed", () => {
    expect(isBelieved(dip(0), NO_MEMORY)).toBe(false);
    expect(once.doubts).toEqual([{ kind: "battery-low", subject: 1, says: "low", newestMs: at(0) }]);
    expect(isBelieved(dip(0), once)).toBe(false);
    expect(withDoubts(once, [dip(0)])).toBe(once);
    expect(isBelieved(dip(15), once)).toBe(true);
    expect(withDoubts(once, [dip(15)])).toBe(once);
  });

  test("seen to be otherwise, or neither -> forgotten, and begins anew", () => {
    expect(withDoubts(once, [well]).doubts).toEqual([]);
    expect(withDoubts(once, [{ ...well, stays: true } as Finding]).doubts).toEqual([]);
    expect(withDoubts(once, [{ ...well, subject: 0 }])).toBe(once);
  });

  test("two that rest in part on one reading -> one piece of evidence", () => {
    const pair = (from: number, to: number, says = "0 over 1"): Finding =>
      dip(to, { evidence: { oldestMs: at(from), newestMs: at(to), says } });
    const first = withDoubts(NO_MEMORY, [pair(0, 33)]);
    expect(isBelieved(pair(0, 48), first)).toBe(false);
    expect(isBelieved(pair(33, 48), first)).toBe(false);
    expect(isBelieved(pair(40, 48), first)).toBe(true);
    // The other way round, it is another thing.
    expect(isBelieved(pair(40, 48, "1 over 0"), first)).toBe(false);
    expect(withDoubts(first, [pair(40, 48, "1 over 0")]).doubts).toMatchObject([{ says: "1 over 0" }]);
  });

  test("what needs no second look -> believed", () => {
    const { evidence: _, ...plain } = dip(0) as Finding & { fires: true };
    expect(isBelieved(plain, NO_MEMORY)).toBe(true);
    expect(withDoubts(NO_MEMORY, [plain])).toBe(NO_MEMORY);
  });
});
