/** Which of two events about one incident is the later one, however they arrive. */
import type { DeliveredEvent } from "../../../lib/contract/messages.ts";

/** Where an event stands. `atMs` is epoch ms. */
export interface Order {
  readonly term: number;
  readonly atMs: number;
}

/**
 * The reporter's clock orders its events, but nothing happened after it was received: a clock that runs ahead would
 * make every later event look old, and its mail would never be sent.
 */
export const orderOf = (event: DeliveredEvent): Order => ({
  term: event.term,
  atMs: Math.min(Date.parse(event.at), event.received_at),
});

const compare = (x: Order, y: Order): number => x.term - y.term || x.atMs - y.atMs;

/** Strictly older by (term, at). */
export const isOlder = (x: Order, than: Order): boolean => compare(x, than) < 0;

/** The later of the two. */
export const latest = (x: Order, y: Order): Order => (isOlder(x, y) ? y : x);

/**
 * Tie rule: at the same (term, at) recovery comes after death. A death that is wrongly called old is reported again at
 * the reporter's next wake; a recovery is reported once, and would leave the incident firing for good.
 */
export const diedAfter = (death: Order, recovery: Order): boolean => compare(death, recovery) > 0;
export const recoveredAfter = (recovery: Order, death: Order): boolean => compare(recovery, death) >= 0;
