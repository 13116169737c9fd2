/**
 * The new value of each (boot, gen) and each term of a state of the hardened protocol in its canonical form: the order
 * stays, and the values are the smallest possible. `close-gaps.ts` has the rule for terms.
 */
import { closeGaps } from "./close-gaps.ts";

/** Limit of a boot and of a gen in a packed mark: 4,096 of each. */
const BOOTS = 1 << 12;
/** A mark: (node, boot, gen) as one number, which sorts by node, then boot, then gen. */
export const packMark = (node: number, boot: number, gen: number): number =>
  (node * BOOTS + boot) * BOOTS + gen;
/** The masks on which a renumbering depends, besides the numbers. */
export interface RenumberingMasks {
  /** The nodes whose gens stay even or odd. */
  readonly parity: number;
  /** The nodes for which even and odd may change places; they do where the node's first gen is odd. */
  readonly relative: number;
  /** The pages whose damage matters. */
  readonly damaged: number;
  /** A node may still wake with the memory of an earlier sleep. */
  readonly stale: boolean;
}

/** The new value of each number in a state. A mark is a packed (node, boot, gen). */
export class HardenedRenumbering {
  readonly id: number;
  readonly marks: ReadonlyMap<number, readonly [boot: number, gen: number]>;
  readonly terms: ReadonlyMap<number, number>;
  /** By node: its highest new boot; 0: it has none. */
  readonly boots: readonly number[];
  /** Mask of the nodes whose gens stay even or odd. */
  readonly parity: number;
  /** Mask of the nodes whose even gens became odd, and whose pages changed places with that. */
  readonly swapped: number;

  /** Mask of the pages whose damage matters; other damage is left out. */
  readonly damaged: number;
  /** The memory that a wake began with is kept, for a reset that does not show. */
  readonly stale: boolean;

  /**
   * @param marks in ascending order, like `terms`
   * @param termsApart the largest difference between two neighbouring terms that is kept
   */
  constructor(
    id: number,
    marks: readonly number[],
    terms: readonly number[],
    nodes: number,
    { parity, relative, damaged, stale }: RenumberingMasks,
    termsApart: number,
  ) {
    this.id = id;
    this.parity = parity;
    this.damaged = damaged;
    this.stale = stale;
    this.terms = closeGaps(terms, termsApart);
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
    return this.marks.get(packMark(node, boot, gen))!;
  }

  /** As `mark`; undefined where the state has it no more. */
  known(node: number, boot: number, gen: number): readonly [boot: number, gen: number] | undefined {
    return this.marks.get(packMark(node, boot, gen));
  }

  term(term: number): number {
    return this.terms.get(term)!;
  }
}
