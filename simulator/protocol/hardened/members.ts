/** Third decision of a wake: which nodes are held to be dead, and which are members again. */
import type { Change } from "../effects.ts";
import type { NodeContext, Readmission } from "../protocol.ts";
import { MISSES, MOVES, READMISSIONS, READMISSIONS_FORGET_WAKES } from "../timing.ts";
import { bit, has, type LatestRecords } from "./chip-records.ts";
import type { WakeRole } from "./choose-role.ts";
import type { HardenedMemory } from "./memory.ts";
import type { NodeRecord } from "./record.ts";
import type { Watched } from "./watch-peers.ts";

/**
 * Automatic re-admission where a cluster's configuration does not say otherwise: three times within a week of wakes.
 */
export const READMISSION: Readmission = { most: READMISSIONS, forgetWakes: READMISSIONS_FORGET_WAKES };

/** Who is dead after this wake, and what RTC memory keeps of nodes that come and go. Every list is by node. */
export interface Members {
  /** Mask of the nodes held to be dead. */
  readonly dead: number;
  /** As in `HardenedMemory`. */
  readonly moves: readonly number[];
  /** As in `HardenedMemory`. */
  readonly flaps: readonly number[];
  /** As in `HardenedMemory`. */
  readonly wakesSinceReadmission: number;
  /** The nodes expelled at this wake. */
  readonly changes: readonly Change[];
}

/**
 * Judges the members, where this node has the role or claims it: it keeps the list of the dead. In every other role it
 * copies the ruling record's list, so that the list outlives the node that kept it.
 */
export function judgeMembers(
  { self, readmission = READMISSION }: NodeContext,
  role: WakeRole,
  latest: LatestRecords,
  ruling: NodeRecord | undefined,
  { misses, moved }: Watched,
  memory: HardenedMemory,
): Members {
  const wakes = Math.min(readmission.forgetWakes, memory.wakesSinceReadmission + 1);
  const forgotten = wakes >= readmission.forgetWakes;
  const flaps = latest.map((_, node) => (forgotten ? 0 : (memory.flaps[node] ?? 0)));
  const moves = latest.map((_, node) => memory.moves[node] ?? 0);
  const changes: Change[] = [];
  const asked = latest.reduce((mask, record) => mask | (record?.admit ?? 0), 0);
  let dead = ruling?.dead ?? 0;
  let readmitted = false;
  if (role === "candidate" || role === "primary") {
    dead &= ~bit(self);
    for (let node = 0; node < latest.length; node++) {
      if (node === self) continue;
      if (!has(dead, node)) {
        if (misses[node]! < MISSES) continue;
        dead |= bit(node);
        moves[node] = 0;
        changes.push({ kind: "expelled", node });
        continue;
      }
      if (moved[node]) moves[node] = Math.min(MOVES, moves[node]! + 1);
      else if (misses[node]! >= MISSES) moves[node] = 0;
      const back = moves[node]! >= MOVES && flaps[node]! < readmission.most;
      if (!back && !has(asked, node)) continue;
      dead &= ~bit(node);
      flaps[node] = has(asked, node) ? 0 : flaps[node]! + 1;
      readmitted = true;
      moves[node] = 0;
    }
  }
  const none = readmitted || flaps.every((count) => count === 0);
  return { dead, moves, flaps, wakesSinceReadmission: none ? 0 : wakes, changes };
}
