/** Random lives of a cluster. */
import fc from "fast-check";
import { type Chapter, CLOCKS } from "./lives.ts";

const clock = fc.oneof(
  { weight: 4, arbitrary: fc.constant("right" as const) },
  { weight: 3, arbitrary: fc.constantFrom(...CLOCKS) },
);
const chapter: fc.Arbitrary<Chapter> = fc.record({
  what: fc.constantFrom("calm", "death", "takeover", "split", "swap", "dip", "low"),
  quarters: fc.integer({ min: 4, max: 16 }),
  outage: fc.oneof(
    { weight: 1, arbitrary: fc.constant([0, 0] as const) },
    { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 5, max: 14 }), fc.integer({ min: 1, max: 10 })) },
  ),
  clocks: fc.tuple(clock, clock),
  sweepMin: fc.constantFrom(0, 5, 12),
});
/** All is well in the end, with clocks that are right. */
const CALM: Chapter = { what: "calm", quarters: 4, outage: [0, 0], clocks: ["right", "right"], sweepMin: 0 };
/** Up to five chapters, in any order. */
export const lives = fc.array(chapter, { minLength: 1, maxLength: 5 });

/** The chapters, and a calm one: what has happened is over by its end. */
export const lifeOf = (chapters: readonly Chapter[]): readonly Chapter[] => [...chapters, CALM];
