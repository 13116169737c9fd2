/**
 * What a node decides at a wake: a pure function of what it read, what it kept in RTC memory, and its boot counter.
 * Four decisions in a row: who is missed (`watch-peers.ts`), the own role (`choose-role.ts`), who is dead
 * (`members.ts`), and whether the claim is confirmed (`confirmedBy` here). docs/internals/protocol.md, "The hardened
 * protocol", has the reason for each rule.
 */
import type { Change } from "../effects.ts";
import type { NodeContext, Start } from "../protocol.ts";
import { isNewerTerm, nextTerm } from "../serial.ts";
import {
  type Chips,
  chipsNeeded,
  damagedPages,
  echoes,
  type LatestRecords,
  latestOf,
  rulingRecord,
  size,
  topClaim,
} from "./chip-records.ts";
import { chooseRole, type RoleReason, type WakeRole } from "./choose-role.ts";
import { HEALTH, UNKNOWN } from "./extension.ts";
import { type Life, lifeOf } from "./life.ts";
import { judgeMembers, type Members } from "./members.ts";
import type { HardenedMemory } from "./memory.ts";
import type { NodeRecord } from "./record.ts";
import { alivePeers, type Watched, watchPeers } from "./watch-peers.ts";

/** What this wake is to do, and what it remembers. */
export interface WakePlan {
  readonly role: WakeRole;
  readonly why: RoleReason | "not-confirmed";
  /** The record to write to every chip. */
  readonly record: NodeRecord;
  /** Mask of the chips: this node may act at this wake if exactly these take the record. 0: it must not act. */
  readonly requiredAcks: number;
  readonly memory: HardenedMemory;
  readonly changes: readonly Change[];
  /** By node: the latest record on any chip. */
  readonly latest: LatestRecords;
}

/** What `decide` has found when it composes the record. */
interface Findings {
  readonly role: WakeRole;
  readonly latest: LatestRecords;
  readonly top: NodeRecord | undefined;
  readonly ruling: NodeRecord | undefined;
  readonly term: number;
  readonly failing: boolean;
  readonly members: Members;
  readonly life: Life;
}

/** The later of two terms. */
const later = (x: number, y: number): number => (isNewerTerm(y, x) ? y : x);

/** The next gen, or the one after it where the next would go to the page that is to be avoided. */
const nextGen = ({ gen, avoid }: HardenedMemory): number => gen + (((gen + 1) & 1) === avoid ? 2 : 1);

/** The node whose role a claim takes over: the last claimant. Undefined: this node was, or nobody. */
const predecessor = (record: NodeRecord | undefined, self: number): number | undefined =>
  record?.lastClaimant === true && record.node !== self ? record.node : undefined;

function composeRecord(
  { role, latest, top, ruling, term, failing, members, life }: Findings,
  { self, sleepS }: NodeContext,
  memory: HardenedMemory,
): NodeRecord {
  const own = latest[self];
  const claims = role === "candidate" || role === "primary";
  const wasLast = top === undefined && own?.lastClaimant === true && own.term === term;
  return {
    node: self,
    boot: life.boot,
    gen: nextGen(memory),
    term: role === "candidate" ? nextTerm(term) : role === "primary" ? top!.term : term,
    claims,
    failing,
    lastClaimant: claims || role === "stepping-down" || wasLast,
    dead: members.dead,
    reportedDead: memory.reportedDead ?? ruling?.reportedDead ?? 0,
    admit: claims ? 0 : (own?.admit ?? 0) & (ruling?.dead ?? 0),
    ...(sleepS === undefined ? {} : { extension: { ...UNKNOWN, sleepS, health: healthOf(life, memory) } }),
  };
}

const healthOf = ({ hasTwin, rests }: Life, { forgets }: HardenedMemory): number =>
  (hasTwin ? HEALTH.contested : 0) | (rests ? HEALTH.resting : 0) | (forgets ? HEALTH.forgets : 0);

/**
 * Fourth decision: mask of the chips that took the last write of the claim, if they are enough and each still returns
 * exactly that record; else 0.
 */
