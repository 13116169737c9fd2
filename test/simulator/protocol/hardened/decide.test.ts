/** Each rule of a wake's decision, those of docs/internals/protocol.md, "The hardened protocol", among them, by itself. */

import { chipsNeeded } from "../../../../simulator/protocol/hardened/chip-records.ts";
import { UNKNOWN } from "../../../../simulator/protocol/hardened/extension.ts";
import { COLD, type HardenedMemory } from "../../../../simulator/protocol/hardened/memory.ts";
import { watchPeers } from "../../../../simulator/protocol/hardened/watch-peers.ts";
import { MISSES } from "../../../../simulator/protocol/timing.ts";
import { blankChip, chipWith, contextOf, look, memoryOf, PAGE, recordOf } from "./chips.ts";

/** Node 1 claims under term 3, and node 0 has seen it so. */
const rival = recordOf(1, { gen: 5, term: 3, claims: true });
const sawRival = memoryOf({ gen: 4, term: 3, seen: [undefined, [1, 5]], misses: [0, 0] });
/** Node 0 claims under term 3, both chips took it, and it has slept. */
const own = recordOf(0, { gen: 4, term: 3, claims: true });
const claimed = memoryOf({ gen: 4, term: 3, claimAcks: 3 });

test.each([
  ["two chips", {}, 1],
  ["a witness chip and two nodes", { witness: true }, 2],
  ["a witness chip and four nodes", { nodes: 4, witness: true }, 3],
])("chips needed of %s", (_, at, expected) => {
  expect(chipsNeeded(contextOf(at))).toBe(expected);
});

describe("observe", () => {
  const peer = (over = {}) => [recordOf(1, { gen: 5, ...over })];
  const saw = (over = {}) => memoryOf({ seen: [undefined, [1, 5]], misses: [0, 0], ...over });

  test("a peer has moved -> its misses are forgotten, and that it is cleared is told", () => {
    const { memory, changes } = look({ records: peer({ gen: 6 }), memory: saw({ misses: [0, 1] }) });
    expect([memory.misses[1], memory.seen[1]]).toEqual([0, [1, 6]]);
    expect(changes).toEqual([{ kind: "cleared", node: 1 }]);
  });

  test("a peer has started over with a lower gen -> it has moved", () => {
    const { memory } = look({ records: peer({ boot: 2, gen: 1 }), memory: saw({ misses: [0, 1] }) });
    expect([memory.misses[1], memory.seen[1]]).toEqual([0, [2, 1]]);
  });

  test("not moved after a full sleep -> one miss, suspected; again -> two; then it stays at two", () => {
    const once = look({ records: peer(), memory: saw() });
    expect(once.memory.misses[1]).toBe(1);
    expect(once.changes).toEqual([{ kind: "suspected", node: 1 }]);
    const twice = look({ records: peer(), memory: saw({ misses: [0, 1] }) });
    expect(twice.memory.misses[1]).toBe(2);
    expect(look({ records: peer(), memory: saw({ misses: [0, 2] }) }).memory.misses[1]).toBe(2);
  });

  test.each(["cold", "settle"] as const)("not moved after a %s start or sleep -> no miss", (slept) => {
    const { memory, changes } = look({ records: peer(), memory: saw({ slept }) });
    expect([memory.misses[1], changes]).toEqual([0, []]);
  });

  test("seen for the first time after a full sleep -> no miss, and no move either", () => {
    const { memory } = look({ records: peer({ dead: 0 }), memory: memoryOf() });
    expect([memory.misses[1], memory.moves[1], memory.seen[1]]).toEqual([0, 0, [1, 5]]);
  });

  test.each([
    ["blank", blankChip()],
    ["damaged", blankChip().fill(0x5a)],
    ["of a chip that was not read", undefined],
  ])("a record that is unknown, %s -> no miss, not dead, and remembered as last seen", (_, chip) => {
    const chips = [chipWith([own]), chip].map((each) => each ?? chipWith([own]));
    const { memory, changes, record } = look({
      chips,
      memory: { ...claimed, seen: [undefined, [1, 5]], misses: [0, 1] },
    });
    expect([memory.misses[1], memory.seen[1], record.dead, changes]).toEqual([1, [1, 5], 0, []]);
  });

  test("the own record -> never a miss of oneself", () => {
    expect(look({ records: [own], memory: { ...claimed, seen: [[1, 4]] } }).memory.misses[0]).toBe(0);
  });
});

