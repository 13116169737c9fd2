/** The shipped protocol with one thing changed: its rules, or what passes between its wake and the hardware. */

import type { Cycle, Effect, Reply } from "../../../../simulator/protocol/effects.ts";
import { decide, type WakePlan } from "../../../../simulator/protocol/hardened/decide.ts";
import { HARDENED } from "../../../../simulator/protocol/hardened/hardened.ts";
import type { HardenedMemory } from "../../../../simulator/protocol/hardened/memory.ts";
import {
  formatRecord,
  type NodeRecord,
  parseRecord,
  RECORD_BYTES,
} from "../../../../simulator/protocol/hardened/record.ts";
import { hardenedWake } from "../../../../simulator/protocol/hardened/wake.ts";
import type { NodeContext, Protocol, Start, WakeResult } from "../../../../simulator/protocol/protocol.ts";
import { CLUSTER, PAGE } from "../../protocol/hardened/chips.ts";

export type Decide = typeof decide;
export type Chips = Parameters<Decide>[2];
export type Wake = (
  context: NodeContext,
  memory: HardenedMemory,
  start: Start,
) => Cycle<WakeResult<HardenedMemory>>;

/** The shipped wake under other rules. */
export const withRules = (rules: Decide): Protocol<HardenedMemory> =>
  withWake((context, memory, start) => hardenedWake(context, memory, start, rules));

/** The shipped rules under another wake. */
export const withWake = (wake: Wake): Protocol<HardenedMemory> => ({ ...HARDENED, wake });

/** The shipped rules, with a changed plan. */
export const withPlan = (
  change: (plan: WakePlan, memory: HardenedMemory, context: NodeContext) => WakePlan,
) =>
  withRules((context, cluster, chips, memory, start) =>
    change(decide(context, cluster, chips, memory, start), memory, context),
  );

/** The shipped rules, applied to other chips or to another memory. */
export const withInputs = (
  change: (
    chips: Chips,
    memory: HardenedMemory,
    context: NodeContext,
  ) => { chips?: Chips; memory?: HardenedMemory },
) =>
  withRules((context, cluster, chips, memory, start) => {
    const changed = change(chips, memory, context);
    return decide(context, cluster, changed.chips ?? chips, changed.memory ?? memory, start);
  });

/** What a wake is told in place of a reply. An effect with an answer of its own is not carried out. */
export interface Lies {
  readonly instead?: (effect: Effect) => Reply | "carry-out";
  readonly reply?: (effect: Effect, reply: Reply) => Reply;
}

export const withReplies = (lies: (context: NodeContext, memory: HardenedMemory, start: Start) => Lies) =>
  withWake((context, memory, start) =>
    relayed(HARDENED.wake(context, memory, start), lies(context, memory, start)),
  );

export function* relayed<Result>(cycle: Cycle<Result>, { instead, reply }: Lies): Cycle<Result> {
  let step = cycle.next();
  while (!step.done) {
    const effect = step.value;
    const own = instead === undefined ? "carry-out" : instead(effect);
    if (own !== "carry-out") {
      step = cycle.next(own);
      continue;
    }
    const given = yield effect;
    step = cycle.next(reply === undefined ? given : reply(effect, given));
  }
  return step.value;
}

/** Each page of a chip that was read, with the node that it belongs to; what is returned stands there instead. */
export const onPages = (
  chips: Chips,
  change: (page: Uint8Array, node: number) => Uint8Array | undefined,
): Chips =>
  chips.map((chip) => {
    if (chip === undefined) return undefined;
    const bytes = chip.slice();
    for (let at = 0; at < bytes.length; at += PAGE) {
      const changed = change(chip.subarray(at, at + RECORD_BYTES), Math.floor(at / PAGE / 2));
      if (changed !== undefined) bytes.set(changed, at);
    }
    return bytes;
  });

export const recordIn = (page: Uint8Array, node: number): NodeRecord | undefined => {
  const record = parseRecord(page, 0, node, CLUSTER);
  return typeof record === "string" ? undefined : record;
};

export const pageOf = (record: NodeRecord): Uint8Array => formatRecord(record, CLUSTER);
