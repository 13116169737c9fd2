/** First decision of a wake: which other nodes have moved since the last wake, and which are missed. */
import type { Change } from "../effects.ts";
import { DRIFT_SHARE, MISSES } from "../timing.ts";
import type { LatestRecords } from "./chip-records.ts";
import type { HardenedMemory } from "./memory.ts";
import type { NodeRecord } from "./record.ts";

/** What a wake saw of the other nodes. Every list is by node; `seen` and `misses` are as in `HardenedMemory`. */
export interface Watched {
  readonly seen: HardenedMemory["seen"];
  readonly misses: readonly number[];
  readonly waitedS: readonly number[];
  /** Its (boot, gen) differs from the one that was last seen. */
  readonly moved: readonly boolean[];
  /** The nodes that are suspected from this wake on, and those that are no longer. */
  readonly changes: readonly Change[];
}

/**
 * Whether a full sleep more without a move makes another miss: where both periods are known, when this node has slept for
 * nearly as many of the peer's; else at every look.
 */
function isMissedAgain(misses: number, waitedS: number, peerS: number): boolean {
  return waitedS === 0 || peerS === 0 || waitedS >= (misses + 1) * peerS * (1 - 2 * DRIFT_SHARE);
}

/**
 * Compares each other node's record with the one last seen. A node without a valid record has neither moved nor missed.
 * @param sleepS this node's own period, seconds; undefined: periods are not looked at
 */
export function watchPeers(
  latest: LatestRecords,
  self: number,
  memory: HardenedMemory,
  sleepS: number | undefined,
): Watched {
  const seen = latest.map((_, node) => memory.seen[node]);
  const misses = latest.map((_, node) => memory.misses[node] ?? 0);
  const waitedS = sleepS === undefined ? [] : latest.map((_, node) => memory.waitedS[node] ?? 0);
  const moved = latest.map(() => false);
  const changes: Change[] = [];
  for (const [node, record] of latest.entries()) {
    if (node === self || record === undefined) continue;
    const before = seen[node];
    if (before === undefined || before[0] !== record.boot || before[1] !== record.gen) {
      if (misses[node]! > 0 && before !== undefined) changes.push({ kind: "cleared", node });
      seen[node] = [record.boot, record.gen];
      misses[node] = 0;
      if (sleepS !== undefined) waitedS[node] = 0;
      // The first look since a cold start shows where a record stands, not that it moves.
      moved[node] = before !== undefined;
    } else if (memory.slept === "period" && misses[node]! < MISSES) {
      if (sleepS !== undefined) waitedS[node]! += sleepS;
      if (!isMissedAgain(misses[node]!, waitedS[node] ?? 0, record.extension?.sleepS ?? 0)) continue;
      misses[node]! += 1;
      if (misses[node] === 1) changes.push({ kind: "suspected", node });
    }
  }
  return { seen, misses, waitedS, moved, changes };
}

/** The latest records of the other nodes with fewer than `MISSES` misses, nodes held to be dead included. */
export const alivePeers = (latest: LatestRecords, self: number, misses: readonly number[]): NodeRecord[] =>
  latest.filter(
    (record, node): record is NodeRecord => node !== self && record !== undefined && misses[node]! < MISSES,
  );