describe("the top claim", () => {
  test("two claim -> the higher term is on top, whoever has the lower number", () => {
    const { role } = look({ records: [{ ...own, term: 2 }, rival], memory: claimed });
    expect(role).toBe("standby");
    const other = look({
      self: 1,
      records: [{ ...own, term: 2 }, rival],
      memory: memoryOf({ gen: 5, term: 3, claimAcks: 3 }),
    });
    expect(other.role).toBe("primary");
  });

  test("two claim under one term -> the lowest node is on top", () => {
    expect(
      look({ self: 1, records: [own, rival], memory: memoryOf({ gen: 5, term: 3, claimAcks: 3 }) }),
    ).toMatchObject({
      role: "standby",
      why: "another-claims",
    });
  });

  test("an earlier claim of the node that has dropped it -> does not count", () => {
    const dropped = recordOf(1, { gen: 6, term: 3 });
    expect(look({ records: [rival, dropped], memory: sawRival }).why).toBe("nobody-claims");
  });

  test("a chip that fell behind still shows a claim -> the later record on the other chip counts", () => {
    const chips = [chipWith([rival]), chipWith([recordOf(1, { gen: 6, term: 3 })])];
    expect(look({ chips, memory: sawRival }).why).toBe("nobody-claims");
  });
});

describe("nobody claims", () => {
  test("blank chips -> claims under term 1, and may not act", () => {
    expect(look({ records: [], memory: COLD })).toMatchObject({
      role: "candidate",
      why: "nobody-claims",
      record: { node: 0, boot: 1, gen: 1, term: 1, claims: true },
      requiredAcks: 0,
    });
  });

  test("terms are on the chips -> one above the highest, be it no claim", () => {
    expect(look({ records: [recordOf(1, { term: 6 })], memory: memoryOf({ term: 2 }) }).record.term).toBe(7);
  });

  test("a higher term was seen that is on no chip any more -> one above that", () => {
    expect(look({ records: [recordOf(1, { term: 2 })], memory: memoryOf({ term: 6 }) }).record.term).toBe(7);
  });
});

describe("another claims", () => {
  test.each([0, 1])("%i misses before, and it has moved -> stands by and drops its own claim", (misses) => {
    const plan = look({
      records: [
        { ...own, term: 2 },
        { ...rival, gen: 6 },
      ],
      memory: { ...sawRival, misses: [0, misses] },
    });
    expect(plan).toMatchObject({
      role: "standby",
      requiredAcks: 0,
      record: { claims: false, term: 3, gen: 5 },
    });
  });

  test("missed once -> stands by", () => {
    expect(look({ records: [rival], memory: sawRival }).role).toBe("standby");
  });

  test("missed twice -> claims one above the highest term, and holds it dead", () => {
    const plan = look({ records: [rival], memory: { ...sawRival, misses: [0, 1] } });
    expect(plan).toMatchObject({
      role: "candidate",
      why: "missed-twice",
      requiredAcks: 0,
      record: { term: 4, claims: true, dead: 0b10 },
      memory: { tookOverFrom: 1, announced: false },
    });
    expect(plan.changes).toContainEqual({ kind: "expelled", node: 1 });
  });

  test("missed twice, after a settle sleep -> claims as well", () => {
    const memory = { ...sawRival, misses: [0, 2], slept: "settle" as const };
    expect(look({ records: [rival], memory }).role).toBe("candidate");
  });

  test("a standby misses another standby twice -> it stands by; the list of the dead is not its to change", () => {
    const records = [rival, recordOf(2, { gen: 9 })];
    const memory = memoryOf({ seen: [undefined, [1, 4], [1, 9]], misses: [0, 0, 1] });
    const plan = look({ nodes: 3, records, memory });
    expect(plan).toMatchObject({
      role: "standby",
      record: { dead: 0 },
      memory: { misses: [0, 0, 2] },
    });
  });
});

describe("the own claim is on top", () => {
  test("confirmed on every chip of U -> holds it under the same term, and may act when just those take it", () => {
    expect(look({ records: [own], memory: claimed })).toMatchObject({
      role: "primary",
      why: "claim-stands",
      record: { term: 3, claims: true, gen: 5 },
      requiredAcks: 3,
    });
  });

  test("after a settle sleep just as well", () => {
    expect(look({ records: [own], memory: { ...claimed, slept: "settle" } }).requiredAcks).toBe(3);
  });

  test("U is one chip of two, and the other shows an older record -> may act on U", () => {
    const chips = [chipWith([own]), chipWith([{ ...own, gen: 3 }])];
    expect(look({ chips, memory: { ...claimed, claimAcks: 1 } }).requiredAcks).toBe(1);
  });

  const [whole, older, blank] = [chipWith([own]), chipWith([{ ...own, gen: 3 }]), blankChip()];
  test.each([
    ["a chip of U was not read", [whole, undefined]],
    ["a chip of U is blank", [whole, blank]],
    ["a chip of U has an older record", [older, whole]],
    ["another boot's record with the same gen", [whole, chipWith([{ ...own, boot: 0 }])]],
  ])("%s -> not confirmed, it may not act", (_, chips) => {
    expect(look({ chips, memory: claimed })).toMatchObject({
      role: "primary",
      why: "not-confirmed",
      requiredAcks: 0,
      record: { claims: true, term: 3 },
    });
  });

  test("U is less than the majority where there is a witness -> not confirmed", () => {
    const at = { witness: true, records: [own] };
    expect(look({ ...at, memory: { ...claimed, claimAcks: 0b001 } }).requiredAcks).toBe(0);
    expect(look({ ...at, memory: { ...claimed, claimAcks: 0b101 } }).requiredAcks).toBe(0b101);
  });

  test("a peer is missed twice -> it is held to be dead", () => {
    const plan = look({
      records: [own, recordOf(1, { gen: 5 })],
      memory: { ...claimed, seen: [undefined, [1, 5]], misses: [0, 1] },
    });
    expect(plan).toMatchObject({ requiredAcks: 3, record: { dead: 0b10 } });
    expect(plan.changes).toEqual([{ kind: "expelled", node: 1 }]);
  });
});

