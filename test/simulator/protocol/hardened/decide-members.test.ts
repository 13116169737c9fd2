/** Who is held to be dead, who comes back, and who leaves the role to another. */
import { READMISSION } from "../../../../simulator/protocol/hardened/members.ts";
import { afterJoining, COLD, type HardenedMemory } from "../../../../simulator/protocol/hardened/memory.ts";
import { look, memoryOf, recordOf } from "./chips.ts";

/** Node 1 claims under term 3, and node 0 has seen it so. */
const rival = recordOf(1, { gen: 5, term: 3, claims: true });
const sawRival = memoryOf({ gen: 4, term: 3, seen: [undefined, [1, 5]], misses: [0, 0] });
/** Node 0 claims under term 3, both chips took it, and it has slept. */
const own = recordOf(0, { gen: 4, term: 3, claims: true });
const claimed = memoryOf({ gen: 4, term: 3, claimAcks: 3 });

describe("the list of the dead, and what the cloud knows", () => {
  test("a standby -> copies both from the record that rules, its own bit included", () => {
    const records = [
      { ...rival, gen: 6, dead: 0b101, reportedDead: 0b100 },
      recordOf(2, { dead: 0b010, reportedDead: 0b010 }),
    ];
    expect(look({ nodes: 3, records, memory: memoryOf() }).record).toMatchObject({
      dead: 0b101,
      reportedDead: 0b100,
    });
  });

  test("who rules is gone -> the standby that claims goes on with the list, without itself", () => {
    const records = [
      recordOf(0, { term: 3, dead: 0b111, reportedDead: 0b101 }),
      recordOf(1, { term: 2, dead: 0b010 }),
    ];
    expect(look({ nodes: 3, records, memory: memoryOf() })).toMatchObject({
      role: "candidate",
      record: { dead: 0b110, reportedDead: 0b101 },
    });
  });

  test("of two records with the highest term -> that of the claimant rules", () => {
    const records = [recordOf(0, { term: 3, dead: 0b100 }), { ...rival, gen: 6, dead: 0b001 }];
    expect(look({ nodes: 3, records, memory: memoryOf() }).record.dead).toBe(0b001);
  });

  test("the cloud was told something since the last record -> this is what is written, once", () => {
    const plan = look({ records: [own], memory: { ...claimed, reportedDead: 0b10 } });
    expect([plan.record.reportedDead, plan.memory.reportedDead]).toEqual([0b10, undefined]);
  });

  test("a node held to be dead -> heartbeats, and does not claim beside a claimant", () => {
    const records = [{ ...rival, gen: 6, dead: 0b01 }];
    expect(look({ records, memory: sawRival })).toMatchObject({
      role: "standby",
      record: { gen: 5, claims: false, dead: 0b01 },
    });
  });

  test("a node held to be dead, the claimant missed twice -> claims all the same", () => {
    const records = [{ ...rival, dead: 0b01 }];
    expect(look({ records, memory: { ...sawRival, misses: [0, 1] } })).toMatchObject({
      role: "candidate",
      record: { dead: 0b10 },
    });
  });
});

const dead = { ...own, dead: 0b10 };
const peer = recordOf(1, { gen: 6 });
/** Node 0 holds node 1 to be dead, and has seen it move so often. */
const back = (moves: number, over = {}) =>
  look({
    records: [dead, peer],
    memory: { ...claimed, seen: [undefined, [1, 5]], misses: [0, 0], moves: [0, moves], ...over },
  });

