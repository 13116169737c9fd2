/** Which of two signals of one incident is the later one, however they arrive. */

/** Where a signal stands. `atMs` is epoch ms. */
export interface Order {
  readonly term: number;
  readonly atMs: number;
}

/**
 * How far a node's clock may differ from the receipt of its message and still count. A live message is received within the
 * wake that sends it (60 s), and a sleep timer that is 5 % wrong, not corrected for ten sleeps of 15 minutes, has lost
 * 450 s. A clock that begins anew in 1970 or 2000 is far outside.
 */
export const CLOCK_ERROR_MAX_MS = 600_000;

/** Whether a node's time can be right. @param atMs by the node's clock; NaN: it gave no time at all */
export const isPlausible = (atMs: number, receivedMs: number): boolean =>
  Math.abs(receivedMs - atMs) <= CLOCK_ERROR_MAX_MS;

/**
 * When it happened: by the node's clock where that is plausible, and never after the receipt; else when it was received. A
 * clock that runs ahead would make every later signal look old, one that is behind would make its own signals look old.
 */
export const happenedMs = (atMs: number, receivedMs: number): number =>
  isPlausible(atMs, receivedMs) ? Math.min(atMs, receivedMs) : receivedMs;

/** The order of what a node reports, late only as far as Lambda delivers it late: `received_at` is the broker's. */
export const orderOf = (event: {
  readonly term: number;
  readonly at: string;
  readonly received_at: number;
}): Order => ({ term: event.term, atMs: happenedMs(Date.parse(event.at), event.received_at) });

/**
 * Compares by era, then by term, then by time. Terms rise as long as an era lasts: chips that are swapped for new ones begin
 * another, in which they start at 1 again.
 * @param eraMs when the present era began, epoch ms; undefined: there was no other
 */
export function compare(x: Order, y: Order, eraMs: number | undefined): number {
  const isNow = ({ atMs }: Order): boolean => eraMs === undefined || atMs >= eraMs;
  if (isNow(x) !== isNow(y)) return isNow(x) ? 1 : -1;
  return x.term - y.term || x.atMs - y.atMs;
}

/** Strictly older, by era, term and time. */
export const isOlder = (x: Order, than: Order, eraMs?: number): boolean => compare(x, than, eraMs) < 0;

/** The later of the two. */
export const latest = (x: Order, y: Order, eraMs?: number): Order => (isOlder(x, y, eraMs) ? y : x);

/**
 * Tie rule: at the same (term, at) recovery comes after onset. An onset that is wrongly called old is reported again at
 * the reporter's next wake; a recovery is reported once, and would leave the incident firing for good.
 */
export const beganAfter = (onset: Order, recovery: Order, eraMs?: number): boolean =>
  compare(onset, recovery, eraMs) > 0;
/** Whether a recovery ends the onset: it stands after it, or at the same place. */
export const recoveredAfter = (recovery: Order, onset: Order, eraMs?: number): boolean =>
  compare(recovery, onset, eraMs) >= 0;
