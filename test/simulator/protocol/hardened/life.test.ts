/** Boards and chips that people change: a node's records rise above old ones, and of two boards with one number one rests. */
import { HEALTH, UNKNOWN } from "../../../../simulator/protocol/hardened/extension.ts";
import { lifeOf, lookAtTwin } from "../../../../simulator/protocol/hardened/life.ts";
import { COLD } from "../../../../simulator/protocol/hardened/memory.ts";
import { CONTESTS, QUIET_LOOKS } from "../../../../simulator/protocol/timing.ts";
import { contextOf, memoryOf, recordOf } from "./chips.ts";

const context = { ...contextOf({}), sleepS: 900 };
const start = (boot: number) => ({ cause: "deep-sleep", boot, coldStarts: 0 }) as const;

test.each([
  ["no record of its own", undefined, 3],
  ["one from an earlier life", recordOf(0, { boot: 2, gen: 9 }), 3],
  ["one from a life that the flash does not know of", recordOf(0, { boot: 57, gen: 9 }), 58],
  ["one of the very boot that begins", recordOf(0, { boot: 3, gen: 1 }), 4],
])("a cold start, and the chips hold %s -> the boot is above it", (_, own, boot) => {
  const life = lifeOf(own, context, start(3), COLD);
  expect([life.boot, life.isNew, life.contests]).toEqual([boot, boot !== 3, 0]);
});

test("the own last record -> life goes on", () => {
  const life = lifeOf(recordOf(0, { boot: 3, gen: 7 }), context, start(3), memoryOf({ gen: 7 }));
  expect(life).toMatchObject({ boot: 3, gen: 7, isNew: false, rests: false });
});

test("a record under its number that it did not write -> a new life above it; for the second time it rests", () => {
  const strange = recordOf(0, { boot: 4, gen: 2 });
  const first = lifeOf(strange, context, start(3), memoryOf({ gen: 7 }));
  expect(first).toMatchObject({ boot: 5, gen: 0, isNew: true, contests: 1, rests: false });
  const again = lifeOf(strange, context, start(3), memoryOf({ gen: 7, contests: CONTESTS - 1 }));
  expect(again).toMatchObject({ boot: 5, rests: true });
});

test("the other board says that it rests -> this one works on, and knows of it", () => {
  const resting = recordOf(0, { boot: 4, extension: { ...UNKNOWN, health: HEALTH.resting } });
  const life = lifeOf(resting, context, start(3), memoryOf({ gen: 7, contests: CONTESTS - 1 }));
  expect(life).toMatchObject({ boot: 5, hasTwin: true, rests: false, contests: 0 });
});

test("a board that rests -> looks on while the other's record moves, and works again when it has stood still", () => {
  const other = (gen: number) => recordOf(0, { boot: 5, gen });
  let memory = memoryOf({ quietLooks: 0, seen: [[4, 1]] });
  memory = lookAtTwin(other(1), 0, memory);
  expect(memory.quietLooks).toBe(0);
  for (let look = 1; look < QUIET_LOOKS; look++) {
    memory = lookAtTwin(other(1), 0, memory);
    expect(memory.quietLooks).toBe(look);
  }
  expect(lookAtTwin(other(2), 0, memory).quietLooks).toBe(0);
  expect(lookAtTwin(other(1), 0, memory)).toMatchObject({ quietLooks: undefined, contests: 0 });
  expect(lookAtTwin(undefined, 0, memory)).toBe(memory);
});