describe("back from the dead", () => {
  test("seen to move once -> still dead; a second time -> a member", () => {
    expect(back(0)).toMatchObject({ record: { dead: 0b10 }, memory: { moves: [0, 1] } });
    expect(back(1)).toMatchObject({ record: { dead: 0 }, memory: { moves: [0, 0], flaps: [0, 1] } });
  });

  test("first seen, after a reset of the primary -> that is no move", () => {
    expect(back(0, { seen: [] }).memory.moves[1]).toBe(0);
  });

  test("one miss between two moves -> they count", () => {
    expect(
      look({
        records: [dead, { ...peer, gen: 5 }],
        memory: { ...claimed, seen: [undefined, [1, 5]], moves: [0, 1] },
      }).memory.moves[1],
    ).toBe(1);
  });

  test("two misses between two moves -> counted from the beginning", () => {
    const memory = { ...claimed, seen: [undefined, [1, 5]] as const, misses: [0, 1], moves: [0, 1] };
    expect(look({ records: [dead, { ...peer, gen: 5 }], memory })).toMatchObject({
      record: { dead: 0b10 },
      memory: { moves: [0, 0] },
    });
  });

  test(`came back ${READMISSION.most} times -> stays dead until a person asks`, () => {
    const flaps = [0, READMISSION.most];
    expect(back(1, { flaps })).toMatchObject({ record: { dead: 0b10 }, memory: { flaps } });
    const asked = look({
      records: [
        { ...dead, admit: 0 },
        { ...peer, admit: 0b10 },
      ],
      memory: { ...claimed, seen: [undefined, [1, 5]], flaps },
    });
    expect(asked).toMatchObject({ record: { dead: 0 }, memory: { flaps: [0, 0] } });
  });

  test("a long time without -> its comings back are forgotten; none yet: nothing is counted", () => {
    const flaps = [0, READMISSION.most];
    const wakesSinceReadmission = READMISSION.forgetWakes - 1;
    expect(back(0, { flaps, wakesSinceReadmission: wakesSinceReadmission - 1 }).memory).toMatchObject({
      flaps,
      wakesSinceReadmission,
    });
    expect(back(0, { flaps, wakesSinceReadmission }).memory).toMatchObject({
      flaps: [0, 0],
      wakesSinceReadmission: 0,
    });
    expect(back(1, { flaps: [0, 1], wakesSinceReadmission: 7 }).memory).toMatchObject({
      flaps: [0, 2],
      wakesSinceReadmission: 0,
    });
    expect(back(0, { flaps: [0, 0], wakesSinceReadmission: 0 }).memory.wakesSinceReadmission).toBe(0);
  });
});

describe("a person asks for a node", () => {
  test("a person asks at any node -> admitted at once, without a move", () => {
    const records = [dead, recordOf(1, { gen: 5 }), recordOf(2, { admit: 0b10 })];
    expect(look({ nodes: 3, records, memory: { ...claimed, seen: [undefined, [1, 5]] } }).record.dead).toBe(
      0,
    );
  });

  test("the node that was asked -> asks until the one that rules has done it", () => {
    const asking = recordOf(0, { admit: 0b10 });
    const pending = look({ records: [asking, { ...rival, dead: 0b10 }], memory: sawRival });
    expect(pending.record.admit).toBe(0b10);
    const done = look({ records: [asking, { ...rival, dead: 0 }], memory: sawRival });
    expect(done.record.admit).toBe(0);
  });

  test("the node that was asked claims itself -> does it, and asks no more", () => {
    const records = [recordOf(0, { term: 3, dead: 0b10, admit: 0b10 })];
    expect(look({ records, memory: memoryOf() }).record).toMatchObject({ claims: true, dead: 0, admit: 0 });
  });
});

const heldDown = { ...claimed, holdDownWakes: 5 };
const ableAt = (gen: number, over = {}) => recordOf(1, { gen, ...over });
const saw5 = { seen: [undefined, [1, 5]] as const, misses: [0, 0] };

