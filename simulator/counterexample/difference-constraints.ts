/** Times that differ by so much: the earliest ones that satisfy a set of difference constraints (Bellman and Ford). */

/** `times[later] >= times[earlier] + by`; a negative `by` says how much later `earlier` may be at most. */
export interface Difference<Why> {
  readonly earlier: number;
  readonly later: number;
  readonly by: number;
  /** Why it is there, where it may be the one that cannot be kept. */
  readonly why?: Why;
}

/** There are no such times. `why`: of the first difference without which there would be some; undefined: there is none. */
export interface NoTimes<Why> {
  readonly why: Why | undefined;
}

/** The earliest times from 0 on, all of them whole where the differences are. */
export function earliestTimes<Why>(
  count: number,
  differences: readonly Difference<Why>[],
): number[] | NoTimes<Why> {
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
  return { why: culprit?.why };
}

function solve(count: number, differences: readonly Difference<unknown>[]): number[] | undefined {
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
