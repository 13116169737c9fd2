/**
 * The hardened protocol with one rule broken at a time, and the check that must notice: if it does not, either the rule is
 * not needed or the checker is blind.
 */

import type { Cycle, Effect, Reply } from "../../../../simulator/protocol/effects.ts";
import { crc32 } from "../../../../simulator/protocol/hardened/crc32.ts";
import {
  decide,
  type HardenedMemory,
  latestOf,
  topClaim,
} from "../../../../simulator/protocol/hardened/decide.ts";
import { HARDENED } from "../../../../simulator/protocol/hardened/hardened.ts";
import { latestOn, parseRecord } from "../../../../simulator/protocol/hardened/record.ts";
import type { Protocol, WakeResult } from "../../../../simulator/protocol/protocol.ts";
import { CLUSTER } from "../../protocol/hardened/chips.ts";
import {
  onPages,
  pageOf,
  recordIn,
  withInputs,
  withReplies,
  withRules,
  withVerdict,
  withWake,
} from "./altered.ts";

const bit = (n: number): number => 1 << n;
type Memory = HardenedMemory;

/** It reads the chips once more in place of a settle sleep. */
const actsWithoutSettle = withWake(function* (seat, memory, start): Cycle<WakeResult<Memory>> {
  const claimed = yield* HARDENED.wake(seat, memory, start);
  if (claimed.sleep !== "settle") return claimed;
  return yield* HARDENED.wake(seat, claimed.memory, { ...start, cause: "deep-sleep" });
});

const actsWithoutEcho = withVerdict((verdict, memory) =>
  verdict.standing === "holds" ? { ...verdict, mustTake: memory.counted } : verdict,
);

/** A chip that is not in U does not count, whether it took the write or not. */
const actsOnSuperset = withReplies((_, { counted }) => ({
  reply: (effect, reply) =>
    effect.do === "write" && counted !== 0 && (counted & bit(effect.chip)) === 0 ? false : reply,
}));

/** A chip of U counts, whether it took the write or not. */
const actsOnSubset = withReplies((_, { counted }) => ({
  reply: (effect, reply) => (effect.do === "write" && (counted & bit(effect.chip)) !== 0 ? true : reply),
}));

const missesAfterSettle = withInputs((_, memory) => ({
  memory: { ...memory, slept: memory.slept === "settle" ? "period" : memory.slept },
}));

/** A peer that has not moved has been missed once before. */
const oneStrike = withRules((seat, cluster, chips, memory, start) => {
  const verdict = decide(seat, cluster, chips, { ...memory, misses: new Array(seat.nodes).fill(1) }, start);
  const misses = verdict.memory.misses.map((count) => (count === 1 ? 0 : count));
  return { ...verdict, memory: { ...verdict.memory, misses } };
});

/** A claim under the own term is overlooked: each node wins the tie. */
const winsEveryTie = withInputs((chips, _, { self, nodes }) => {
  const own = latestOf(chips, nodes, CLUSTER)[self];
  return {
    chips: onPages(chips, (page, node) => {
      const record = recordIn(page, node);
      if (own?.claims !== true || record === undefined || node === self || record.term !== own.term) return;
      return pageOf({ ...record, claims: false });
    }),
  };
});

/** Of several claims under one term the highest node's is on top. */
const highestWins = withInputs((chips, memory, { self, nodes }) => {
  const latest = latestOf(chips, nodes, CLUSTER);
  const top = topClaim(latest);
  const tied = latest.filter((record) => record?.claims === true && record.term === top?.term);
  if (tied.length < 2) return {};
  const winner = tied.at(-1)!.node;
  return {
    memory: winner === self ? { ...memory, counted: 0 } : memory,
    chips: onPages(chips, (page, node) => {
      const record = recordIn(page, node);
      return record?.claims === true && record.term === top!.term && node !== winner
        ? pageOf({ ...record, claims: false })
        : undefined;
    }),
  };
});

/** Whatever has the magic, the cluster and the node of a record is one. */
const ignoresCrc = withInputs((chips) => ({
  chips: onPages(chips, (page, node) => {
    const repaired = page.slice();
    new DataView(repaired.buffer).setUint32(24, crc32(repaired, 0, 24));
    return typeof parseRecord(repaired, 0, node, CLUSTER) === "string" ? undefined : repaired;
  }),
}));

/** FFh throughout is read as numbers. */
const blankIsRecord = withInputs((chips) => ({
  chips: onPages(chips, (page, node) =>
    parseRecord(page, 0, node, CLUSTER) === "blank"
      ? pageOf({
          node,
          boot: 0xffff_ffff,
          gen: 0xffff_ffff,
          term: 0xffff_ffff,
          claims: true,
          failing: true,
          last: true,
          dead: 0xff,
          told: 0xff,
          admit: 0xff,
        })
      : undefined,
  ),
}));

