/**
 * What the records on the chips say together: the latest of each node, the top claim, and whose list of the dead holds.
 */
import type { NodeContext } from "../protocol.ts";
import { isNewerTerm } from "../serial.ts";
import { isLater, latestOn, type NodeRecord, parseRecord, recordAddress } from "./record.ts";

/** By chip: the bytes read from word address 0 on; undefined: it did not answer. */
export type Chips = readonly (Uint8Array | undefined)[];
/** By node: its latest record on any chip; undefined: no chip has a valid one. */
export type LatestRecords = readonly (NodeRecord | undefined)[];

/** Mask with bit `n` alone, for a node or a chip of that number. */
export const bit = (n: number): number => 1 << n;
/** Whether `n` is in the mask. */
export const has = (mask: number, n: number): boolean => (mask & bit(n)) !== 0;
/** Number of bits set in the mask. */
export const size = (mask: number): number => {
  let count = 0;
  for (let left = mask; left !== 0; left &= left - 1) count += 1;
  return count;
};

/**
 * Number of chips that a wake must be able to read before it writes, and to write before it acts: one, or the majority
 * where there is a witness chip.
 */
export const chipsNeeded = ({ nodes, chips }: NodeContext): number =>
  chips > nodes ? Math.floor(chips / 2) + 1 : 1;

/**
 * By node: its valid record with the highest (boot, gen) over all chips and both pages.
 * @param cluster tag of the cluster's name; records with another are skipped
 */
export function latestOf(chips: Chips, nodes: number, cluster: number): (NodeRecord | undefined)[] {
  const latest: (NodeRecord | undefined)[] = [];
  for (let node = 0; node < nodes; node++) {
    let best: NodeRecord | undefined;
    for (const chip of chips) {
      const record = chip === undefined ? undefined : latestOn(chip, node, cluster);
      if (record !== undefined && (best === undefined || isLater(record, best))) best = record;
    }
    latest.push(best);
  }
  return latest;
}

/** The record with the claim of the highest term; of several, the lowest node's. Undefined: nobody claims. */
export function topClaim(latest: LatestRecords): NodeRecord | undefined {
  let top: NodeRecord | undefined;
  for (const record of latest)
    if (record?.claims === true && (top === undefined || isNewerTerm(record.term, top.term))) top = record;
  return top;
}

/** Whether another node claims the role under the same term as `claim`. */
export const isShared = (claim: NodeRecord, latest: LatestRecords): boolean =>
  latest.some(
    (record) => record?.claims === true && record.node !== claim.node && record.term === claim.term,
  );

/** Of records with one term, a claim rules over a claim that was given up, and that over any other record. */
const rank = ({ claims, lastClaimant }: NodeRecord): number => (claims ? 2 : lastClaimant ? 1 : 0);

/**
 * The record whose `dead` and `reportedDead` hold: the one with the highest term, which is the current claimant's or,
 * where nobody claims, the last claimant's. Of several of one rank, the lowest node's. Undefined: no chip has a valid
 * record.
 */
export function rulingRecord(latest: LatestRecords): NodeRecord | undefined {
  let found: NodeRecord | undefined;
  for (const record of latest)
    if (
      record !== undefined &&
      (found === undefined ||
        isNewerTerm(record.term, found.term) ||
        (record.term === found.term && rank(record) > rank(found)))
    )
      found = record;
  return found;
}

/** Mask of the chips whose latest record of this node is (`boot`, `gen`), the one that it wrote last. */
export function echoes(
  chips: Chips,
  { self }: NodeContext,
  cluster: number,
  boot: number,
  gen: number,
): number {
  let mask = 0;
  for (let chip = 0; chip < chips.length; chip++) {
    const bytes = chips[chip];
    const own = bytes === undefined ? undefined : latestOn(bytes, self, cluster);
    if (own?.boot === boot && own.gen === gen) mask |= bit(chip);
  }
  return mask;
}

/**
 * By chip: mask of the pages of this node's peers that hold something damaged; empty where none does.
 * @param before as found at the last wake; a chip that does not answer now is taken to be as it was
 */
export function damagedPages(
  chips: Chips,
  { self, nodes }: NodeContext,
  cluster: number,
  before: readonly number[],
): readonly number[] {
  const found = chips.map((chip, index) => {
    if (chip === undefined) return before[index] ?? 0;
    let mask = 0;
    for (let page = 0; page < 2 * nodes; page++) {
      const node = page >> 1;
      if (node !== self && parseRecord(chip, recordAddress(node, page), node, cluster) === "damaged")
        mask |= bit(page);
    }
    return mask;
  });
  return found.every((mask) => mask === 0) ? [] : found;
}
