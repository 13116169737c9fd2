/** Second decision of a wake: whether this node claims the role, keeps it, leaves it to another, or gives it up. */

import { isNewerTerm } from "../serial.ts";
import { FAILURES, MISSES } from "../timing.ts";
import { isShared, type LatestRecords } from "./chip-records.ts";
import type { HardenedMemory } from "./memory.ts";
import type { NodeRecord } from "./record.ts";
import { alivePeers } from "./watch-peers.ts";

/**
 * - `candidate`: claims under a new term, and may act at its next wake at the earliest.
 * - `primary`: keeps its claim, which is the top one; whether it may act is the fourth decision.
 * - `standby`: leaves the role to another node.
 * - `stepping-down`: gives up its claim, because it failed and another node may not.
 */
export type WakeRole = "candidate" | "primary" | "standby" | "stepping-down";

/** Why a node takes its role. `claims-anew`: its claim is on top, and has to be replaced by one under a higher term. */
export type RoleReason =
  | "nobody-claims"
  | "missed-twice"
  | "claims-anew"
  | "claim-stands"
  | "another-claims"
  | "cannot-publish"
  /** Another board has this node's number. */
  | "duplicate-number";

/** What the choice of a role depends on. */
export interface RoleInputs {
  readonly self: number;
  readonly latest: LatestRecords;
  /** The top claim in `latest`; undefined: nobody claims. */
  readonly top: NodeRecord | undefined;
  /** Highest term that this node knows, from the chips or from RTC memory. */
  readonly term: number;
  /** By node: misses in a row, this wake's included. */
  readonly misses: readonly number[];
  readonly memory: HardenedMemory;
  /**
   * This node is held down: it could not publish, or its watchdog or a brown-out reset it, within `HOLD_DOWN_WAKES`.
   */
  readonly failing: boolean;
}

/** Chooses this node's role for this wake, with the reason. */
export function chooseRole({ self, latest, top, term, misses, memory, failing }: RoleInputs): {
  readonly role: WakeRole;
  readonly why: RoleReason;
} {
  const alive = alivePeers(latest, self, misses);
  const able = alive.some((record) => !record.failing);
  // Where every node fails they take turns: one of them may have its network back, and only acting shows that. A node that
  // has stepped down lets one wake pass: else nodes that wake at once would both claim, and the lowest have every turn.
  const yields = failing && (able || (memory.failures >= FAILURES && alive.length > 0));
  if (top === undefined)
    return yields ? { role: "standby", why: "cannot-publish" } : { role: "candidate", why: "nobody-claims" };
  if (top.node !== self)
    return misses[top.node]! >= MISSES
      ? { role: "candidate", why: "missed-twice" }
      : { role: "standby", why: "another-claims" };
  if (yields) return { role: "stepping-down", why: "cannot-publish" };
  // Another node may have acted under the term of a claim from before a reset, or of one that it made as well. A claim
  // below a term that was seen is older than a claim whose owner has stepped down.
  const stale = memory.claimAcks === 0 || isNewerTerm(term, top.term) || isShared(top, latest);
  return stale ? { role: "candidate", why: "claims-anew" } : { role: "primary", why: "claim-stands" };
}
