/**
 * Chips that were swapped for new ones: terms begin at 1 again. What was told under the higher terms of before would make
 * every later death look old.
 */
import type { Incident } from "../../../core/incident.ts";
import { compare } from "../../../core/order.ts";
import { ordersOf } from "../../../core/pending.ts";
import type { ClusterView } from "../view.ts";
import { lonePublisher } from "./split-brain.ts";

/**
 * When the era began that the incident does not know of, epoch ms: right after what it knows. Undefined: none did. A lower
 * term begins one, where nobody has published under the higher one for as long as it takes to hold a split healed.
 */
export function newEraMs(cluster: ClusterView, incident: Incident): number | undefined {
  // Terms order the deaths of nodes alone.
  if (incident.id.kind !== "node-dead") return undefined;
  const orders = ordersOf(incident);
  const highest = orders.reduce((x, y) => (compare(x, y, incident.eraMs) < 0 ? y : x));
  const sole = lonePublisher(cluster, ({ term }) => term >= highest.term);
  if (sole === undefined || sole.term === 0 || sole.term >= highest.term) return undefined;
  const eraMs = Math.max(...orders.map(({ atMs }) => atMs)) + 1;
  return sole.receivedMs >= eraMs ? eraMs : undefined;
}
