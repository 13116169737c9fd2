/**
 * The largest difference that is kept between two neighbours. With 2, a number that rises by one can still meet the
 * next above it, and never passes it unseen.
 */
export const GAP_MAX = 2;

/**
 * Closes the gaps between numbers: their order stays, each is at most `gapMax` above the one before, and the first at
 * most that far above 0. 0 stays 0.
 * @param sorted ascending, each once
 * @param gapMax from 2 on
 * @returns by number: its new value
 */
export function closeGaps(sorted: readonly number[], gapMax = GAP_MAX): ReadonlyMap<number, number> {
  const map = new Map<number, number>();
  let [last, lastNew] = [0, 0];
  for (const value of sorted) {
    lastNew += Math.min(value - last, gapMax);
    last = value;
    map.set(value, lastNew);
  }
  return map;
}
