/** Which of two signals of one incident is the later one, however they arrive. */

/** Where a signal stands. `atMs` is epoch ms. */
export interface Order {
  readonly term: number;
  readonly atMs: number;
}

/**
 * The reporter's clock orders its signals, but nothing happened after it was received: a clock that runs ahead would make
 * every later signal look old, and its mail would never be sent.
 */
export const orderOf = (signal: {
  readonly term: number;
  readonly at: string;
  readonly received_at: number;
}): Order => ({ term: signal.term, atMs: Math.min(Date.parse(signal.at), signal.received_at) });

const compare = (x: Order, y: Order): number => x.term - y.term || x.atMs - y.atMs;

/** Strictly older by (term, at). */
export const isOlder = (x: Order, than: Order): boolean => compare(x, than) < 0;

/** The later of the two. */
export const latest = (x: Order, y: Order): Order => (isOlder(x, y) ? y : x);

/**
 * Tie rule: at the same (term, at) recovery comes after onset. An onset that is wrongly called old is reported again at
 * the reporter's next wake; a recovery is reported once, and would leave the incident firing for good.
 */
export const beganAfter = (onset: Order, recovery: Order): boolean => compare(onset, recovery) > 0;
/** Whether a recovery ends the onset: it stands after it, or at the same place. */
export const recoveredAfter = (recovery: Order, onset: Order): boolean => compare(recovery, onset) >= 0;
