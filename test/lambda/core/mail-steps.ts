/** Steps of an incident and its mails: what may happen, and sequences that are tried each time. */
import fc from "fast-check";
import { FLAPS_MAX } from "../../../lambda/core/incident.ts";

/** What happens to an incident, to a mail about it, or to the configuration. */
export type Step =
  | { readonly do: "wait"; readonly minutes: number }
  /** How old the signal is when it arrives. */
  | { readonly do: "onset" | "recovery"; readonly lateMin: number }
  | { readonly do: "attempt"; readonly channel: number; readonly crash: "claimed" | "sent" | undefined }
  | { readonly do: "acknowledge" }
  /** The quiet hours are edited. */
  | { readonly do: "edit"; readonly policy: number }
  /** It stops while too much opens, or comes back while much ends: a digest is to tell of it. */
  | { readonly do: "storm" }
  /** The digest is put together, told to a channel, and what it told is noted: each if it is time. */
  | { readonly do: "put" }
  | { readonly do: "note" }
  | { readonly do: "tell"; readonly channel: number }
  /** A second attempt at the mail begins while the first one still may send it. */
  | { readonly do: "overlap"; readonly channel: number }
  /** A recipient comes into the second channel. */
  | { readonly do: "join" }
  /** The sweep's signal that it stopped arrives when the next sweep has looked, and found it well. */
  | { readonly do: "late-sweep" }
  /** It stops, or comes back, a few minutes after whatever was before. */
  | { readonly do: "turn"; readonly afterMin: number };

const lateMin = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 360 }) },
);
const minutes = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 30 }) },
  { weight: 1, arbitrary: fc.integer({ min: 60, max: 4_000 }) },
);
/** Tried with every seed: a stop that is reminded of, and one that flaps. */
const DAY: Step = { do: "wait", minutes: 25 * 60 };
const TURN: Step = { do: "turn", afterMin: 1 };
const TOLD: Step[] = [0, 1, 2].map((channel) => ({ do: "attempt", channel, crash: undefined }));
const REMINDED = [TURN, ...TOLD, DAY, ...TOLD, DAY, ...TOLD];
const DIGEST: Step[] = [
  { do: "wait", minutes: 20 },
  { do: "put" },
  { do: "tell", channel: 0 },
  { do: "tell", channel: 1 },
  { do: "note" },
];
/** An end that is owed, cut off, and then a storm. */
const OVERTAKING: Step[] = [
  TURN,
  ...TOLD,
  TURN,
  { do: "attempt", channel: 0, crash: "claimed" },
  { do: "wait", minutes: 90 },
  { do: "storm" },
  ...DIGEST,
  ...TOLD,
];
/** Found by chance: an end that was to be told with others, and another onset in the same quarter of an hour. */
const SAME_BIN: Step[] = [
  TURN,
  TOLD[0]!,
  { do: "storm" },
  TURN,
  TOLD[0]!,
  { do: "turn", afterMin: 14 },
  { do: "put" },
  TURN,
];
/** Found by chance: a channel's name comes back while a digest is out. */
const RENAMED: Step[] = [
  { do: "storm" },
  { do: "wait", minutes: 17 },
  { do: "put" },
  { do: "edit", policy: 1 },
  { do: "tell", channel: 0 },
  { do: "tell", channel: 1 },
  { do: "note" },
  { do: "storm" },
  TURN,
  { do: "edit", policy: 0 },
];
const STORMS: Step[] = [
  { do: "storm" },
  ...DIGEST,
  { do: "storm" },
  ...DIGEST,
  { do: "edit", policy: 1 },
  ...TOLD,
];
const FLAPPING = Array.from({ length: 2 * FLAPS_MAX + 2 }, () => [TURN, ...TOLD]).flat();
/** A mail that is cut off, and the next episode before it is finished. */
const CUT_OFF: Step[] = [
  TURN,
  { do: "attempt", channel: 1, crash: "claimed" },
  TURN,
  { do: "turn", afterMin: 30 },
  ...TOLD,
];
const OVERLAPPING: Step[] = [TURN, { do: "overlap", channel: 1 }];
const JOINED: Step[] = [TURN, ...TOLD, { do: "join" }, DAY, ...TOLD, DAY, ...TOLD];
/** Found by chance: who has joined was told, which nobody knows, and then it is over. */
const JOINED_AND_CUT_OFF: Step[] = [
  TURN,
  TOLD[1]!,
  DAY,
  TOLD[1]!,
  { do: "join" },
  { do: "attempt", channel: 1, crash: "sent" },
  { do: "recovery", lateMin: 0 },
];
const LATE_SWEEP: Step[] = [
  { do: "late-sweep" },
  TURN,
  TURN,
  { do: "wait", minutes: 60 },
  { do: "late-sweep" },
];
/** Tried with every seed. */
export const EXAMPLES: readonly Step[][] = [
  REMINDED,
  FLAPPING,
  OVERTAKING,
  STORMS,
  SAME_BIN,
  RENAMED,
  CUT_OFF,
  OVERLAPPING,
  JOINED,
  JOINED_AND_CUT_OFF,
  LATE_SWEEP,
];

/** How many versions of the configuration there are to choose from. */
const POLICY_COUNT = 3;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("wait" as const), minutes }),
  fc.record({ do: fc.constantFrom("onset" as const, "recovery" as const), lateMin }),
  fc.record({
    do: fc.constant("attempt" as const),
    channel: fc.nat(2),
    crash: fc.constantFrom("claimed" as const, "sent" as const, undefined, undefined),
  }),
  fc.record({
    do: fc.constantFrom("acknowledge" as const, "storm" as const, "put" as const, "note" as const),
  }),
  fc.record({ do: fc.constant("edit" as const), policy: fc.nat(POLICY_COUNT - 1) }),
  fc.record({ do: fc.constantFrom("join" as const, "late-sweep" as const) }),
  fc.record({ do: fc.constant("overlap" as const), channel: fc.nat(1) }),
  fc.record({ do: fc.constant("tell" as const), channel: fc.nat(1) }),
  fc.record({ do: fc.constant("turn" as const), afterMin: fc.integer({ min: 1, max: 30 }) }),
);

/** Up to sixty steps, so that episodes, digests and nights meet. */
export const steps: fc.Arbitrary<Step[]> = fc.array(step, { maxLength: 60, size: "max" });
