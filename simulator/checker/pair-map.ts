/** A map from pairs of integers to integers, all from 0 to 2³¹ − 1. */
import { finished } from "./hash.ts";

const NONE = -1;
const START_CAPACITY = 1 << 8;

/** A map from pairs of integers to integers, in one array: without an object for each pair. */
export class PairMap {
  /** First, second and value side by side. Open addressing with linear probing, at most half full. */
  #slots = new Int32Array(3 * START_CAPACITY).fill(NONE);
  #mask = START_CAPACITY - 1;
  #count = 0;

  /** The value of a pair; -1: it has none. */
  get(first: number, second: number): number {
    const slots = this.#slots;
    for (let slot = hash(first, second) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const at = 3 * slot;
      if (slots[at] === NONE) return NONE;
      if (slots[at] === first && slots[at + 1] === second) return slots[at + 2]!;
    }
  }

  /** Adds a pair that has no value yet. */
  add(first: number, second: number, value: number): void {
    this.#put(first, second, value);
    this.#count += 1;
    if (2 * this.#count > this.#mask) this.#grow();
  }

  #put(first: number, second: number, value: number): void {
    let slot = hash(first, second) & this.#mask;
    while (this.#slots[3 * slot] !== NONE) slot = (slot + 1) & this.#mask;
    this.#slots[3 * slot] = first;
    this.#slots[3 * slot + 1] = second;
    this.#slots[3 * slot + 2] = value;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Int32Array(2 * before.length).fill(NONE);
    this.#mask = 2 * (this.#mask + 1) - 1;
    for (let at = 0; at < before.length; at += 3)
      if (before[at] !== NONE) this.#put(before[at]!, before[at + 1]!, before[at + 2]!);
  }
}

const hash = (first: number, second: number): number => finished(Math.imul(first, 0x9e3779b1) ^ second);
