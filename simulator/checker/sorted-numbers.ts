/** A small sorted set of numbers that is refilled for each state without an allocation. */

/**
 * Most marks, and most terms, in one state: both pages of three nodes on four chips, and what three wakes have read.
 */
export const NUMBERS_MAX = 120;

/** Distinct numbers in ascending order, at most `NUMBERS_MAX`. */
export class SortedNumbers {
  readonly #numbers = new Int32Array(NUMBERS_MAX);
  count = 0;

  clear(): void {
    this.count = 0;
  }

  /** Adds a number that may be there already. @throws RangeError for more than `NUMBERS_MAX` numbers */
  insert(value: number): void {
    const numbers = this.#numbers;
    let at = this.count;
    while (at > 0 && numbers[at - 1]! > value) at -= 1;
    if (at > 0 && numbers[at - 1] === value) return;
    if (this.count === NUMBERS_MAX) throw new RangeError(`more than ${NUMBERS_MAX} numbers in one state`);
    for (let i = this.count; i > at; i--) numbers[i] = numbers[i - 1]!;
    numbers[at] = value;
    this.count += 1;
  }

  /** Copies the numbers to `target`, from index `start` on. @returns the index after the last */
  copyTo(target: Int32Array, start: number): number {
    for (let i = 0; i < this.count; i++) target[start + i] = this.#numbers[i]!;
    return start + this.count;
  }

  toArray(): number[] {
    return [...this.#numbers.subarray(0, this.count)];
  }
}
