/** Laws of `decide` over any chips and memories. The checker's canonical form (hardened-form.ts) relies on the first three. */
import fc from "fast-check";
import { chipsNeeded, size, topClaim } from "../../../../simulator/protocol/hardened/chip-records.ts";
import { decide, type WakePlan } from "../../../../simulator/protocol/hardened/decide.ts";
import {
  afterActing,
  afterReset,
  COLD,
  type HardenedMemory,
} from "../../../../simulator/protocol/hardened/memory.ts";
import {
  formatRecord,
  isLater,
  latestOn,
  type NodeRecord,
  recordAddress,
} from "../../../../simulator/protocol/hardened/record.ts";
import type { ResetCause } from "../../../../simulator/protocol/protocol.ts";
import { COLD_STARTS, HOLD_DOWN_WAKES } from "../../../../simulator/protocol/timing.ts";
import { anyChips, anyMemory } from "./arbitraries.ts";
import { blankChip, CLUSTER, contextOf, recordOf, rewritten } from "./chips.ts";

const NODES = 3;
const context = contextOf({ nodes: NODES, self: 1, witness: true });
type Chips = readonly (Uint8Array | undefined)[];

interface Situation {
  readonly chips: Chips;
  readonly memory: HardenedMemory;
  readonly boot: number;
}

/** Chips and memory that have nothing to do with one another, or chips of which some took the last claim. */
const situation: fc.Arbitrary<Situation> = fc
  .record({
    chips: anyChips(NODES, context.chips),
    memory: anyMemory(NODES, context.chips),
    boot: fc.integer({ min: 1, max: 2 }),
    took: fc.option(fc.nat({ max: 2 ** context.chips - 1 }), { nil: undefined, freq: 3 }),
    term: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ chips, memory, boot, took, term }) => {
    if (took === undefined) return { chips, memory, boot };
    const claim = recordOf(context.self, { boot, gen: memory.gen, term, claims: true });
    const held = chips.map((chip, index) => ((took & (1 << index)) !== 0 ? withRecord(chip, claim) : chip));
    return { chips: held, memory: { ...memory, claimAcks: took, term: Math.max(term, memory.term) }, boot };
  });

function withRecord(chip: Uint8Array | undefined, record: NodeRecord): Uint8Array {
  const bytes = rewritten(chip ?? blankChip(NODES), (held) => (held.node === record.node ? undefined : held));
  bytes.set(formatRecord(record, CLUSTER), recordAddress(record.node, record.gen));
  return bytes;
}

const decided = (chips: Chips, memory: HardenedMemory, boot: number): WakePlan =>
  decide(context, CLUSTER, chips, memory, { cause: "deep-sleep", boot, coldStarts: 0 });

const bookless = ({ lastClaimant, dead, reportedDead, admit, ...record }: NodeRecord) => record;
/** All of a plan that decides who claims, holds and acts, now or later. */
const roleOf = ({ role, why, record, requiredAcks, memory }: WakePlan) => {
  const { moves, flaps, wakesSinceReadmission, tookOverFrom, announced, reportedDead, ...kept } = memory;
  return { role, why, requiredAcks, record: bookless(record), memory: kept };
};
const onEach = (chips: Chips, change: (chip: Uint8Array) => Uint8Array): Chips =>
  chips.map((chip) => chip && change(chip));

test("who is dead, what was told and who was asked for, in records -> has no part in who claims, holds or acts", () => {
  const books = fc.infiniteStream(fc.nat({ max: 7 }));
  fc.assert(
    fc.property(fc.record({ now: situation, books }), ({ now: { chips, memory, boot }, books }) => {
      const next = () => books.next().value as number;
      const other = onEach(chips, (chip) =>
        rewritten(chip, (record) => ({
          ...record,
          lastClaimant: next() > 3,
          dead: next(),
          reportedDead: next(),
          admit: next(),
        })),
      );
      expect(roleOf(decided(other, memory, boot))).toEqual(roleOf(decided(chips, memory, boot)));
    }),
  );
});

test("moves, flaps, and what the cloud is to be told, in memory -> have no part in it either", () => {
  fc.assert(
    fc.property(
      fc.record({ now: situation, other: anyMemory(NODES, context.chips) }),
      ({ now: { chips, memory, boot }, other }) => {
        const { moves, flaps, wakesSinceReadmission, tookOverFrom, announced, reportedDead } = other;
        const changed = {
          ...memory,
          moves,
          flaps,
          wakesSinceReadmission,
          tookOverFrom,
          announced,
          reportedDead,
        };
        expect(roleOf(decided(chips, changed, boot))).toEqual(roleOf(decided(chips, memory, boot)));
      },
    ),
  );
});

test("the earlier of a node's two records on a chip -> has no part in anything", () => {
  fc.assert(
    fc.property(situation, ({ chips, memory, boot }) => {
      const later = onEach(chips, (chip) =>
        rewritten(chip, (record) => {
          const latest = latestOn(chip, record.node, CLUSTER)!;
          return isLater(latest, record) ? undefined : record;
        }),
      );
      expect(decided(later, memory, boot)).toEqual(decided(chips, memory, boot));
    }),
  );
});

