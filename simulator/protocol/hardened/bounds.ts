/** How soon another node acts under the hardened protocol after the primary has failed. */

import { MISSES, type Timing } from "../timing.ts";

/** Full sleeps: one until the survivor sees the primary's last record, and one for each miss; at the last it claims. */
const PERIODS = 1 + MISSES;
/** Settle sleeps between its claim and its act. */
const SETTLES = 1;

/**
 * Seconds from the primary's last record to the first act of another node, in the worst case: four wakes of the
 * survivor.
 * @param unable number of nodes that wake as they should but cannot act or publish. The role may go to each of them
 * first: it fails when it acts, fails again a sleep later, and steps down at its next wake; within another sleep a node
 * claims.
 * @param disputes number of further settle sleeps: one each time that a claim has to be made anew, because another node
 * made one under the same term, or the chips that took it are not the same at the next write
 */
export function actsWithinS(
  { periodS, settleS, awakeS, driftShare }: Timing,
  unable = 0,
  disputes = 0,
): number {
  const periods = PERIODS * (1 + unable);
  const settles = SETTLES * (1 + unable) + disputes;
  return (1 + driftShare) * (periods * periodS + settles * settleS) + (periods + settles) * awakeS;
}

/**
 * Rounds of wakes, in each of which every node wakes once, until a node acts: from any state without a node awake, once
 * nothing more goes wrong. The checker asks it in every order of wakes that it has.
 */
export const ROUNDS = 8;
/**
 * The same after an outage of the network: joins back off, to one in `JOIN_EVERY` turns. In the worst case one of two nodes
 * stays offline, and the other's last join failed as the outage ended: three of its turns pass without one.
 */
export const ROUNDS_AFTER_OUTAGE = 14;

/**
 * Seconds until a node publishes after an outage of the network, in the worst case: so many rounds of wakes, each of a full
 * sleep. Joins are all that is waited for: the other conditions are as for `actsWithinS`.
 * @param others nodes besides the one that is well; each may have the role first, in vain
 */
export function rejoinsWithinS({ periodS, awakeS, driftShare }: Timing, others = 1): number {
  return ROUNDS_AFTER_OUTAGE * others * ((1 + driftShare) * periodS + awakeS);
}
