/** What the numbers in a state become, when they are counted anew from below. */
import { renumbered } from "./renumber.ts";

/** A (boot, gen) of a node as one number that sorts as they do. */
const BOOTS = 1 << 12;
export const pack = (node: number, boot: number, gen: number): number => (node * BOOTS + boot) * BOOTS + gen;
/** Of marks, and of terms, in one state: both pages of three nodes on four chips, and what three wakes have read. */
export const NUMBERS_MAX = 120;

/** What each number that is in a state becomes. */
export class Renumbering {
  readonly id: number;
  readonly marks: ReadonlyMap<number, readonly [boot: number, gen: number]>;
  readonly terms: ReadonlyMap<number, number>;
  /** By node: the highest boot in use. */
  readonly boots: readonly number[];
  /** Mask of the nodes whose gens stay even or odd. */
  readonly parity: number;
  /** Mask of the nodes whose even gens became odd, and whose pages changed places with that. */
  readonly swapped: number;

  /**
   * @param marks sorted, as are `terms`
   * @param relative mask of those nodes for which even and odd may change places, and do where the first is odd
   */
  constructor(
    id: number,
    marks: readonly number[],
    terms: readonly number[],
    nodes: number,
    parity: number,
    relative: number,
  ) {
    this.id = id;
    this.parity = parity;
    this.terms = renumbered(terms);
    const boots = new Array<number>(nodes).fill(0);
    const newMarks = new Map<number, readonly [number, number]>();
    let swapped = 0;
    let before = { node: -1, boot: -1, newBoot: 0, newGen: 0 };
    for (const mark of marks) {
      const gen = mark % BOOTS;
      const boot = Math.floor(mark / BOOTS) % BOOTS;
      const node = Math.floor(mark / (BOOTS * BOOTS));
      const sameNode = node === before.node;
      const sameBoot = sameNode && boot === before.boot;
      const newBoot = !sameNode ? 1 : sameBoot ? before.newBoot : before.newBoot + 1;
      const above = sameBoot ? before.newGen + 1 : 0;
      if (!sameNode && (relative & (1 << node)) !== 0 && (gen & 1) === 1) swapped |= 1 << node;
      const page = (gen & 1) ^ ((swapped >> node) & 1);
      const newGen = (parity & (1 << node)) !== 0 ? above + ((above & 1) ^ page) : above;
      newMarks.set(mark, [newBoot, newGen]);
      boots[node] = newBoot;
      before = { node, boot, newBoot, newGen };
    }
    this.marks = newMarks;
    this.boots = boots;
    this.swapped = swapped;
  }

  mark(node: number, boot: number, gen: number): readonly [boot: number, gen: number] {
    return this.marks.get(pack(node, boot, gen))!;
  }

  term(term: number): number {
    return this.terms.get(term)!;
  }
}

/** Distinct numbers, ascending. */
export class SortedNumbers {
  readonly #numbers = new Int32Array(NUMBERS_MAX);
  count = 0;

  clear(): void {
    this.count = 0;
  }

  /** @throws RangeError for more than `NUMBERS_MAX` */
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

  /** @returns where in `target` the next may stand */
  copyTo(target: Int32Array, start: number): number {
    for (let i = 0; i < this.count; i++) target[start + i] = this.#numbers[i]!;
    return start + this.count;
  }

  toArray(): number[] {
    return [...this.#numbers.subarray(0, this.count)];
  }
}
