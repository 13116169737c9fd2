/**
 * A signal whose term is lower than what an incident knows, and whose time is later. It is old news, or the first word of a
 * new era: after all chips were swapped, terms start again at 1, and sweeps need an hour to be sure of it. What is reported
 * once in that hour is kept until they are.
 */
import type { Incident, Pending } from "./incident.ts";
import type { Order } from "./order.ts";

/** Every order that the incident keeps. */
export function ordersOf(incident: Incident): readonly Order[] {
  if (incident.state === "recovered-before-onset") return [incident.recovered];
  const { since, recovered } = incident;
  const last = incident.state === "resolved" ? incident.until : incident.renewed;
  return [since, recovered, last].flatMap((order) => order ?? []);
}

/**
 * Whether the signal would be the newest if terms had begun anew, and would change something. What has no term, the
 * published protocol's and the sweep's, comes again.
 */
export function mayBegin({ signal, order }: Pending, known: Incident): boolean {
  const { pending, state } = known;
  const orders = ordersOf(known);
  const saysSo = signal === "fires" ? state === "firing" : state !== "firing";
  return (
    !(saysSo && pending === undefined) &&
    order.term > 0 &&
    orders.some(({ term }) => term > order.term) &&
    [...orders, ...(pending === undefined ? [] : [pending.order])].every(({ atMs }) => atMs < order.atMs)
  );
}
