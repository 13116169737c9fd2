/** Times that differ by so much: the earliest ones that satisfy a set of difference constraints (Bellman and Ford). */

/** `times[later] >= times[earlier] + by`; a negative `by` says how much later `earlier` may be at most. */
export interface Difference {
  readonly earlier: number;
  readonly later: number;
  readonly by: number;
  /** What could not be kept, where it may turn out that there are no such times. */
  readonly why?: string;
}

/**
 * The earliest times from 0 on, all of them whole where the differences are.
 * @returns a text where there are none: why the first difference is there without which there would be some
 */
export function earliestTimes(count: number, differences: readonly Difference[]): number[] | string {
  const times = solve(count, differences);
  if (times !== undefined) return times;
  const culprit = differences.find(
    (one) =>
      one.why !== undefined &&
      solve(
        count,
        differences.filter((other) => other !== one),
      ) !== undefined,
  );
  return culprit?.why ?? "more than one of its waits would have to be longer than it can be";
}

function solve(count: number, differences: readonly Difference[]): number[] | undefined {
  const times = new Array<number>(count).fill(0);
  for (let round = 0; round <= count; round++) {
    let changed = false;
    for (const { earlier, later, by } of differences) {
      if (times[later]! >= times[earlier]! + by) continue;
      times[later] = times[earlier]! + by;
      changed = true;
    }
    if (!changed) return times;
  }
  return undefined;
}
