/**
 * Numbers counted anew from below, in their order. 0 stays 0; two that are next to one another stay so, and those that are
 * further apart come to be `GAP_MAX` apart: whoever counts one up may meet the next above, and never passes it unseen. That
 * goes for whoever starts from 0 as well.
 */
const GAP_MAX = 2;

/** @param sorted ascending, each once. */
export function renumbered(sorted: readonly number[]): ReadonlyMap<number, number> {
  const map = new Map<number, number>();
  let [last, lastNew] = [0, 0];
  for (const value of sorted) {
    lastNew += Math.min(value - last, GAP_MAX);
    last = value;
    map.set(value, lastNew);
  }
  return map;
}
