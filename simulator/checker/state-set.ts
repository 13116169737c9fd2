/**
 * The states met so far: arrays of integers of one length, stored side by side. They are compared in full, so that two
 * states with one hash cost a comparison, and none is lost.
 */
import { hashOf } from "./hash.ts";

const EMPTY = -1;
const START_CAPACITY = 1 << 12;

/** Distinct states of one length, by their position, from 0 on. */
export class StateSet {
  readonly #width: number;
  #data: Int32Array;
  /** Open addressing with linear probing: positions of states, at most half full. */
  #slots: Int32Array;
  #count = 0;

  constructor(width: number) {
    this.#width = width;
    this.#data = new Int32Array(width * START_CAPACITY);
    this.#slots = new Int32Array(2 * START_CAPACITY).fill(EMPTY);
  }

  get size(): number {
    return this.#count;
  }

  /** The position of `state`. A new one is added, at position `size`. */
  add(state: Int32Array): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(state, 0, this.#width) & mask;
    for (let at = this.#slots[slot]!; at !== EMPTY; at = this.#slots[slot]!) {
      if (this.#equals(at, state)) return at;
      slot = (slot + 1) & mask;
    }
    const position = this.#count;
    if ((position + 1) * this.#width > this.#data.length) this.#grow();
    this.#data.set(state, position * this.#width);
    this.#slots[slot] = position;
    this.#count = position + 1;
    if (2 * this.#count > this.#slots.length) this.#rehash();
    return position;
  }

  /** Copies the state at `position` into `into`. */
  read(position: number, into: Int32Array): void {
    const from = position * this.#width;
    for (let i = 0; i < this.#width; i++) into[i] = this.#data[from + i]!;
  }

  #equals(position: number, state: Int32Array): boolean {
    const from = position * this.#width;
    for (let i = 0; i < this.#width; i++) if (this.#data[from + i] !== state[i]) return false;
    return true;
  }

  #grow(): void {
    const data = new Int32Array(2 * this.#data.length);
    data.set(this.#data);
    this.#data = data;
  }

  #rehash(): void {
    const slots = new Int32Array(2 * this.#slots.length).fill(EMPTY);
    const mask = slots.length - 1;
    for (let position = 0; position < this.#count; position++) {
      const from = position * this.#width;
      let slot = hashOf(this.#data, from, from + this.#width) & mask;
      while (slots[slot] !== EMPTY) slot = (slot + 1) & mask;
      slots[slot] = position;
    }
    this.#slots = slots;
  }
}
