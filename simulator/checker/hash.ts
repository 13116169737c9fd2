/**
 * Hash of the integers from index `start` to before `end`: FNV-1a, then MurmurHash3's finaliser.
 * @returns 0 to 2³² − 1
 */
export function hashOf(values: ArrayLike<number>, start: number, end: number): number {
  let h = 0x811c9dc5;
  for (let i = start; i < end; i++) h = Math.imul(h ^ values[i]!, 0x01000193);
  return finished(h);
}

/**
 * MurmurHash3's finaliser for 32 bits: every input bit affects the low bits, which FNV-1a does not do.
 * @returns 0 to 2³² − 1
 */
export function finished(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