/** A node that finds its claim on the chips after a reset goes on with it. */
const goesOnAfterReset = withRules((seat, cluster, chips, memory, start) => {
  const own = latestOf(chips, seat.nodes, cluster)[seat.self];
  if (memory.slept !== "cold" || own?.claims !== true) return decide(seat, cluster, chips, memory, start);
  const counted = chips.reduce((mask, chip, index) => {
    const record = chip && latestOn(chip, seat.self, cluster);
    return record?.boot === own.boot && record.gen === own.gen ? mask | bit(index) : mask;
  }, 0);
  return decide(
    seat,
    cluster,
    chips,
    { ...memory, counted, gen: own.gen, term: own.term },
    { ...start, boot: own.boot },
  );
});

/** A claim from before a reset is held under its old term, and settled anew. */
const holdsOldClaim = withInputs((_, memory) => ({
  memory: { ...memory, counted: memory.counted === 0 ? bit(7) : memory.counted },
}));

const termNotRaised = withVerdict((verdict) => {
  if (verdict.standing !== "claims" || verdict.record.term === 1) return verdict;
  const term = verdict.record.term - 1;
  return { ...verdict, record: { ...verdict.record, term }, memory: { ...verdict.memory, term } };
});

const termNotRemembered = withInputs((_, memory) => ({ memory: { ...memory, term: 0 } }));

const claimNeverDropped = withVerdict((verdict, _, { self }) => {
  const own = verdict.latest[self];
  if (verdict.record.claims || own?.claims !== true) return verdict;
  return { ...verdict, record: { ...verdict.record, claims: true, term: own.term } };
});

/** Each boot counts its records from 1 again, and the number of the boot is not kept. */
const bootNotCounted = withWake((seat, memory, start) => HARDENED.wake(seat, memory, { ...start, boot: 1 }));

const writesNotVerified = withWake(function* (seat, memory, start): Cycle<WakeResult<Memory>> {
  const cycle = HARDENED.wake(seat, memory, start);
  let step = cycle.next();
  while (!step.done) {
    const { value } = step;
    step = cycle.next(yield value.do === "write" ? withoutVerify(value) : value);
  }
  return step.value;
});
const withoutVerify = ({ verify: _, ...effect }: Effect & { do: "write" }): Effect => effect;

/** A chip that is not read shows its owner as it was last seen, so that it is missed. */
const failedReadIsMiss = withInputs((chips, memory) => ({
  memory: {
    ...memory,
    seen: memory.seen,
    misses: memory.misses.map((count, node) =>
      chips[node] === undefined && memory.slept === "period" ? Math.min(2, count + 1) : count,
    ),
  },
}));

const silentStandby = withReplies(() => ({
  instead: (effect) =>
    effect.do === "write" && recordIn(effect.bytes, effect.bytes[3]!)?.claims === false ? true : "carry-out",
}));

const neverStandsDown = withInputs((_, memory) => ({ memory: { ...memory, disgrace: 0 } }));

/** What cannot be read is not written. */
const writesWhatItRead = withReplies(() => {
  const unread = new Set<number>();
  return {
    reply: (effect, reply) => {
      if (effect.do === "read" && reply === undefined) unread.add(effect.chip);
      return reply;
    },
    instead: (effect) => (effect.do === "write" && unread.has(effect.chip) ? false : "carry-out"),
  };
});

/** What one chip holds is taken to be on the others as well. */
const readsOneChip = withReplies(() => {
  let first: Reply;
  return {
    instead: (effect) => (effect.do === "read" && first !== undefined ? first : "carry-out"),
    reply: (effect, reply) => {
      if (effect.do === "read") first ??= reply;
      return reply;
    },
  };
});

/** Takes the role without waiting for two misses, wherever the claimant was missed at all or not. */
const neverTakesOver = withInputs((_, memory) => ({
  memory: { ...memory, misses: memory.misses.map(() => 0) },
}));

export const MUTANTS: Record<string, Protocol> = {
  actsWithoutSettle,
  actsWithoutEcho,
  actsOnSuperset,
  actsOnSubset,
  missesAfterSettle,
  oneStrike,
  winsEveryTie,
  highestWins,
  ignoresCrc,
  blankIsRecord,
  goesOnAfterReset,
  holdsOldClaim,
  termNotRaised,
  termNotRemembered,
  claimNeverDropped,
  bootNotCounted,
  writesNotVerified,
  failedReadIsMiss,
  silentStandby,
  neverStandsDown,
  writesWhatItRead,
  readsOneChip,
  neverTakesOver,
};
