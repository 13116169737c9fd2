/**
 * Random stories of both functions and of those who read their mails: a life in the kitchen, deaths in the attic, and what a
 * person or AWS does meanwhile.
 */
import fc from "fast-check";
import { CHAPTER_QUARTERS } from "../../sweep_clusters/support/life-model.ts";
import { type Tale, talesOf } from "../../sweep_clusters/support/life-stories.ts";
import { CALM, type Chance } from "./schedule.ts";

/** A node of the attic: well for so many quarters of an hour, then out for so many, again and again. */
export interface AtticNode {
  readonly subject: number;
  readonly spans: readonly (readonly [well: number, out: number])[];
  readonly endsOut: boolean;
}

/** What happens in one quarter besides. */
export type Act =
  /** Who is told, and when not, is edited. */
  | { readonly do: "recipients"; readonly version: number }
  /** A node or the whole attic is taken out, or put back. */
  | { readonly do: "clusters"; readonly version: number }
  | { readonly do: "readings-days"; readonly days: number }
  | { readonly do: "ses-down"; readonly quarters: number }
  | { readonly do: "mute"; readonly cluster: "kitchen" | "attic"; readonly quarters: number }
  | { readonly do: "unmute"; readonly cluster: "kitchen" | "attic" }
  /** Somebody presses a link of the newest mail that has one, and may say who they are. */
  | { readonly do: "answer"; readonly by?: string };

/** All that happens. */
export interface Story {
  readonly tale: Tale;
  readonly attic: readonly AtticNode[];
  readonly acts: readonly { readonly quarter: number; readonly act: Act }[];
  readonly chance: Chance;
  readonly stormLimit: number;
}

/** In each version. */
export const AWAKE = "awake@example.org";
export const ASLEEP = "asleep@example.org";
/** Comes later, or never. */
export const JOINS = "joins@example.org";
/** Hears of what nobody answers. */
export const BOSS = "boss@example.org";
const asleep = (from: string, to: string) => ({ address: ASLEEP, quiet: { from, to, time_zone: "UTC" } });
const boss = { address: BOSS, after_hours: 3 };

/** Recipients, and at which hours of UTC `ASLEEP` is. */
export const RECIPIENTS: readonly { readonly to: readonly unknown[]; readonly night: readonly number[] }[] = [
  { to: [AWAKE, asleep("22:00", "07:00")], night: [22, 23, 0, 1, 2, 3, 4, 5, 6] },
  { to: [AWAKE, asleep("20:00", "06:00")], night: [20, 21, 22, 23, 0, 1, 2, 3, 4, 5] },
  { to: [AWAKE, JOINS, asleep("22:00", "07:00")], night: [22, 23, 0, 1, 2, 3, 4, 5, 6] },
  { to: [AWAKE, ASLEEP], night: [] },
  { to: [AWAKE, asleep("22:00", "07:00"), boss], night: [22, 23, 0, 1, 2, 3, 4, 5, 6] },
  { to: [{ address: AWAKE, time_zone: "Asia/Tokyo" }], night: [] },
];

/** The version in which both are told by the same mails. */
export const TOGETHER = 3;

const KITCHEN = { nodes: 2, sleep_s: 900 };
/** By how many nodes the attic has; undefined: there is none. */
export const ATTICS = [4, 3, undefined] as const;
export const CLUSTERS = ATTICS.map((nodes) =>
  JSON.stringify({
    kitchen: KITCHEN,
    ...(nodes === undefined ? {} : { attic: { nodes, sleep_s: 900 } }),
  }),
);
export const ATTIC_NODES = 4;

const quarters = fc.integer({ min: 1, max: 6 });
const attic: fc.Arbitrary<readonly AtticNode[]> = fc.uniqueArray(
  fc.record({
    subject: fc.integer({ min: 0, max: ATTIC_NODES - 1 }),
    spans: fc.array(fc.tuple(quarters, quarters), { minLength: 1, maxLength: 4 }),
    endsOut: fc.boolean(),
  }),
  { maxLength: 4, selector: ({ subject }) => subject },
);

const cluster = fc.constantFrom("kitchen" as const, "attic" as const);
const edits: readonly fc.Arbitrary<Act>[] = [
  fc.record({ do: fc.constant("recipients" as const), version: fc.nat(RECIPIENTS.length - 1) }),
  fc.record({ do: fc.constant("clusters" as const), version: fc.nat(CLUSTERS.length - 1) }),
  fc.record({ do: fc.constant("readings-days" as const), days: fc.constantFrom(1, 30) }),
  fc.record({
    do: fc.constant("mute" as const),
    cluster,
    quarters: fc.integer({ min: 1, max: 30 }),
  }),
  fc.record({ do: fc.constant("unmute" as const), cluster }),
  fc.record(
    { do: fc.constant("answer" as const), by: fc.constantFrom("awake", "somebody") },
    { requiredKeys: ["do"] },
  ),
];
const sesDown: fc.Arbitrary<Act> = fc.record({
  do: fc.constant("ses-down" as const),
  quarters: fc.integer({ min: 1, max: 20 }),
});
const actsOf = (acts: fc.Arbitrary<Act>) =>
  fc.array(fc.record({ quarter: fc.nat(2 * CHAPTER_QUARTERS - 1), act: acts }), {
    maxLength: 8,
    size: "max",
  });

const crash = fc.oneof(
  { weight: 14, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant("before" as const) },
  { weight: 1, arbitrary: fc.constant("after" as const) },
);
const delayMin = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 30 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 360 }) },
);
/** Within SES's client's time, about the function's, beyond both. */
const sesMs = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 14_500 }) },
  { weight: 1, arbitrary: fc.integer({ min: 14_500, max: 40_000 }) },
);
const mostly = <T>(often: T, list: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 1, arbitrary: fc.constant(often) }, { weight: 3, arbitrary: list });

const chance: fc.Arbitrary<Chance> = fc.record({
  crashes: mostly<Chance["crashes"]>([], fc.array(crash, { maxLength: 400, size: "max" })),
  turns: fc.array(fc.nat(20), { maxLength: 300, size: "max" }),
  delaysMin: mostly<Chance["delaysMin"]>([], fc.array(delayMin, { maxLength: 200, size: "max" })),
  copies: mostly<Chance["copies"]>(
    [],
    fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 40, size: "max" }),
  ),
  sesMs: mostly<readonly number[]>([], fc.array(sesMs, { maxLength: 60, size: "max" })),
});
const slowSes: fc.Arbitrary<Chance> = fc
  .array(fc.integer({ min: 0, max: 14_500 }), { maxLength: 60, size: "max" })
  .map((takesMs) => ({ ...CALM, sesMs: takesMs }));

const rest = { tale: talesOf(2, 0), attic };

/** Whatever may happen on the way. */
export const stories: fc.Arbitrary<Story> = fc.record({
  ...rest,
  acts: actsOf(fc.oneof(...edits, sesDown)),
  chance,
  stormLimit: fc.constantFrom(1, 2, 5),
});

/** Nothing fails, though SES is slow. */
export const storiesWithoutTrouble: fc.Arbitrary<Story> = fc.record({
  ...rest,
  acts: actsOf(fc.oneof(...edits)),
  chance: slowSes,
  stormLimit: fc.constantFrom(2, 5, 100),
});
