/** Gives each distinct sequence of integers a small number. Sequences are stored end to end and compared in full. */
import { hashOf } from "./hash.ts";

const EMPTY = -1;
const START_CAPACITY = 1 << 10;

/** Distinct sequences of integers, numbered from 0 on in the order in which they came. */
export class SequenceSet {
  #data = new Int32Array(8 * START_CAPACITY);
  /** By number: the index at which its sequence begins; it ends where the next one begins. */
  #starts = new Int32Array(START_CAPACITY + 1);
  /** Open addressing with linear probing: numbers, at most half full. */
  #slots = new Int32Array(2 * START_CAPACITY).fill(EMPTY);
  #count = 0;

  get size(): number {
    return this.#count;
  }

  /** The number of the sequence of the first `length` of `values`; a new one gets `size`. */
  id(values: ArrayLike<number>, length: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(values, 0, length) & mask;
    for (let id = this.#slots[slot]!; id !== EMPTY; id = this.#slots[slot]!) {
      if (this.#equals(id, values, length)) return id;
      slot = (slot + 1) & mask;
    }
    const id = this.#count;
    const start = this.#starts[id]!;
    while (start + length > this.#data.length) this.#data = doubled(this.#data);
    if (id + 2 > this.#starts.length) this.#starts = doubled(this.#starts);
    for (let i = 0; i < length; i++) this.#data[start + i] = values[i]!;
    this.#starts[id + 1] = start + length;
    this.#slots[slot] = id;
    this.#count = id + 1;
    if (2 * this.#count > this.#slots.length) this.#rehash();
    return id;
  }

  #equals(id: number, values: ArrayLike<number>, length: number): boolean {
    const start = this.#starts[id]!;
    if (this.#starts[id + 1]! - start !== length) return false;
    for (let i = 0; i < length; i++) if (this.#data[start + i] !== values[i]) return false;
    return true;
  }

  #rehash(): void {
    const slots = new Int32Array(2 * this.#slots.length).fill(EMPTY);
    const mask = slots.length - 1;
    for (let id = 0; id < this.#count; id++) {
      let slot = hashOf(this.#data, this.#starts[id]!, this.#starts[id + 1]!) & mask;
      while (slots[slot] !== EMPTY) slot = (slot + 1) & mask;
      slots[slot] = id;
    }
    this.#slots = slots;
  }
}

function doubled(before: Int32Array): Int32Array<ArrayBuffer> {
  const after = new Int32Array(2 * before.length);
  after.set(before);
  return after;
}
