/**
 * The only source of chance: seeded, with an independent stream for each name, so that a device that draws more often
 * does not change what another one draws.
 *
 * Generator: sfc32 (Chris Doty-Humphrey's "Small Fast Counting", from PractRand), 128 bits of state. Only integer
 * operations, + − × and division by powers of two are used: the last bit of `Math.log` or `Math.sin` differs between
 * versions of V8, and a trace has to be the same on all of them. Not for secrets.
 */

/** A stream of random numbers. */
export interface Rng {
  /** A whole number from 0 to 2^32 − 1. */
  uint32(): number;
  /** A number in [0, 1), in steps of 2^-53. */
  unit(): number;
  /**
   * A whole number in [0, n), each equally likely.
   * @throws RangeError when `n` is not a whole number from 1 to 2^32.
   */
  below(n: number): number;
  /** A number in [lo, hi). */
  between(lo: number, hi: number): number;
  /** Bell-shaped: the sum of twelve uniform draws, so never more than 6 `sd` from `mean`. */
  normal(mean: number, sd: number): number;
  /** True with probability `p`: never for 0, always for 1. */
  chance(p: number): boolean;
}

const TWO_32 = 0x1_0000_0000;
const TWO_26 = 0x400_0000;
const TWO_53 = 0x20_0000_0000_0000;
/** Rounds before the first number: after about a dozen, every bit of the seed has affected every bit of the output. */
const WARM_UP_ROUNDS = 20;

class Sfc32 implements Rng {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(a: number, b: number, c: number) {
    this.#a = a;
    this.#b = b;
    this.#c = c;
    for (let round = 0; round < WARM_UP_ROUNDS; round++) this.uint32();
  }

  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  unit(): number {
    const high = this.uint32() >>> 5;
    return (high * TWO_26 + (this.uint32() >>> 6)) / TWO_53;
  }

  below(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > TWO_32) {
      throw new RangeError(`below(${n}): expected a whole number from 1 to 2^32`);
    }
    // Draws beyond the last full multiple of n are dropped; else low numbers would come up too often.
    const fair = TWO_32 - (TWO_32 % n);
    for (;;) {
      const drawn = this.uint32();
      if (drawn < fair) return drawn % n;
    }
  }

  between(lo: number, hi: number): number {
    return lo + (hi - lo) * this.unit();
  }

  normal(mean: number, sd: number): number {
    let sum = -6;
    for (let draw = 0; draw < 12; draw++) sum += this.uint32() / TWO_32;
    return mean + sd * sum;
  }

  chance(p: number): boolean {
    return this.unit() < p;
  }
}

/** Scrambles 32 bits so that each bit of the input changes about half of the output (MurmurHash3's finaliser). */
export function mix32(bits: number): number {
  let h = bits | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** FNV-1a over the UTF-16 code units of `text`, then scrambled. */
function hashText(text: string, basis: number): number {
  let h = basis | 0;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix32(h);
}

/**
 * The stream called `name` of a seed. The same seed and name always give the same numbers; streams of different names
 * are independent.
 * @throws RangeError when `seed` is not a whole number that a double holds exactly.
 */
export function rngStream(seed: number, name: string): Rng {
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`seed ${seed}: expected a whole number between −(2^53 − 1) and 2^53 − 1`);
  }
  const low = seed | 0;
  const high = Math.floor(seed / TWO_32) | 0;
  return new Sfc32(hashText(name, 0x811c9dc5), hashText(name, 0x9747b28c) ^ mix32(high), low);
}
