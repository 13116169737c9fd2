/** Gives each distinct short sequence of integers a small number. */
import { StateSet } from "./state-set.ts";

export class SequenceSet {
  readonly #set: StateSet;
  readonly #padded: Int32Array;

  /** @param longest sequence that is asked for; a longer one is an error. */
  constructor(longest: number) {
    this.#padded = new Int32Array(longest + 1);
    this.#set = new StateSet(longest + 1);
  }

  get size(): number {
    return this.#set.size;
  }

  /** The number of the first `length` of `values`; a new one is the last, `size - 1`. */
  id(values: Int32Array, length: number): number {
    const padded = this.#padded;
    if (length >= padded.length)
      throw new RangeError(`a sequence of ${length}, longer than ${padded.length - 1}`);
    padded[0] = length;
    for (let i = 0; i < length; i++) padded[i + 1] = values[i]!;
    padded.fill(0, length + 1);
    return this.#set.add(padded);
  }
}
