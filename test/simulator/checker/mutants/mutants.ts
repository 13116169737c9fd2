/**
 * The hardened protocol with one rule broken at a time, and the check that must notice: if it does not, either the rule is
 * not needed or the checker is blind.
 */

import type { Cycle, Effect, Reply } from "../../../../simulator/protocol/effects.ts";
import { latestOf, rulingRecord, topClaim } from "../../../../simulator/protocol/hardened/chip-records.ts";
import { decide } from "../../../../simulator/protocol/hardened/decide.ts";
import { HARDENED } from "../../../../simulator/protocol/hardened/hardened.ts";
import type { HardenedMemory } from "../../../../simulator/protocol/hardened/memory.ts";
import { latestOn, parseRecord } from "../../../../simulator/protocol/hardened/record.ts";
import type { Protocol, WakeResult } from "../../../../simulator/protocol/protocol.ts";
import { MISSES } from "../../../../simulator/protocol/timing.ts";
import { CLUSTER } from "../../protocol/hardened/chips.ts";
import {
  onPages,
  pageOf,
  recordIn,
  relayed,
  withInputs,
  withPlan,
  withReplies,
  withRules,
  withWake,
} from "./altered.ts";

const bit = (n: number): number => 1 << n;
type Memory = HardenedMemory;

/** It reads the chips once more in place of a settle sleep. */
const actsWithoutSettle = withWake(function* (context, memory, start): Cycle<WakeResult<Memory>> {
  const claimed = yield* HARDENED.wake(context, memory, start);
  if (claimed.sleep !== "settle") return claimed;
  return yield* HARDENED.wake(context, claimed.memory, { ...start, cause: "deep-sleep" });
});

const actsWithoutEcho = withPlan((plan, memory) =>
  plan.role === "primary" ? { ...plan, requiredAcks: memory.claimAcks } : plan,
);

/** A chip that is not in U may take the write or not; U is then what really took it. */
const actsOnSuperset = withWake(function* (context, memory, start): Cycle<WakeResult<Memory>> {
  let taken = 0;
  const result = yield* relayed(HARDENED.wake(context, memory, start), {
    reply: (effect, reply) => {
      if (effect.do !== "write") return reply;
      if (reply === true) taken |= bit(effect.chip);
      return memory.claimAcks === 0 || (memory.claimAcks & bit(effect.chip)) !== 0 ? reply : false;
    },
  });
  return { ...result, memory: { ...result.memory, claimAcks: result.memory.claimAcks === 0 ? 0 : taken } };
});

const missesAfterSettle = withInputs((_, memory) => ({
  memory: { ...memory, slept: memory.slept === "settle" ? "period" : memory.slept },
}));

