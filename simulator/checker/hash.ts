/** FNV-1a over the integers from `start` to `end`, then MurmurHash3's finaliser. */
export function hashOf(values: ArrayLike<number>, start: number, end: number): number {
  let h = 0x811c9dc5;
  for (let i = start; i < end; i++) h = Math.imul(h ^ values[i]!, 0x01000193);
  return finished(h);
}

/**
 * MurmurHash3's finaliser, 32 bits: spreads what FNV-1a leaves in the low ones. @returns an integer from 0 on
 */
export function finished(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