test("a peer without a record on any chip -> is neither missed nor seen nor newly held to be dead", () => {
  fc.assert(
    fc.property(
      fc.record({ now: situation, peer: fc.constantFrom(0, 2) }),
      ({ now: { chips, memory, boot }, peer }) => {
        const without = onEach(chips, (chip) =>
          rewritten(chip, (record) => (record.node === peer ? undefined : record)),
        );
        const misses = memory.misses.map((count, node) => (node === peer ? Math.min(count, 1) : count));
        const plan = decided(without, { ...memory, misses }, boot);
        expect(plan.memory.misses[peer]).toBe(misses[peer]);
        expect(plan.memory.seen[peer]).toEqual(memory.seen[peer]);
        expect(plan.changes.filter(({ node }) => node === peer)).toEqual([]);
      },
    ),
  );
});

test("to act -> the own claim is on top, alone under its term, and U is enough and still holds the last record", () => {
  let acting = 0;
  fc.assert(
    fc.property(situation, ({ chips, memory, boot }) => {
      const { requiredAcks, role, record, latest } = decided(chips, memory, boot);
      if (requiredAcks === 0) return;
      acting += 1;
      const top = topClaim(latest)!;
      expect([role, record.claims, top.node, top.term]).toEqual(["primary", true, context.self, record.term]);
      expect(latest.filter((each) => each?.claims === true && each.term === top.term)).toHaveLength(1);
      expect(requiredAcks).toBe(memory.claimAcks);
      expect(size(requiredAcks)).toBeGreaterThanOrEqual(chipsNeeded(context));
      for (let chip = 0; chip < context.chips; chip++) {
        if ((requiredAcks & (1 << chip)) === 0) continue;
        expect(latestOn(chips[chip]!, context.self, CLUSTER)).toMatchObject({ boot, gen: memory.gen });
      }
    }),
    { numRuns: 3_000, seed: 1 },
  );
  expect(acting).toBeGreaterThan(50);
});

test("any claim -> rises above every term on the chips and in memory; any record -> never below them", () => {
  fc.assert(
    fc.property(situation, ({ chips, memory, boot }) => {
      const { role, record, latest, memory: kept } = decided(chips, memory, boot);
      const own = latest[context.self];
      const life = { boot, gen: memory.gen };
      const begun = own !== undefined && isLater(own, life) ? { boot: own.boot + 1, gen: 0 } : life;
      const highest = Math.max(memory.term, ...latest.map((each) => each?.term ?? 0));
      if (role === "candidate") expect(record.term).toBe(highest + 1);
      else if (role !== "primary") expect(record.term).toBe(highest);
      expect([kept.term, kept.gen, record.boot]).toEqual([record.term, record.gen, begun.boot]);
      const [next, after] = [begun.gen + 1, begun.gen + 2];
      expect(record.gen).toBe(next % 2 === memory.avoid ? after : next);
    }),
    { numRuns: 1_000 },
  );
});

test("any reset but a wake from deep sleep -> nothing is remembered, and only a watchdog or a brown-out is held against it", () => {
  const causes: ResetCause[] = ["power-on", "watchdog", "brown-out", "pin", "soft"];
  const after = (cause: ResetCause) => afterReset({ cause, boot: 7, coldStarts: 1 });
  expect(causes.filter((cause) => after(cause).holdDownWakes > 0)).toEqual(["watchdog", "brown-out"]);
  for (const cause of causes) expect({ ...after(cause), holdDownWakes: 0 }).toEqual(COLD);
});

test("a cold start before the last one led to a reading or a full sleep -> held down, whatever the cause", () => {
  const causes: ResetCause[] = ["power-on", "memory-lost", "pin", "soft"];
  for (const cause of causes) {
    const cold = { ...COLD, forgets: cause === "memory-lost" };
    expect(afterReset({ cause, boot: 7, coldStarts: COLD_STARTS - 1 })).toEqual(cold);
    expect(afterReset({ cause, boot: 7, coldStarts: COLD_STARTS })).toEqual({
      ...cold,
      holdDownWakes: HOLD_DOWN_WAKES,
    });
  }
});

describe("what a node makes of having acted", () => {
  test("published -> nothing is held against it", () => {
    const before = { ...COLD, failures: 1, holdDownWakes: 40 };
    expect(afterActing(before, true)).toEqual(COLD);
  });

  test("once not published -> one failure; twice in a row -> held back for a day of wakes", () => {
    const once = afterActing(COLD, false);
    expect(once).toEqual({ ...COLD, failures: 1 });
    const twice = afterActing(once, false);
    expect(twice.holdDownWakes).toBe((24 * 60) / 15);
  });

  test("however often it fails -> failures are counted up to two: the checker's states are finitely many", () => {
    let memory: HardenedMemory = COLD;
    for (let wake = 0; wake < 5; wake++) memory = afterActing(memory, false);
    expect(memory.failures).toBe(2);
  });
});
