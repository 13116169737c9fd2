/**
 * Under which (boot, gen) a node goes on. A record of its own that is later than all that it has written comes from a former
 * life that its flash does not know of (a new or re-flashed board beside old chips, a chip that was away), or from another
 * board with its number.
 */
import type { NodeContext, Start } from "../protocol.ts";
import { nextCount } from "../serial.ts";
import { CONTESTS, QUIET_LOOKS } from "../timing.ts";
import { HEALTH } from "./extension.ts";
import type { HardenedMemory } from "./memory.ts";
import { isLater, type NodeRecord } from "./record.ts";

/** The boot and the last gen of a node's present life. */
export interface Life {
  readonly boot: number;
  readonly gen: number;
  /** It begins now, above a record that this board did not write. */
  readonly isNew: boolean;
  /** How often a board that knows what it wrote has found such a record since its cold start. */
  readonly contests: number;
  /** Another board with this node's number rests, as far as this one knows. */
  readonly hasTwin: boolean;
  /** This board is the one of two that rests: it gives up its claim with this record, and writes none after it. */
  readonly rests: boolean;
}

/**
 * The present life, or a new one above the own record that was read. Of two boards with one number the second that finds the
 * other's record for the second time rests.
 * @param own the latest record of this node's number on any chip
 */
export function lifeOf(
  own: NodeRecord | undefined,
  { sleepS }: NodeContext,
  { boot }: Start,
  memory: HardenedMemory,
): Life {
  const { gen, hasTwin, contests: before } = memory;
  if (own === undefined || !isLater(own, { boot, gen }))
    return { boot, gen, isNew: false, contests: before, hasTwin, rests: false };
  const life = { boot: nextCount(own.boot), gen: 0, isNew: true };
  // After a cold start nobody knows what it wrote; without an extension nobody can say that it rests.
  if (memory.slept === "cold" || sleepS === undefined) return { ...life, contests: 0, hasTwin, rests: false };
  if (((own.extension?.health ?? 0) & HEALTH.resting) !== 0)
    return { ...life, contests: 0, hasTwin: true, rests: false };
  const contests = before + 1;
  return { ...life, contests, hasTwin, rests: contests >= CONTESTS };
}

/**
 * One look of a board that rests. It begins anew when the other's record has stood still for long enough.
 * @returns what to remember; with `quietLooks` undefined this board works again, from this wake on
 */
export function lookAtTwin(
  own: NodeRecord | undefined,
  self: number,
  memory: HardenedMemory,
): HardenedMemory {
  const seen = memory.seen[self];
  if (own === undefined) return memory;
  const moved = seen === undefined || own.boot !== seen[0] || own.gen !== seen[1];
  const quietLooks = moved ? 0 : memory.quietLooks! + 1;
  if (quietLooks >= QUIET_LOOKS) return { ...memory, quietLooks: undefined, contests: 0 };
  return { ...memory, quietLooks, seen: memory.seen.with(self, [own.boot, own.gen]) };
}