describe("the own claim is on top, and is not what it was", () => {
  test("a claim from before a reset -> claimed anew under a higher term", () => {
    expect(look({ records: [own], memory: COLD, boot: 2 })).toMatchObject({
      role: "candidate",
      why: "claims-anew",
      record: { boot: 2, gen: 1, term: 4 },
      requiredAcks: 0,
    });
  });

  test("too few chips took the last write -> claimed anew under a higher term", () => {
    expect(look({ records: [own], memory: { ...claimed, claimAcks: 0 } }).record.term).toBe(4);
  });

  test("another claims under the same term -> claimed anew under a higher one, though confirmed", () => {
    expect(look({ records: [own, rival], memory: claimed })).toMatchObject({
      why: "claims-anew",
      record: { term: 4 },
      requiredAcks: 0,
    });
  });

  test("the same claim again after a reset -> the role was its own, so nobody is said to have lost it", () => {
    expect(look({ records: [own], memory: COLD, boot: 2 }).memory.tookOverFrom).toBeUndefined();
  });
});

test("a gen for each wake -> one above the last, whatever stands on the chips", () => {
  const records = [recordOf(0, { boot: 1, gen: 900 })];
  expect(look({ records, memory: memoryOf({ gen: 7 }), boot: 3 }).record).toMatchObject({ boot: 3, gen: 8 });
});

describe("a damaged page of a peer", () => {
  /** Chip 1 has a damaged second page of node 1. */
  const DAMAGED = 0b1000;
  const spoilt = chipWith([own]).fill(0x5a, 3 * PAGE);
  const at = (memory: Partial<HardenedMemory>) =>
    look({ chips: [chipWith([own]), spoilt], memory: { ...claimed, ...memory } });

  test("newly seen by a node that could act -> it does not, and remembers the damage", () => {
    const { requiredAcks, why, memory } = at({ damaged: [] });
    expect([requiredAcks, why, memory.damaged]).toEqual([0, "not-confirmed", [0, DAMAGED]]);
  });

  test("seen before -> it acts", () => {
    expect(at({ damaged: [0, DAMAGED] }).requiredAcks).toBe(3);
    // Another page than the one that is known.
    expect(at({ damaged: [0, 0b100] }).requiredAcks).toBe(0);
  });

  test("its own page -> no matter", () => {
    const chips = [chipWith([own]), chipWith([own]).fill(0x5a, PAGE, 2 * PAGE)];
    expect(look({ chips, memory: claimed })).toMatchObject({ requiredAcks: 3, memory: { damaged: [] } });
  });

  test("on a chip that is not read now -> remembered; of a standby -> forgotten", () => {
    const unread = look({
      chips: [chipWith([own]), undefined],
      memory: { ...claimed, claimAcks: 1, damaged: [0, 8] },
    });
    expect(unread.memory.damaged).toEqual([0, DAMAGED]);
    const standby = look({ records: [rival], memory: { ...sawRival, damaged: [0, 8] } });
    expect([standby.role, standby.memory.damaged]).toEqual(["standby", []]);
  });
});

describe("periods that differ", () => {
  /** How many looks, each after a full sleep, until the peer is missed twice. */
  function looksUntilDead(sleepS: number, peerS: number): number {
    const extension = { ...UNKNOWN, sleepS: peerS };
    const latest = [undefined, recordOf(1, { gen: 5, extension })];
    let memory = memoryOf({ seen: [undefined, [1, 5]] });
    for (let looks = 1; ; looks++) {
      const { misses, waitedS } = watchPeers(latest, 0, memory, sleepS);
      if (misses[1] === MISSES) return looks;
      memory = { ...memory, misses, waitedS };
    }
  }

  test.each([
    [900, 900, 2],
    [900, 300, 2],
    [300, 900, 6],
    [420, 900, 4],
    [890, 900, 2],
    // Of older firmware nothing is known: as with equal periods.
    [300, 0, 2],
  ])("every %d s, of a peer every %d s -> missed twice after %d looks", (own, peer, looks) => {
    expect(looksUntilDead(own, peer)).toBe(looks);
  });

  test("a move in between -> counted from there", () => {
    const extension = { ...UNKNOWN, sleepS: 900 };
    const before = memoryOf({ seen: [undefined, [1, 5]], waitedS: [0, 600] });
    const { waitedS } = watchPeers([undefined, recordOf(1, { gen: 6, extension })], 0, before, 300);
    expect(waitedS[1]).toBe(0);
  });
});
