/**
 * When each segment of a counterexample comes in virtual time: in the checker's order, no sleep shorter and no wake longer
 * than it can be. All times in milliseconds from the start of the run.
 */
import { DRIFT_SHARE, SETTLE_S, WATCHDOG_S } from "../protocol/timing.ts";
import { type Difference, earliestTimes } from "./difference-constraints.ts";
import type { Course, Interruption, Op, Segment, Stretch, Wake } from "./segments.ts";
import type { Unplayable } from "./unplayable.ts";

/** From waking up to the first effect. */
export const BOOT_MS = 650;
/** Between two segments: far more than any of them can be off by. */
const GAP_MS = 1_000;
/** Waiting for the busy line as a courtesy. */
const COURTESY_MS = 150;
/** An operation on the bus, at most: a write that is polled for until it is given up, and read back. */
const BUS_MS = 20;
/** How long a join takes in a replay. */
export const JOIN_S = 1;
/** What concerns no other node takes so long: from connecting to the last PUBACK. */
const ACTS_MS: Readonly<Partial<Record<Op["kind"], number>>> = {
  acts: 6_000,
  // The radio gives up after 20 s.
  "cannot-publish": 22_000,
};
/** Two seconds before a watchdog would come; where there is none, nobody should have to be awake for longer either. */
const AWAKE_MAX_MS = (WATCHDOG_S - 2) * 1_000;
const SETTLE_MS = SETTLE_S * 1_000;
/** Of a sleep: how long it is at most, where its timer is punctual. */
const PUNCTUAL = 1 + DRIFT_SHARE;
/** What is under way at the end goes on so much later, to be seen. */
export const AFTER_END_MS = 5_000;

/** When a segment takes place, in milliseconds from the start of the run. */
export interface Slot {
  /** For a stretch: when its first operation begins, at the earliest. */
  readonly at: number;
  /** All of it is over within. */
  readonly span: number;
}

/** When each segment of a counterexample takes place. */
export interface Schedule {
  readonly slot: (segment: Segment) => Slot;
  /** The last segment is over. */
  readonly end: number;
  /** Where the run goes on: when each node wakes or boots first, in order. */
  readonly tail: readonly { readonly node: number; readonly at: number }[];
}

/** What the times have to keep to. Milliseconds. */
export interface Rules {
  readonly periodMs: number;
  /** Sleeps are as long as they should be. */
  readonly punctual: boolean;
  /** No node is awake for longer than a watchdog allows. */
  readonly watched: boolean;
}

/** Between times: one for each segment, one for when the last is over, and one for the first wake of each node in the tail. */
type Constraint = Difference<Unplayable>;

/** The earliest times that keep the checker's order and the rules; else why there are none. */
export function scheduleOf(course: Course, rules: Rules): Schedule | Unplayable {
  const { segments, ends, runsOn } = course;
  const tail = runsOn ? tailOf(ends) : [];
  const constraints = new Constraints(course, rules);
  const times = earliestTimes(segments.length + 1 + tail.length, [
    ...constraints.ofOrder(),
    ...constraints.ofWakes(),
    ...constraints.ofTail(tail),
  ]);
  if (!Array.isArray(times)) return times.why ?? { why: "several-waits-too-long" };
  const start = GAP_MS + BOOT_MS;
  const { index, spans } = constraints;
  return {
    slot: (segment) => ({ at: start + times[index.get(segment)!]!, span: spans[index.get(segment)!]! }),
    end: start + times[segments.length]!,
    tail: tail.map((node, turn) => ({ node, at: start + times[segments.length + 1 + turn]! })),
  };
}

/** What the times of a course have to satisfy. */
class Constraints {
  readonly #course: Course;
  readonly #rules: Rules;
  readonly index: ReadonlyMap<Segment, number>;
  /** By segment: how long it may take. */
  readonly spans: readonly number[];

  constructor(course: Course, rules: Rules) {
    this.#course = course;
    this.#rules = rules;
    this.index = new Map(course.segments.map((segment, at) => [segment, at]));
    this.spans = spansOf(course);
  }

  /** One segment after the other. */
  *ofOrder(): Generator<Constraint> {
    const { segments } = this.#course;
    for (const [at, segment] of segments.entries()) {
      const span = this.spans[at]!;
      const gap = at + 1 < segments.length ? GAP_MS : 0;
      yield { earlier: at, later: at + 1, by: busSpanOf(segment, span) + gap };
      // Nobody is to lose the network, or its power, while it acts.
      const interruption = segments.findIndex((each, index) => index > at && each.kind === "interruption");
      if (interruption > 0) yield { earlier: at, later: interruption, by: span + GAP_MS };
    }
  }

