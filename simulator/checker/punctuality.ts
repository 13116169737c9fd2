/**
 * Punctual wakes: while one node goes through two full sleeps, every other node that is not off goes through a wake.
 * Sleep timers that are wrong by up to 5 % keep to it: 2 × 855 s are more than 945 s and two wakes of 60 s.
 *
 * A node's `NODE.lag` has four bits for each other node, two for each of two counts: the full sleeps that the other has
 * begun since the start of the last wake that this node has completed, and since the start of the wake that it is in.
 */
import { type Layout, MODE, NODE } from "./layout.ts";

const LAG_MAX = 2;

const lagOf = (lags: number, other: number): number => (lags >> (4 * other)) & 3;
const duringOf = (lags: number, other: number): number => (lags >> (4 * other + 2)) & 3;
const withLag = (lags: number, other: number, since: number, during: number): number =>
  (lags & ~(15 << (4 * other))) | ((Math.min(3, since) | (Math.min(3, during) << 2)) << (4 * other));

/** The lags of a node whose next wake begins: the counts since the start of that wake are 0. */
export const withoutDuring = (lags: number): number => lags & 0x33333333;

/** Whether `node`, which is in a full sleep, may wake now without overtaking another node. */
export function isPunctual(layout: Layout, state: Int32Array, node: number): boolean {
  for (let other = 0; other < layout.nodes; other++) {
    if (other === node || state[layout.node(other, NODE.mode)] === MODE.off) continue;
    if (lagOf(state[layout.node(other, NODE.lag)]!, node) >= LAG_MAX) return false;
  }
  return true;
}

/** Counts the sleep that `node` begins, in its own lags and in those of the other nodes, in place. */
export function countSleep(layout: Layout, next: Int32Array, node: number, sleep: "period" | "settle"): void {
  const own = layout.node(node, NODE.lag);
  for (let other = 0; other < layout.nodes; other++) {
    if (other === node) continue;
    // A settle sleep is over long before a full one that begins after it.
    next[own] = withLag(next[own]!, other, duringOf(next[own]!, other) + (sleep === "settle" ? 1 : 0), 0);
    if (sleep === "settle") continue;
    const at = layout.node(other, NODE.lag);
    const awake = next[layout.node(other, NODE.mode)] === MODE.awake ? 1 : 0;
    next[at] = withLag(next[at]!, node, lagOf(next[at]!, node) + 1, duringOf(next[at]!, node) + awake);
  }
}