/** A peer that has not moved has been missed once before, and its period waited for. */
const oneStrike = withRules((context, cluster, chips, memory, start) => {
  const once = {
    misses: new Array(context.nodes).fill(1),
    waitedS: memory.waitedS.map((waited) => waited + (context.sleepS ?? 0)),
  };
  const plan = decide(context, cluster, chips, { ...memory, ...once }, start);
  const misses = plan.memory.misses.map((count) => (count === 1 ? 0 : count));
  return { ...plan, memory: { ...plan.memory, misses } };
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

/** A claim that another node has made as well is good enough for whoever is on top. */
const holdsSharedClaim = withInputs((chips, _, { self, nodes }) => {
  const top = topClaim(latestOf(chips, nodes, CLUSTER));
  if (top?.node !== self) return {};
  return {
    chips: onPages(chips, (page, node) => {
      const record = recordIn(page, node);
      if (record?.claims !== true || node === self || record.term !== top.term) return;
      return pageOf({ ...record, claims: false });
    }),
  };
});

/**
 * What is damaged is read as a record, and may say anything: here that its node wrote it last, under no term, and makes
 * no claim.
 */
const ignoresCrc = withInputs((chips) => ({
  chips: onPages(chips, (page, node) =>
    parseRecord(page, 0, node, CLUSTER) === "damaged" ? pageOf({ ...NO_CLAIM, node, boot: LATE }) : undefined,
  ),
}));
const NO_CLAIM = {
  boot: 0,
  gen: 0,
  term: 0,
  claims: false,
  failing: false,
  lastClaimant: false,
  dead: 0,
  reportedDead: 0,
  admit: 0,
};
/** A boot above all that a search comes to within the states that it is given. */
const LATE = 9;

/** What is damaged is taken for blank: no claim can have stood there. */
const overlooksDamage = withInputs((chips) => ({
  chips: onPages(chips, (page, node) =>
    parseRecord(page, 0, node, CLUSTER) === "damaged" ? new Uint8Array(page.length).fill(0xff) : undefined,
  ),
}));

/** A node of which no chip has a record is one that does not move any more. */
const blankIsDead = withInputs((chips, memory, { self, nodes }) => {
  const strangers = latestOf(chips, nodes, CLUSTER).map(
    (record, node) => node !== self && record === undefined,
  );
  return {
    chips: onPages(chips, (_, node) => (strangers[node] ? pageOf({ ...NO_CLAIM, node }) : undefined)),
    memory: {
      ...memory,
      seen: strangers.map((is, node) => (is ? ([NO_CLAIM.boot, NO_CLAIM.gen] as const) : memory.seen[node])),
      misses: strangers.map((is, node) => (is ? MISSES : (memory.misses[node] ?? 0))),
    },
  };
});

/** A node that finds its claim on the chips after a reset goes on with it. */
const goesOnAfterReset = withRules((context, cluster, chips, memory, start) => {
  const own = latestOf(chips, context.nodes, cluster)[context.self];
  if (memory.slept !== "cold" || own?.claims !== true) return decide(context, cluster, chips, memory, start);
  const claimAcks = chips.reduce((mask, chip, index) => {
    const record = chip && latestOn(chip, context.self, cluster);
    return record?.boot === own.boot && record.gen === own.gen ? mask | bit(index) : mask;
  }, 0);
  return decide(
    context,
    cluster,
    chips,
    { ...memory, claimAcks, gen: own.gen, term: own.term },
    { ...start, boot: own.boot },
  );
});

/** Node 0 holds a claim from before a reset under its old term, and settles anew. */
const holdsOldClaim = withInputs((_, memory, { self }) => ({
  memory: { ...memory, claimAcks: self === 0 && memory.claimAcks === 0 ? bit(7) : memory.claimAcks },
}));

const termNotRaised = withPlan((plan) => {
  if (plan.role !== "candidate" || plan.record.term === 1) return plan;
  const term = plan.record.term - 1;
  return { ...plan, record: { ...plan.record, term }, memory: { ...plan.memory, term } };
});

const termNotRemembered = withInputs((_, memory) => ({ memory: { ...memory, term: 0 } }));

const claimNeverDropped = withPlan((plan, _, { self }) => {
  const own = plan.latest[self];
  if (plan.record.claims || own?.claims !== true) return plan;
  return { ...plan, record: { ...plan.record, claims: true, term: own.term } };
});

const writesNotVerified = withWake(function* (context, memory, start): Cycle<WakeResult<Memory>> {
  const cycle = HARDENED.wake(context, memory, start);
  let step = cycle.next();
  while (!step.done) {
    const { value } = step;
    step = cycle.next(yield value.do === "write" ? withoutVerify(value) : value);
  }
  return step.value;
});
const withoutVerify = ({ verify: _, ...effect }: Effect & { do: "write" }): Effect => effect;

/** The owner of a chip that cannot be read has not moved. */
const failedReadIsMiss = withInputs((chips, memory, { nodes }) => {
  const latest = latestOf(chips, nodes, CLUSTER);
  const seen = latest.map((record, node) =>
    record !== undefined && chips[node] === undefined
      ? ([record.boot, record.gen] as const)
      : memory.seen[node],
  );
  return { memory: { ...memory, seen } };
});

/** A node that has moved is forgiven nothing. */
const missesAddUp = withPlan((plan, memory) => {
  const misses = plan.memory.misses.map((count, node) => Math.max(count, memory.misses[node] ?? 0));
  return { ...plan, memory: { ...plan.memory, misses } };
});

/** Its own chip is the only one that a node writes. */
const writesOwnChipOnly = withReplies(({ self }) => ({
  instead: (effect) => (effect.do === "write" && effect.chip !== self ? false : "carry-out"),
}));

/** Whoever is held to be dead takes the role from nobody. */
const deadNeverTakesOver = withInputs((chips, memory, { self, nodes }) => {
  const dead = rulingRecord(latestOf(chips, nodes, CLUSTER))?.dead ?? 0;
  return (dead & bit(self)) === 0 ? {} : { memory: { ...memory, misses: memory.misses.map(() => 0) } };
});

const silentStandby = withReplies(() => ({
  instead: (effect) =>
    effect.do === "write" && recordIn(effect.bytes, effect.bytes[3]!)?.claims === false ? true : "carry-out",
}));

/** Where nobody could publish, whoever has the role keeps it. */
const neverTakesTurns = withInputs((_, memory) => ({
  memory: memory.holdDownWakes > 1 ? { ...memory, failures: 0 } : memory,
}));

/** A node that has stepped down claims at its next wake where nobody else does. */
const claimsTheNextTurn = withPlan((plan) =>
  plan.role === "stepping-down" ? { ...plan, memory: { ...plan.memory, failures: 0 } } : plan,
);

/** Once its joins are failing it never tries another. */
const backsOffForGood = withPlan((plan, memory) => ({
  ...plan,
  memory: { ...plan.memory, joinsToSkip: memory.joinsToSkip > 0 ? 9 : 0 },
}));

const neverStandsDown = withInputs((_, memory) => ({ memory: { ...memory, holdDownWakes: 0 } }));

/** What could not be read is not written. */
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

/** Whoever has the role keeps it, dead or alive. */
const neverTakesOver = withInputs((_, memory) => ({
  memory: { ...memory, misses: memory.misses.map(() => 0) },
}));

export const MUTANTS = {
  actsWithoutSettle,
  actsWithoutEcho,
  actsOnSuperset,
  missesAfterSettle,
  oneStrike,
  missesAddUp,
  winsEveryTie,
  holdsSharedClaim,
  ignoresCrc,
  overlooksDamage,
  blankIsDead,
  goesOnAfterReset,
  holdsOldClaim,
  termNotRaised,
  termNotRemembered,
  claimNeverDropped,
  writesNotVerified,
  failedReadIsMiss,
  writesOwnChipOnly,
  deadNeverTakesOver,
  silentStandby,
  neverTakesTurns,
  claimsTheNextTurn,
  backsOffForGood,
  neverStandsDown,
  writesWhatItRead,
  readsOneChip,
  neverTakesOver,
} satisfies Record<string, Protocol>;
