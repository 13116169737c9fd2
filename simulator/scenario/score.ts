/** Keeps the score of a run from what the nodes did. */
import type { Reading } from "../../lib/contract/messages.ts";
import { readingKey } from "../../lib/contract/tables.ts";
import { between, type Instant, inSeconds, START } from "../engine/time.ts";
import type { NodeEvent } from "../node/virtual-node.ts";

export interface Failover {
  readonly at: Instant;
  readonly from: number;
  readonly to: number;
  readonly term: number;
  /** The last reading before it. */
  readonly since: Instant;
  /** From the last reading before it to the first one after; null while there is none yet. */
  readonly outageS: number | null;
}

/** A reading as it left the node. */
export interface SentReading {
  readonly node: number;
  readonly payload: string;
}

export class Score {
  /** Readings that were due: the primary got as far as wanting to publish one. */
  expected = 0;
  sensorFailures = 0;
  readonly published: SentReading[] = [];
  eventsPublished = 0;
  publishFailures = 0;
  connectFailures = 0;
  maxConcurrentPrimaries = 0;
  readonly failovers: Failover[] = [];
  readonly #acting = new Set<number>();
  #lastReadingAt: Instant = START;

  note(event: NodeEvent): void {
    switch (event.kind) {
      case "acting":
        this.#acting.add(event.node);
        this.maxConcurrentPrimaries = Math.max(this.maxConcurrentPrimaries, this.#acting.size);
        return;
      // A node holds the role until it finds that it does not, or no longer runs.
      case "stopped-acting":
      case "hung":
      case "powered-off":
        this.#acting.delete(event.node);
        return;
      case "sensor-failed":
        this.sensorFailures += 1;
        this.expected += 1;
        return;
      case "connect-failed":
        this.connectFailures += 1;
        this.expected += 1;
        return;
      case "publish-failed":
        this.publishFailures += 1;
        if (event.channel === "reading") this.expected += 1;
        return;
      case "published":
        if (event.channel === "event") this.eventsPublished += 1;
        else this.#reading(event.at, event.node, event.payload);
        return;
      case "decided":
        this.#takeovers(event);
        return;
      default:
        return;
    }
  }

  #reading(at: Instant, node: number, payload: string): void {
    this.expected += 1;
    this.published.push({ node, payload });
    this.#lastReadingAt = at;
    const open = this.failovers.findIndex(({ outageS, to }) => outageS === null && to === node);
    const failover = this.failovers[open];
    if (failover === undefined) return;
    this.failovers[open] = { ...failover, outageS: inSeconds(between(failover.since, at)) };
  }

  #takeovers({ at, node, decision }: NodeEvent & { kind: "decided" }): void {
    for (const change of decision.changes) {
      if (change.kind !== "took-over") continue;
      this.failovers.push({
        at,
        from: change.node,
        to: node,
        term: 0,
        since: this.#lastReadingAt,
        outageS: null,
      });
    }
  }
}

/** How many of the published readings are stored exactly as they were sent. `stored` is looked up by node and time. */
export function compareReadings(
  published: readonly SentReading[],
  stored: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
): number {
  return published.filter(({ node, payload }) => {
    const sent = JSON.parse(payload) as Reading;
    const item = stored.get(readingKey(sent.measured_at, node));
    const fields = Object.entries(sent).filter(([field]) => field !== "v");
    return (
      item !== undefined && item.node === node && fields.every(([field, value]) => item[field] === value)
    );
  }).length;
}