function confirmedBy(
  context: NodeContext,
  cluster: number,
  chips: Chips,
  { claimAcks, gen }: HardenedMemory,
  boot: number,
): number {
  const enough = size(claimAcks) >= chipsNeeded(context);
  return enough && (echoes(chips, context, cluster, boot, gen) & claimAcks) === claimAcks ? claimAcks : 0;
}

/** The damaged pages that it knows of after this wake; and whether one of them is new to a node with a claim. */
function damageFor(
  context: NodeContext,
  cluster: number,
  chips: Chips,
  role: WakeRole,
  memory: HardenedMemory,
): { readonly damaged: readonly number[]; readonly isNew: boolean } {
  if (role !== "candidate" && role !== "primary") return { damaged: [], isNew: false };
  const damaged = damagedPages(chips, context, cluster, memory.damaged);
  return { damaged, isNew: damaged.some((mask, chip) => (mask & ~(memory.damaged[chip] ?? 0)) !== 0) };
}

/** What is remembered of the decision itself, beside what it is remembered by. */
function remembered(
  { role, top, ruling, members, life }: Findings,
  record: NodeRecord,
  watched: Watched,
  memory: HardenedMemory,
): HardenedMemory {
  const { moves, flaps, wakesSinceReadmission } = members;
  const self = record.node;
  return {
    ...memory,
    gen: record.gen,
    term: record.term,
    seen: life.rests ? watched.seen.with(self, [record.boot, record.gen]) : watched.seen,
    misses: watched.misses,
    waitedS: watched.waitedS,
    moves,
    flaps,
    wakesSinceReadmission,
    failures: record.claims || role === "stepping-down" ? memory.failures : 0,
    reportedDead: undefined,
    contests: life.contests,
    hasTwin: life.hasTwin,
    quietLooks: life.rests ? 0 : undefined,
    ...(role === "candidate" ? { tookOverFrom: predecessor(top ?? ruling, self), announced: false } : {}),
  };
}

/**
 * The plan of one wake.
 * @param cluster tag of the cluster's name, as in each record
 * @param chips what was read of each chip; at least `chipsNeeded` of them answered
 * @param kept RTC memory from the end of the last wake, or `afterReset`
 */
export function decide(
  context: NodeContext,
  cluster: number,
  chips: Chips,
  kept: HardenedMemory,
  start: Start,
): WakePlan {
  const { self, nodes, sleepS } = context;
  const latest = latestOf(chips, nodes, cluster);
  const life = lifeOf(latest[self], context, start, kept);
  const memory = life.isNew ? { ...kept, gen: life.gen, claimAcks: 0 } : kept;
  const top = topClaim(latest);
  const ruling = rulingRecord(latest);
  const term = latest.reduce((newest, record) => later(newest, record?.term ?? 0), memory.term);
  const holdDownWakes = Math.max(0, memory.holdDownWakes - 1);
  const failing = holdDownWakes > 0;

  const watched = watchPeers(latest, self, memory, sleepS);
  const able = alivePeers(latest, self, watched.misses).some((record) => !record.failing);
  const { role, why } = life.rests
    ? ({ role: "standby", why: "duplicate-number" } as const)
    : chooseRole({ self, latest, top, term, misses: watched.misses, memory, failing });
  const members = judgeMembers(context, role, latest, ruling, watched, memory);
  // A peer's claim may have stood on a page that is newly damaged: whoever made it has acted, or has read this node's claim,
  // when another settle sleep is over.
  const { damaged, isNew } = damageFor(context, cluster, chips, role, memory);
  const requiredAcks =
    role === "primary" && !isNew ? confirmedBy(context, cluster, chips, memory, life.boot) : 0;

  const findings = { role, latest, top, ruling, term, failing, members, life };
  const composed = composeRecord(findings, context, memory);
  const { offline } = start;
  const record: NodeRecord = offline === true ? { ...composed, offline } : composed;
  return {
    role,
    why: role === "primary" && requiredAcks === 0 ? "not-confirmed" : why,
    record,
    requiredAcks,
    changes: [...watched.changes, ...members.changes],
    latest,
    memory: {
      ...remembered(findings, record, watched, memory),
      holdDownWakes,
      joinsToSkip: able ? 0 : memory.joinsToSkip,
      joinsFailed: able ? 0 : memory.joinsFailed,
      damaged,
    },
  };
}
