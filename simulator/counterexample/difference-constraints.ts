/** The earliest times that satisfy a set of difference constraints (Bellman and Ford). */

/** `times[later] >= times[earlier] + by`. With a negative `by`, `earlier` comes at most that much after `later`. */
export interface Difference<Why> {
  readonly earlier: number;
  readonly later: number;
  readonly by: number;
  /** What to report where this is the one that cannot be kept; absent: it is never to blame. */
  readonly why?: Why;
}

/** No times satisfy all differences. `why`: the first difference without which some would; undefined: there is none. */
export interface NoTimes<Why> {
  readonly why: Why | undefined;
}

/** The earliest times from 0 on; integers where every `by` is one. @param count how many times there are */
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
