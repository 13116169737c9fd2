/**
 * What firmware of other versions writes and reads, for clusters whose nodes are upgraded one at a time. Only what crosses the
 * bus differs: the rules are this version's.
 *
 * - `older`: without the record's extension. It tells no period and no state of its board, and reads none.
 * - `later`: its records have a higher version number. It keeps the 28 bytes, as every later version does.
 */
import type { Cycle } from "../effects.ts";
import type { NodeContext } from "../protocol.ts";
import { RECORD_VERSION, withVersion } from "./record.ts";

/** Versions of a node's firmware, relative to this one. */
export const FIRMWARES = ["older", "current", "later"] as const;
/** One of them. */
export type FirmwareVersion = (typeof FIRMWARES)[number];

/** What a node with that firmware knows of itself. */
export function contextOf(context: NodeContext, firmware: FirmwareVersion): NodeContext {
  if (firmware !== "older") return context;
  const { sleepS: _, ...known } = context;
  return known;
}

/** A cycle of this version, as firmware of that version carries it out. */
export function* cycleOf<Result>(cycle: Cycle<Result>, firmware: FirmwareVersion): Cycle<Result> {
  if (firmware !== "later") return yield* cycle;
  let step = cycle.next();
  while (!step.done) {
    const effect = step.value;
    step = cycle.next(
      yield effect.do === "write"
        ? { ...effect, bytes: withVersion(effect.bytes, RECORD_VERSION + 1) }
        : effect,
    );
  }
  return step.value;
}
