/**
 * Punctual wakes: no node gets through two full sleeps while another gets through none and a wake. That holds with sleep
 * timers wrong by up to 5 %: 2 × 855 s are more than 945 s and two wakes of a minute.
 *
 * A node's `NODE.lag` has four bits for each other node: the full sleeps that the other has begun since the start of the
 * last wake that this node has done, and since the start of the one that it is in.
 */
import { type Layout, MODE, NODE } from "./layout.ts";

const LAG_MAX = 2;

const lagOf = (lags: number, other: number): number => (lags >> (4 * other)) & 3;
const duringOf = (lags: number, other: number): number => (lags >> (4 * other + 2)) & 3;
const withLag = (lags: number, other: number, since: number, during: number): number =>
  (lags & ~(15 << (4 * other))) | ((Math.min(3, since) | (Math.min(3, during) << 2)) << (4 * other));

/** The lags of a node whose next wake begins. */
export const withoutDuring = (lags: number): number => lags & 0x33333333;

/** Whether no other node would be overtaken, if `node`, which is in a full sleep, woke now. */
export function isPunctual(layout: Layout, state: Int32Array, node: number): boolean {
  for (let other = 0; other < layout.nodes; other++) {
    if (other === node || state[layout.node(other, NODE.mode)] === MODE.off) continue;
    if (lagOf(state[layout.node(other, NODE.lag)]!, node) >= LAG_MAX) return false;
  }
  return true;
}

/** Counts the sleep that `node` begins, in place: it decides who may wake when. */
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
