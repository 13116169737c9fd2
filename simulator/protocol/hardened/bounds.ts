/** How soon somebody acts under the hardened protocol. docs/internals/protocol.md, "The hardened protocol", derives it. */

import { MISSES, type Timing } from "../timing.ts";

/** The survivor has a sleep before it, looks, and misses the primary twice; at the second time it claims. */
const PERIODS = 1 + MISSES;
/** Then it acts after one. */
const SETTLES = 1;

/**
 * Seconds from when the primary wrote its last record to when another acts, in the worst case: four wakes of the survivor.
 * @param unable nodes that are awake as they should and cannot act or publish: the role may go to each of them first. One
 * fails when it acts, and again a sleep later, steps down at its next wake, and a sleep later at most another claims.
 * @param disputes settles besides: one each time that a claim has to be made anew, because another node made one under the
 * same term, or the chips that took it are not the same ones at the next write
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
