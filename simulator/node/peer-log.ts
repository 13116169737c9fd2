/** What a node has seen of the others: it tells the cloud since when each has stood still. */

/** Another node's count, as last read. */
interface Peer {
  readonly count: number;
  /** When this count was first read, in epoch milliseconds of the node's own clock. */
  sinceMs: number;
  /** The node was seen to change to this count; the first read shows only what it is. */
  readonly moved: boolean;
}

/** The counts of the other nodes, and when each changed; kept in RTC memory. */
export class PeerLog {
  readonly #peers = new Map<number, Peer>();

  /** Notes the counts of a wake. @param counts as in `Decision` @param nowMs epoch ms, by the node's own clock */
  note(counts: readonly number[], self: number, nowMs: number): void {
    for (let peer = 0; peer < counts.length; peer++) {
      if (peer === self) continue;
      const count = counts[peer]!;
      const seen = this.#peers.get(peer);
      // A record that is gone is no sign of life.
      if (seen !== undefined && (count === seen.count || count < 0)) continue;
      this.#peers.set(peer, { count, sinceMs: nowMs, moved: seen !== undefined });
    }
  }

  /** Corrects what has been noted by `forwardMs`, by which the clock was slow. */
  shift(forwardMs: number): void {
    for (const peer of this.#peers.values()) peer.sinceMs += forwardMs;
  }

  /** By node: when it was last seen to move, epoch ms; undefined: not since the cold start. */
  lastSeen(): ReadonlyMap<number, number | undefined> {
    return new Map(
      [...this.#peers].map(([node, { sinceMs, moved }]) => [node, moved ? Math.floor(sinceMs) : undefined]),
    );
  }

  /** Nodes that have a record, have not moved since `sinceMs`, and are not among `dead`. */
  stillSince(sinceMs: number, dead: readonly number[]): number[] {
    return [...this.#peers]
      .filter(([node, peer]) => peer.count >= 0 && peer.sinceMs < sinceMs && !dead.includes(node))
      .map(([node]) => node);
  }
}
