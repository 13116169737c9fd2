/**
 * The times of a counterexample's segments: in the checker's order, with no sleep shorter and no wake longer than it
 * can be. All times are in milliseconds of virtual time from the start of the run.
 */
import type { WakeOrder } from "../protocol/laws.ts";
import { DRIFT_SHARE, SETTLE_S, WATCHDOG_S } from "../protocol/timing.ts";
import { type Difference, earliestTimes } from "./difference-constraints.ts";
import type { Course, Interruption, Op, Segment, Stretch, Wake } from "./segments.ts";
import type { Unplayable } from "./unplayable.ts";

/** From a wake to its first effect, at most. */
export const BOOT_MS = 650;
/** Between two segments: far more than the error of any time here. */
const GAP_MS = 1_000;
/** Longest wait for the busy line as a courtesy. */
const COURTESY_MS = 150;
/** Longest operation on the bus: a write that is polled until it is given up, and read back. */
const BUS_MS = 20;
/** How long a join takes in a replay, in seconds. */
export const JOIN_S = 1;
/** Longest time from connecting to the last PUBACK, or to the failure. */
const ACTS_MS: Readonly<Partial<Record<Op["kind"], number>>> = {
  acts: 6_000,
  // The radio gives up after 20 s (`hardware/network.ts`).
  "cannot-publish": 22_000,
};
/** Longest wake: two seconds less than the watchdog allows. The same where a cluster has none, if possible. */
const AWAKE_MAX_MS = (WATCHDOG_S - 2) * 1_000;
const SETTLE_MS = SETTLE_S * 1_000;
/** Factor by which a punctual sleep is too long at most. */
const PUNCTUAL = 1 + DRIFT_SHARE;
/** How much longer the run goes on after the last segment, so that the outcome of what is under way shows. */
export const AFTER_END_MS = 5_000;

/** When a segment takes place, in milliseconds from the start of the run. */
export interface Slot {
  /** When it begins; of a stretch, the earliest time of its first operation. */
  readonly at: number;
  /** Within how long all of it is over. */
  readonly span: number;
}

/** When each segment of a counterexample takes place. */
export interface Schedule {
  readonly slot: (segment: Segment) => Slot;
  /** When the last segment is over. */
  readonly end: number;
  /** Where the run goes on: when each node wakes or boots first, in order. */
  readonly tail: readonly { readonly node: number; readonly at: number }[];
}

/** The rules that the times keep to. */
export interface Rules {
  /** Sleep between two wakes, in milliseconds. */
  readonly periodMs: number;
  /** Sleeps are at most as long as a timer's error makes them. */
  readonly punctual: boolean;
  /** No node is awake for longer than a watchdog allows. */
  readonly watched: boolean;
  /** The order in which nodes wake after the last segment. */
  readonly order: WakeOrder;
}

/**
 * Between times: one for each segment, one for the end of the last, and one for the first wake of each node in the
 * tail.
 */
type Constraint = Difference<Unplayable>;

/** The earliest times that keep the checker's order and the rules; else why there are none. */
export function scheduleOf(course: Course, rules: Rules): Schedule | Unplayable {
  const { segments, ends, runsOn } = course;
  const tail = runsOn ? tailOf(ends, rules.order) : [];
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

/** The constraints on the times of a course. */
class Constraints {
  readonly #course: Course;
  readonly #rules: Rules;
  readonly index: ReadonlyMap<Segment, number>;
  /** By segment: the longest time that it may take. */
  readonly spans: readonly number[];

  constructor(course: Course, rules: Rules) {
    this.#course = course;
    this.#rules = rules;
    this.index = new Map(course.segments.map((segment, at) => [segment, at]));
    this.spans = spansOf(course);
  }

  /** Segments come one after the other. */
  *ofOrder(): Generator<Constraint> {
    const { segments } = this.#course;
    for (const [at, segment] of segments.entries()) {
      const span = this.spans[at]!;
      const gap = at + 1 < segments.length ? GAP_MS : 0;
      yield { earlier: at, later: at + 1, by: busSpanOf(segment, span) + gap };
      // No fault may come while a node still acts: the checker has acting as one step.
      const interruption = segments.findIndex((each, index) => index > at && each.kind === "interruption");
      if (interruption > 0) yield { earlier: at, later: interruption, by: span + GAP_MS };
    }
  }

  /** Within each wake, and between it and the sleep before it. */
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

  /** The sleep before a wake is not shorter than it can be; where wakes are punctual, not longer either. */
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
      const { order, periodMs } = this.#rules;
      const apart = order === "lockstep" ? 0 : Math.floor(periodMs / tail.length);
      if (turn > 0) yield { earlier: at - 1, later: at, by: apart };
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

/** The number of a wake's first step, from 1 on, as it is printed. */
const firstStepOf = ({ stretches }: Wake): number => 1 + stretches[0]!.ops[0]!.step;

/** Time until another node may use the bus: a node that acts at the end of its stretch does not use it. */
function busSpanOf(segment: Segment, span: number): number {
  const last = segment.kind === "stretch" ? segment.ops.at(-1)!.kind : undefined;
  return last === undefined ? span : span - (ACTS_MS[last] ?? 0);
}

/** Longest time of each segment. Within a wake the spans add up, because each time depends on all before it. */
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

/** The nodes that are not off, those in a settle sleep first, in the order in which the checker lets them go on. */
function tailOf(ends: Course["ends"], order: WakeOrder): number[] {
  const settles = (node: number): number => (ends[node] === "settle" ? 0 : 1);
  const nodes = [...ends.keys()].filter((node) => ends[node] !== "off");
  if (order === "in-turn-from-the-last") nodes.reverse();
  return nodes.sort((x, y) => settles(x) - settles(y));
}
