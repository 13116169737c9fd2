/**
 * Order of 32-bit counters that go on after their largest value (RFC 1982): of two, the later one is less than half the range
 * ahead. No node counts as far in its life; a record with a right CRC may hold any number all the same.
 */

const UINT32_MAX = 0xffff_ffff;

/** Whether counter `x` comes after `y`; both from 0 to 4,294,967,295. */
export const isAhead = (x: number, y: number): boolean => ((x - y) | 0) > 0;

/** The term after `term`. 0 is no term. */
export const nextTerm = (term: number): number => (term >= UINT32_MAX ? 1 : term + 1);

/** Whether term `x` comes after `y`; any term comes after 0, which is none. */
export const isNewerTerm = (x: number, y: number): boolean => (y === 0 ? x !== 0 : x !== 0 && isAhead(x, y));

/** The boot or gen after `count`, which follows 4,294,967,295 with 0. */
export const nextCount = (count: number): number => (count + 1) >>> 0;
