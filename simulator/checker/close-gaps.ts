/**
 * The largest difference that is kept between two neighbours. With 2, a number that rises by one can still meet the
 * next above it, and never passes it unseen.
 */
const GAP_MAX = 2;

/**
 * Closes the gaps between numbers: their order stays, each is at most `GAP_MAX` above the one before, and the first at
 * most that far above 0. 0 stays 0.
 * @param sorted ascending, each once
 * @returns by number: its new value
 */
export function closeGaps(sorted: readonly number[]): ReadonlyMap<number, number> {
  const map = new Map<number, number>();
  let [last, lastNew] = [0, 0];
  for (const value of sorted) {
    lastNew += Math.min(value - last, GAP_MAX);
    last = value;
    map.set(value, lastNew);
  }
  return map;
}
