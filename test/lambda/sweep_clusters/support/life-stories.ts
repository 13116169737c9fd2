/** Random lives of a cluster. */
import fc from "fast-check";
import { NOON_MS } from "../../send_cluster_mail/support/fixtures.ts";
import { CHAPTER_QUARTERS, type Chapter, CLOCKS, QUARTER_MS } from "./life-model.ts";

const HOUR_MS = 4 * QUARTER_MS;

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
/** For ten hours nobody is heard. */
const ABSENT: Chapter = { ...CALM, outage: [0, CHAPTER_QUARTERS] };
/** Longer than a day, for which heartbeats are kept at least. */
const OUT_FOR_LONG = [ABSENT, ABSENT, ABSENT];

const part: fc.Arbitrary<readonly Chapter[]> = fc.oneof(
  { weight: 15, arbitrary: chapter.map((one) => [one]) },
  { weight: 1, arbitrary: fc.constant(OUT_FOR_LONG) },
);

/** What happens, and from when on. */
export interface Tale {
  readonly chapters: readonly Chapter[];
  /** Thursday noon, or Sunday noon: the report of the week then falls into it. Epoch ms. */
  readonly startMs: number;
  /** A calm week follows, so that there are two reports, the second of which counts from the first. */
  readonly isLong: boolean;
}

const startMs = fc.constantFrom(NOON_MS, NOON_MS + 72 * HOUR_MS);

/** @param partsMax of a life, in any order @param longWeight of so many and nine, with a calm week after it */
export const talesOf = (partsMax: number, longWeight: number): fc.Arbitrary<Tale> =>
  fc.record({
    chapters: fc.array(part, { minLength: 1, maxLength: partsMax }).map((parts) => parts.flat()),
    startMs,
    isLong: fc.oneof(
      { weight: 9, arbitrary: fc.constant(false) },
      { weight: longWeight, arbitrary: fc.constant(true) },
    ),
  });

/** Up to five chapters; one in ten with a week. */
export const lives = talesOf(5, 1);

const WEEK_CHAPTERS = 17;

/** The chapters, and calm ones: what has happened is over by their end. */
export const lifeOf = ({ chapters, isLong }: Tale): readonly Chapter[] => [
  ...chapters,
  ...Array.from({ length: isLong ? 1 + WEEK_CHAPTERS : 1 }, () => CALM),
];
