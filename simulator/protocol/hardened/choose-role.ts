/** Second decision of a wake: whether this node claims the role, keeps it, leaves it to another, or gives it up. */

import { FAILURES, MISSES } from "../timing.ts";
import { isShared, type LatestRecords } from "./chip-records.ts";
import type { HardenedMemory } from "./memory.ts";
import type { NodeRecord } from "./record.ts";
import { alivePeers } from "./watch-peers.ts";

/**
 * - `candidate`: claims under a new term, and may act at its next wake at the earliest.
 * - `primary`: its claim is on top, and stays.
 * - `standby`: leaves the role to another node.
 * - `stepping-down`: gives up its claim, since another node may do better.
 */
export type WakeRole = "candidate" | "primary" | "standby" | "stepping-down";

/** Why a node takes its role. */
export type RoleReason =
  | "nobody-claims"
  | "missed-twice"
  | "claims-anew"
  | "claim-stands"
  | "another-claims"
  | "cannot-publish";

/** What the role is chosen by. */
export interface RoleInputs {
  readonly self: number;
  readonly latest: LatestRecords;
  /** The claim on top of `latest`. */
  readonly top: NodeRecord | undefined;
  /** Highest term known. */
  readonly term: number;
  /** By node, after this wake's look. */
  readonly misses: readonly number[];
  readonly memory: HardenedMemory;
  /** This node is held down: it could not publish lately. */
  readonly failing: boolean;
}

/** The role, and why. */
export function chooseRole({ self, latest, top, term, misses, memory, failing }: RoleInputs): {
  readonly role: WakeRole;
  readonly why: RoleReason;
} {
  const alive = alivePeers(latest, self, misses);
  const able = alive.some((record) => !record.failing);
  if (top === undefined)
    return failing && able
      ? { role: "standby", why: "cannot-publish" }
      : { role: "candidate", why: "nobody-claims" };
  if (top.node !== self)
    return misses[top.node]! >= MISSES
      ? { role: "candidate", why: "missed-twice" }
      : { role: "standby", why: "another-claims" };
  // Where nobody is well they take turns: one of them may have its network back, and only acting shows that.
  if (failing && (able || (memory.failures >= FAILURES && alive.length > 0)))
    return { role: "stepping-down", why: "cannot-publish" };
  // A claim from a former life, or one that another node has made as well, may have been acted on under its term; one
  // below a term that was seen outlived a later claim whose owner has stepped down.
  const stale = memory.claimAcks === 0 || top.term < term || isShared(top, latest);
  return stale ? { role: "candidate", why: "claims-anew" } : { role: "primary", why: "claim-stands" };
}