  /** Within a wake, and from the sleep before it. */
  *ofWakes(): Generator<Constraint> {
    for (const own of this.#course.wakes)
      for (const [number, wake] of own.entries()) {
        yield* this.#ofStretches(wake);
        yield* this.#ofWatchdog(wake);
        yield* this.#ofSleep(own[number - 1], wake);
      }
  }

  *#ofStretches({ stretches }: Wake): Generator<Constraint> {
    for (const [before, stretch] of stretches.slice(1).entries()) {
      const earlier = this.#at(stretches[before]!);
      yield { earlier, later: this.#at(stretch), by: this.spans[earlier]! };
    }
  }

  *#ofWatchdog(wake: Wake): Generator<Constraint> {
    if (!this.#rules.watched || wake.overlong) return;
    const end = this.#course.segments.length;
    const over =
      wake.slept !== undefined
        ? this.#at(wake.stretches.at(-1)!)
        : wake.endedBy === undefined
          ? end
          : this.#at(wake.endedBy);
    yield {
      earlier: over,
      later: this.#at(wake.stretches[0]!),
      by: BOOT_MS + (over === end ? AFTER_END_MS : this.spans[over]!) - AWAKE_MAX_MS,
      why: { why: "wake-too-long", node: wake.node, step: firstStepOf(wake) },
    };
  }

  /** The sleep before a wake is as long as it is. */
  *#ofSleep(before: Wake | undefined, wake: Wake): Generator<Constraint> {
    if (wake.cause !== "deep-sleep" || wake.early) return;
    if (before?.slept === undefined || before.endedBy !== undefined) return;
    const first = this.#at(wake.stretches[0]!);
    yield this.#sleptBefore(before, first);
    if (this.#rules.punctual)
      yield {
        earlier: first,
        later: this.#at(before.stretches.at(-1)!),
        by: -Math.floor(this.#sleepMs(before) * PUNCTUAL) - BOOT_MS,
        why: { why: "sleep-too-long", node: wake.node, step: firstStepOf(wake) },
      };
  }

  /** After the last segment the nodes wake in turn. */
  *ofTail(tail: readonly number[]): Generator<Constraint> {
    const end = this.#course.segments.length;
    for (const [turn, node] of tail.entries()) {
      const at = end + 1 + turn;
      yield { earlier: end, later: at, by: GAP_MS + BOOT_MS };
      if (turn > 0) yield { earlier: at - 1, later: at, by: Math.floor(this.#rules.periodMs / tail.length) };
      const before = this.#course.wakes[node]!.at(-1);
      if (before?.slept === undefined || before.endedBy !== undefined) continue;
      yield this.#sleptBefore(before, at);
    }
  }

  #sleptBefore(wake: Wake, later: number): Constraint {
    const earlier = this.#at(wake.stretches.at(-1)!);
    return { earlier, later, by: this.spans[earlier]! + this.#sleepMs(wake) + BOOT_MS };
  }

  #sleepMs({ slept }: Wake): number {
    return slept === "settle" ? SETTLE_MS : this.#rules.periodMs;
  }

  #at(segment: Segment): number {
    return this.index.get(segment)!;
  }
}

/** Numbered from 1, as it is printed. */
const firstStepOf = ({ stretches }: Wake): number => 1 + stretches[0]!.ops[0]!.step;

/** Until others may be on the bus: what acts at the end of a stretch has no use for it. */
function busSpanOf(segment: Segment, span: number): number {
  const last = segment.kind === "stretch" ? segment.ops.at(-1)!.kind : undefined;
  return last === undefined ? span : span - (ACTS_MS[last] ?? 0);
}

/** How long each segment may take: within a wake, what is not known exactly adds up. */
function spansOf({ segments, wakes }: Course): number[] {
  const spans = new Map<Stretch | Interruption, number>();
  for (const wake of wakes.flat()) {
    let span = COURTESY_MS;
    for (const stretch of wake.stretches) {
      for (const { kind } of stretch.ops) span += ACTS_MS[kind] ?? BUS_MS;
      spans.set(stretch, span);
    }
  }
  return segments.map((segment) => spans.get(segment) ?? 0);
}

/** Those that are not off, whoever settles first: as the checker lets them go on. */
function tailOf(ends: Course["ends"]): number[] {
  const settles = (node: number): number => (ends[node] === "settle" ? 0 : 1);
  return [...ends.keys()].filter((node) => ends[node] !== "off").sort((x, y) => settles(x) - settles(y));
}
