/**
 * When each moment of a counterexample comes in virtual time: in the checker's order, no sleep shorter and no wake longer
 * than it can be. All times in milliseconds from the start of the run.
 */
import { DRIFT_SHARE, SETTLE_S, WATCHDOG_S } from "../protocol/timing.ts";
import { type Difference, earliestTimes } from "./difference-constraints.ts";
import type { Course, Moment, Op, Stretch, Strike, Wake } from "./segments.ts";

/** From waking up to the first effect. */
export const BOOT_MS = 650;
/** Between two moments: far more than any of them can be off by. */
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

export interface Slot {
  /** For a stretch: when its first operation begins, at the earliest. */
  readonly at: number;
  /** All of it is over within. */
  readonly span: number;
}

export interface Schedule {
  readonly slot: (moment: Moment) => Slot;
  /** The last moment is over. */
  readonly end: number;
  /** Where the run goes on: when each node wakes or boots first, in order. */
  readonly tail: readonly { readonly node: number; readonly at: number }[];
}

export interface Rules {
  readonly periodMs: number;
  /** Sleeps are as long as they should be. */
  readonly punctual: boolean;
  /** No node is awake for longer than a watchdog allows. */
  readonly watched: boolean;
}

/** @returns a text where no times satisfy the rules: why */
export function scheduleOf(course: Course, rules: Rules): Schedule | string {
  const { periodMs, punctual, watched } = rules;
  const { moments, wakes, ends, runsOn } = course;
  const index = new Map<Moment, number>(moments.map((moment, at) => [moment, at]));
  const spans = spansOf(course);
  const end = moments.length;
  const tail = runsOn ? tailOf(ends) : [];
  const differences: Difference[] = [];
  const sleepMs = (wake: Wake): number => (wake.slept === "settle" ? SETTLE_MS : periodMs);

  for (let at = 0; at < end; at++) {
    const moment = moments[at]!;
    const by = busSpanOf(moment, spans[at]!) + (at + 1 < end ? GAP_MS : 0);
    differences.push({ earlier: at, later: at + 1, by });
    // Nobody is to lose the network, or its power, while it acts.
    const strike = moments.findIndex((each, index) => index > at && each.kind === "strike");
    if (strike > 0) differences.push({ earlier: at, later: strike, by: spans[at]! + GAP_MS });
  }

  for (const [node, own] of wakes.entries())
    for (const [number, wake] of own.entries()) {
      for (const [before, stretch] of wake.stretches.slice(1).entries()) {
        const earlier = index.get(wake.stretches[before]!)!;
        differences.push({ earlier, later: index.get(stretch)!, by: spans[earlier]! });
      }
      const first = index.get(wake.stretches[0]!)!;
      const last = index.get(wake.stretches.at(-1)!)!;
      const over =
        wake.slept !== undefined ? last : wake.endedBy === undefined ? end : index.get(wake.endedBy)!;
      const step = 1 + wake.stretches[0]!.ops[0]!.step;
      if (watched && !wake.overlong)
        differences.push({
          earlier: over,
          later: first,
          by: BOOT_MS + (over === end ? AFTER_END_MS : spans[over]!) - AWAKE_MAX_MS,
          why: `node ${node} would have to be awake for longer than a minute from step ${step} on, and its watchdog resets it`,
        });
      const before = own[number - 1];
      if (wake.cause !== undefined || before?.slept === undefined || wake.early) continue;
      if (before.endedBy !== undefined) continue;
      const asleep = index.get(before.stretches.at(-1)!)!;
      differences.push({ earlier: asleep, later: first, by: spans[asleep]! + sleepMs(before) + BOOT_MS });
      if (punctual)
        differences.push({
          earlier: first,
          later: asleep,
          by: -Math.floor(sleepMs(before) * PUNCTUAL) - BOOT_MS,
          why: `node ${node} would have to sleep for longer than it does before step ${step}`,
        });
    }

  for (const [turn, node] of tail.entries()) {
    const at = end + 1 + turn;
    differences.push({ earlier: end, later: at, by: GAP_MS + BOOT_MS });
    if (turn > 0) differences.push({ earlier: at - 1, later: at, by: Math.floor(periodMs / tail.length) });
    const before = wakes[node]!.at(-1);
    if (before?.slept === undefined || before.endedBy !== undefined) continue;
    const asleep = index.get(before.stretches.at(-1)!)!;
    differences.push({ earlier: asleep, later: at, by: spans[asleep]! + sleepMs(before) + BOOT_MS });
  }

  const times = earliestTimes(end + 1 + tail.length, differences);
  if (typeof times === "string") return times;
  const start = GAP_MS + BOOT_MS;
  return {
    slot: (moment) => ({ at: start + times[index.get(moment)!]!, span: spans[index.get(moment)!]! }),
    end: start + times[end]!,
    tail: tail.map((node, turn) => ({ node, at: start + times[end + 1 + turn]! })),
  };
}

/** Until others may be on the bus: what acts at the end of a stretch has no use for it. */
function busSpanOf(moment: Moment, span: number): number {
  const last = moment.kind === "stretch" ? moment.ops.at(-1)!.kind : undefined;
  return last === undefined ? span : span - (ACTS_MS[last] ?? 0);
}

/** How long each moment may take: within a wake, what is not known exactly adds up. */
function spansOf({ moments, wakes }: Course): number[] {
  const spans = new Map<Stretch | Strike, number>();
  for (const wake of wakes.flat()) {
    let span = COURTESY_MS;
    for (const stretch of wake.stretches) {
      for (const { kind } of stretch.ops) span += ACTS_MS[kind] ?? BUS_MS;
      spans.set(stretch, span);
    }
  }
  return moments.map((moment) => spans.get(moment) ?? 0);
}

/** Those that are not off, whoever settles first: as the checker lets them go on. */
function tailOf(ends: Course["ends"]): number[] {
  const settles = (node: number): number => (ends[node] === "settle" ? 0 : 1);
  return [...ends.keys()].filter((node) => ends[node] !== "off").sort((x, y) => settles(x) - settles(y));
}
