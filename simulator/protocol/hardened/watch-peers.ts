/** First decision of a wake: which other nodes have moved since the last wake, and which are missed. */
import type { Change } from "../effects.ts";
import { MISSES } from "../timing.ts";
import type { LatestRecords } from "./chip-records.ts";
import type { HardenedMemory } from "./memory.ts";
import type { NodeRecord } from "./record.ts";

/** What a wake saw of the other nodes. Every list is by node; `seen` and `misses` are as in `HardenedMemory`. */
export interface Watched {
  readonly seen: HardenedMemory["seen"];
  readonly misses: readonly number[];
  /** Its (boot, gen) differs from the one that was last seen. */
  readonly moved: readonly boolean[];
  /** The nodes that are suspected from this wake on, and those that are no longer. */
  readonly changes: readonly Change[];
}

/**
 * Compares each other node's record with the one last seen. A node without a valid record has neither moved nor missed.
 */
export function watchPeers(latest: LatestRecords, self: number, memory: HardenedMemory): Watched {
  const seen = latest.map((_, node) => memory.seen[node]);
  const misses = latest.map((_, node) => memory.misses[node] ?? 0);
  const moved = latest.map(() => false);
  const changes: Change[] = [];
  for (const [node, record] of latest.entries()) {
    if (node === self || record === undefined) continue;
    const before = seen[node];
    if (before === undefined || before[0] !== record.boot || before[1] !== record.gen) {
      if (misses[node]! > 0 && before !== undefined) changes.push({ kind: "cleared", node });
      seen[node] = [record.boot, record.gen];
      misses[node] = 0;
      // The first look since a cold start shows where a record stands, not that it moves.
      moved[node] = before !== undefined;
    } else if (memory.slept === "period" && misses[node]! < MISSES) {
      misses[node]! += 1;
      if (misses[node] === 1) changes.push({ kind: "suspected", node });
    }
  }
  return { seen, misses, moved, changes };
}

/** The latest records of the other nodes with fewer than `MISSES` misses, nodes held to be dead included. */
export const alivePeers = (latest: LatestRecords, self: number, misses: readonly number[]): NodeRecord[] =>
  latest.filter(
    (record, node): record is NodeRecord => node !== self && record !== undefined && misses[node]! < MISSES,
  );