describe("a node that cannot publish", () => {
  test("another is able -> stands down, and says so", () => {
    const plan = look({ records: [own, ableAt(6)], memory: { ...heldDown, ...saw5, failures: 2 } });
    expect(plan).toMatchObject({
      role: "stepping-down",
      why: "cannot-publish",
      requiredAcks: 0,
      record: { claims: false, failing: true, term: 3 },
      memory: { holdDownWakes: 4 },
    });
  });

  test.each([
    ["has no record", []],
    ["could not publish either", [ableAt(6, { failing: true })]],
    ["was missed twice", [ableAt(5)]],
  ])("the other %s -> it holds on", (_, others) => {
    const memory = { ...heldDown, ...saw5, misses: [0, 1] };
    expect(look({ records: [own, ...others], memory })).toMatchObject({
      role: "primary",
      requiredAcks: 3,
      record: { failing: true },
    });
  });

  test("the other was missed once, as one that wakes just after it is -> stands down all the same", () => {
    const plan = look({ records: [own, ableAt(5)], memory: { ...heldDown, ...saw5 } });
    expect([plan.role, plan.memory.misses]).toEqual(["stepping-down", [0, 1]]);
  });

  test("the other is held to be dead for its flapping, and moves -> it stands down all the same", () => {
    const records = [{ ...own, dead: 0b10 }, ableAt(6)];
    expect(look({ records, memory: { ...heldDown, ...saw5, flaps: [0, READMISSION.most] } }).role).toBe(
      "stepping-down",
    );
  });

  test("nobody claims, another is able -> leaves it the role", () => {
    expect(look({ records: [ableAt(6)], memory: { ...memoryOf(saw5), holdDownWakes: 5 } })).toMatchObject({
      role: "standby",
      why: "cannot-publish",
      record: { claims: false, failing: true },
    });
  });

  test("nobody claims, nobody else is able -> claims", () => {
    expect(look({ records: [], memory: memoryOf({ holdDownWakes: 5 }) }).role).toBe("candidate");
  });

  test("the claimant is missed twice -> claims, although it could not publish", () => {
    expect(look({ records: [rival], memory: { ...sawRival, misses: [0, 1], holdDownWakes: 5 } }).role).toBe(
      "candidate",
    );
  });

  test("its time is over -> it is as able as before", () => {
    const plan = look({ records: [own, ableAt(6)], memory: { ...heldDown, ...saw5, holdDownWakes: 1 } });
    expect(plan).toMatchObject({ role: "primary", record: { failing: false }, memory: { holdDownWakes: 0 } });
  });
});

describe("the turns of nodes that cannot publish", () => {
  test("the other could not publish either, and it has tried in vain -> leaves it a turn", () => {
    const memory = { ...heldDown, ...saw5, failures: 2 };
    const plan = look({ records: [own, ableAt(6, { failing: true })], memory });
    expect(plan).toMatchObject({ role: "stepping-down", why: "cannot-publish" });
    // One that is missed twice, or was never there, has no turn.
    const missed = { ...memory, misses: [0, 1] };
    for (const records of [[own, ableAt(5, { failing: true })], [own]])
      expect(look({ records, memory: missed }).role).toBe("primary");
  });

  test("it has stepped down, and nobody claims -> lets one wake pass, and claims at the next", () => {
    const other = (gen: number) => ableAt(gen, { failing: true });
    const memory = { ...heldDown, ...saw5, failures: 2 };
    const { record, memory: after } = look({ records: [own, other(6)], memory });
    const passed = look({ records: [record, other(7)], memory: after });
    expect(passed).toMatchObject({ role: "standby", why: "cannot-publish", memory: { failures: 0 } });
    const next = look({ records: [passed.record, other(8)], memory: passed.memory });
    expect(next).toMatchObject({ role: "candidate", why: "nobody-claims" });
  });

  test.each([
    ["nobody is able -> its joins stay apart", [ableAt(6, { failing: true })], 3, 4],
    ["another is able -> it joins at its next turn, and at those after it", [ableAt(6)], 0, 0],
  ])("%s", (_, others, joinsToSkip, joinsFailed) => {
    const memory = { ...heldDown, ...saw5, joinsToSkip: 3, joinsFailed: 4 };
    const after = look({ records: [own, ...others], memory }).memory;
    expect([after.joinsToSkip, after.joinsFailed]).toEqual([joinsToSkip, joinsFailed]);
  });

  test("joins that fail one after another -> the first eight at each turn, then one in four, until one works", () => {
    let memory: HardenedMemory = { ...COLD, slept: "period" };
    const skips = Array.from({ length: 10 }, () => {
      memory = afterJoining(memory, false);
      return memory.joinsToSkip;
    });
    expect(skips).toEqual([0, 0, 0, 0, 0, 0, 0, 3, 3, 3]);
    expect(afterJoining(memory, true)).toMatchObject({ joinsToSkip: 0, joinsFailed: 0, holdDownWakes: 0 });
    expect(afterJoining(afterJoining(memory, true), false).joinsToSkip).toBe(0);
  });
});
