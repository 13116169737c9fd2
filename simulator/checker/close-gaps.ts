/**
 * The largest difference that is kept between two neighbours. With 2, a number that is counted up by one may meet the next
 * above it and never passes it unseen.
 */
const GAP_MAX = 2;

/**
 * Numbers with their gaps closed: in their order, and each at most `GAP_MAX` above the one before; the first at most so far
 * above 0, which stays 0.
 * @param sorted ascending, each once
 * @returns by number: what it becomes
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
