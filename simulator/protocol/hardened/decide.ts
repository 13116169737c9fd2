/**
 * What a node makes of the chips at a wake: a pure function of what it read, what it kept in RTC memory, and why it woke.
 * ARCHITECTURE.md, "The hardened protocol", says why each rule is there.
 */
import type { Change } from "../effects.ts";
import type { Readmission, Seat, Start } from "../protocol.ts";
import { isLater, latestOn, type NodeRecord } from "./record.ts";

/** Kept in RTC memory: over deep sleep, not over any other reset. Sets of nodes and of chips are bit masks. */
export interface HardenedMemory {
  /** Of the last record written. */
  readonly gen: number;
  /** Highest term seen. */
  readonly term: number;
  /** U: the chips that took the last write of the own claim; 0 where there is none to count on. */
  readonly counted: number;
  /** By node: (boot, gen) as last seen; undefined while there was none to see. */
  readonly seen: readonly (readonly [boot: number, gen: number] | undefined)[];
  /** By node: wakes after a full period at which it had not moved, in a row. */
  readonly misses: readonly number[];
  /** By node: how often it was seen to move in a row, while it is held to be dead. */
  readonly moves: readonly number[];
  /** By node: automatic re-admissions, forgotten after a while without any. */
  readonly flaps: readonly number[];
  /** Wakes since the last of them. */
  readonly calm: number;
  /** The last sleep was a full period: only then a node that has not moved counts as missed. */
  readonly slept: "cold" | "period" | "settle";
  /** Wakes in a row at which this node, with a claim, could not publish its reading, or could not get as far as acting. */
  readonly failures: number;
  /** Wakes until it is given another chance. */
  readonly disgrace: number;
  /** From whom the role was taken; undefined: from nobody, or the cloud knows. */
  readonly tookOverFrom: number | undefined;
  /** That it was taken has been announced. */
  readonly announced: boolean;
  /**
   * Parity of the last gen that a chip answered for and did not keep: one of the two pages there may be worn, so the other
   * is written where there is a choice. Undefined: both are well.
   */
  readonly avoid: 0 | 1 | undefined;
  /** What the cloud has been told since the last record was written; undefined: nothing new. */
  readonly told: number | undefined;
}

export const COLD: HardenedMemory = {
  gen: 0,
  term: 0,
  counted: 0,
  seen: [],
  misses: [],
  moves: [],
  flaps: [],
  calm: 0,
  slept: "cold",
  failures: 0,
  disgrace: 0,
  tookOverFrom: undefined,
  announced: false,
  avoid: undefined,
  told: undefined,
};

/** Two strikes. */
const MISSES = 2;
/** A node held to be dead is a member again once it was seen to move so often in a row. */
const MOVES = 2;
/** Three times, until a week of wakes at 15 minutes has passed without. */
export const READMISSION: Readmission = { most: 3, forgetWakes: 672 };
/** A node that could not publish so often in a row stands down, where another is alive. */
const FAILURES = 2;
/** And does not claim again for a day, unless nobody else does well either. */
export const DISGRACE_WAKES = 96;

export type Standing = "claims" | "holds" | "stands-by" | "stands-down";

export interface Verdict {
  readonly standing: Standing;
  readonly why: string;
  /** The record to write. */
  readonly record: NodeRecord;
  /** The chips that must take it, no more and no less, for this node to act at once; 0: it must not. */
  readonly mustTake: number;
  readonly memory: HardenedMemory;
  readonly changes: readonly Change[];
  /** By node: the latest record on any chip. */
  readonly latest: readonly (NodeRecord | undefined)[];
}

const bit = (n: number): number => 1 << n;
const has = (mask: number, n: number): boolean => (mask & bit(n)) !== 0;
export const size = (mask: number): number => {
  let count = 0;
  for (let left = mask; left !== 0; left &= left - 1) count += 1;
  return count;
};

/** Chips that must be read, and written, before anything is done: one of two, or the majority where there is a witness. */
export const chipsNeeded = ({ nodes, chips }: Seat): number =>
  chips > nodes ? Math.floor(chips / 2) + 1 : 1;

type Chips = readonly (Uint8Array | undefined)[];

export function latestOf(chips: Chips, nodes: number, cluster: number): (NodeRecord | undefined)[] {
  const latest: (NodeRecord | undefined)[] = [];
  for (let node = 0; node < nodes; node++) {
    let best: NodeRecord | undefined;
    for (const chip of chips) {
      const record = chip === undefined ? undefined : latestOn(chip, node, cluster);
      if (record !== undefined && (best === undefined || isLater(record, best))) best = record;
    }
    latest.push(best);
  }
  return latest;
}

/** Of the records with a claim, the one with the highest term; of several, that of the lowest node. */
export function topClaim(latest: readonly (NodeRecord | undefined)[]): NodeRecord | undefined {
  let top: NodeRecord | undefined;
  for (const record of latest)
    if (record?.claims === true && (top === undefined || record.term > top.term)) top = record;
  return top;
}

/** Whether another node claims the role under the very term of `claim`. */
const isShared = (claim: NodeRecord, latest: readonly (NodeRecord | undefined)[]): boolean =>
  latest.some(
    (record) => record?.claims === true && record.node !== claim.node && record.term === claim.term,
  );

/** The record of whoever claimed last, under the highest term that is known: whose dead and told masks hold. */
const rank = ({ claims, last }: NodeRecord): number => (claims ? 2 : last ? 1 : 0);

export function authority(latest: readonly (NodeRecord | undefined)[]): NodeRecord | undefined {
  let found: NodeRecord | undefined;
  for (const record of latest)
    if (
      record !== undefined &&
      (found === undefined ||
        record.term > found.term ||
        (record.term === found.term && rank(record) > rank(found)))
    )
      found = record;
  return found;
}

/** Which chips hold exactly the record that this node wrote last. */
function echoes(chips: Chips, { self }: Seat, cluster: number, boot: number, gen: number): number {
  let mask = 0;
  for (let chip = 0; chip < chips.length; chip++) {
    const bytes = chips[chip];
    const own = bytes === undefined ? undefined : latestOn(bytes, self, cluster);
    if (own?.boot === boot && own.gen === gen) mask |= bit(chip);
  }
  return mask;
}

interface Watched {
  readonly seen: HardenedMemory["seen"];
  readonly misses: readonly number[];
  readonly moved: readonly boolean[];
  readonly changes: readonly Change[];
}

/** Who moved. What cannot be read is unknown: it is no move, and no miss either. */
function watch(latest: readonly (NodeRecord | undefined)[], self: number, memory: HardenedMemory): Watched {
  const seen = latest.map((_, node) => memory.seen[node]);
  const misses = latest.map((_, node) => memory.misses[node] ?? 0);
  const moved = latest.map(() => false);
  const changes: Change[] = [];
  for (const [node, record] of latest.entries()) {
    if (node === self || record === undefined) continue;
    const before = seen[node];
    if (before === undefined || before[0] !== record.boot || before[1] !== record.gen) {
      if (misses[node]! > 0 && before !== undefined) changes.push({ kind: "cleared", node });
      seen[node] = [record.boot, record.gen];
      misses[node] = 0;
      // The first look shows where a record stands, not that it moves.
      moved[node] = before !== undefined;
    } else if (memory.slept === "period" && misses[node]! < MISSES) {
      misses[node]! += 1;
      if (misses[node] === 1) changes.push({ kind: "suspected", node });
    }
  }
  return { seen, misses, moved, changes };
}

/** Other nodes that are alive as far as can be told, be they held to be dead for their flapping. */
const others = (
  latest: readonly (NodeRecord | undefined)[],
  self: number,
  misses: readonly number[],
): NodeRecord[] =>
  latest.filter(
    (record, node): record is NodeRecord => node !== self && record !== undefined && misses[node]! < MISSES,
  );

/** Whose role a claim takes: that of the last claimant, unless it is this node's own, or there never was one. */
const predecessor = (last: NodeRecord | undefined, self: number): number | undefined =>
  last?.last === true && last.node !== self ? last.node : undefined;

/** The next number, or the one after, where that spares the page that was not kept. */
const nextGen = ({ gen, avoid }: HardenedMemory): number => gen + (((gen + 1) & 1) === avoid ? 2 : 1);

/** @param chips what was read of each chip; at least `chipsNeeded` of them. */
export function decide(
  seat: Seat,
  cluster: number,
  chips: Chips,
  memory: HardenedMemory,
  { boot }: Start,
): Verdict {
  const { self, nodes } = seat;
  const latest = latestOf(chips, nodes, cluster);
  const watched = watch(latest, self, memory);
  const changes = [...watched.changes];
  const top = topClaim(latest);
  const rules = authority(latest);
  const term = latest.reduce((highest, record) => Math.max(highest, record?.term ?? 0), memory.term);
  const disgrace = Math.max(0, memory.disgrace - 1);
  const failing = disgrace > 0;
  const alive = others(latest, self, watched.misses);
  const able = alive.some((record) => !record.failing);
  // Where nobody is well they take turns: one of them may have its network back, and only acting shows that.
  const leaves = failing && (able || (memory.failures >= FAILURES && alive.length > 0));

  let standing: Standing;
  let why: string;
  if (top === undefined) {
    standing = failing && able ? "stands-by" : "claims";
    why = standing === "claims" ? "nobody-claims" : "cannot-publish";
  } else if (top.node !== self) {
    standing = watched.misses[top.node]! >= MISSES ? "claims" : "stands-by";
    why = standing === "claims" ? "missed-twice" : "another-claims";
  } else if (leaves) {
    standing = "stands-down";
    why = "cannot-publish";
  } else {
    // A claim from a former life, or one that another node has made as well, may have been acted on under its term; one
    // below a term that was seen outlived a later claim whose owner has stood down.
    const stale = memory.counted === 0 || top.term < term || isShared(top, latest);
    standing = stale ? "claims" : "holds";
    why = standing === "holds" ? "claim-stands" : "claims-anew";
  }

  // Who rules keeps the list of the dead; all others copy it, so that it outlives whoever kept it.
  let dead = (rules?.dead ?? 0) & ~bit(self);
  const told = memory.told ?? rules?.told ?? 0;
  const readmission = seat.readmission ?? READMISSION;
  const calm = Math.min(readmission.forgetWakes, memory.calm + 1);
  const forgotten = calm >= readmission.forgetWakes;
  const flaps = latest.map((_, node) => (forgotten ? 0 : (memory.flaps[node] ?? 0)));
  let readmitted = false;
  const moves = latest.map((_, node) => memory.moves[node] ?? 0);
  const asked = latest.reduce((mask, record) => mask | (record?.admit ?? 0), 0);
  if (standing === "stands-by" || standing === "stands-down") dead = rules?.dead ?? 0;
  else
    for (let node = 0; node < nodes; node++) {
      if (node === self) continue;
      if (!has(dead, node)) {
        if (watched.misses[node]! < MISSES) continue;
        dead |= bit(node);
        moves[node] = 0;
        changes.push({ kind: "expelled", node });
        continue;
      }
      if (watched.moved[node]) moves[node] = Math.min(MOVES, moves[node]! + 1);
      else if (watched.misses[node]! >= MISSES) moves[node] = 0;
      const back = moves[node]! >= MOVES && flaps[node]! < readmission.most;
      if (!back && !has(asked, node)) continue;
      dead &= ~bit(node);
      flaps[node] = has(asked, node) ? 0 : flaps[node]! + 1;
      readmitted = true;
      moves[node] = 0;
    }

  const claims = standing === "claims" || standing === "holds";
  const own = latest[self];
  const gen = nextGen(memory);
  const record: NodeRecord = {
    node: self,
    boot,
    gen,
    term: standing === "claims" ? term + 1 : standing === "holds" ? top!.term : term,
    claims,
    failing,
    last:
      claims || standing === "stands-down" || (top === undefined && own?.last === true && own.term === term),
    dead,
    told,
    admit: claims ? 0 : (own?.admit ?? 0) & (rules?.dead ?? 0),
  };
  const counted = memory.counted;
  const confirmed =
    standing === "holds" &&
    size(counted) >= chipsNeeded(seat) &&
    (echoes(chips, seat, cluster, boot, memory.gen) & counted) === counted;
  return {
    standing,
    why: standing === "holds" && !confirmed ? "not-confirmed" : why,
    record,
    mustTake: confirmed ? counted : 0,
    changes,
    latest,
    memory: {
      ...memory,
      gen,
      term: record.term,
      seen: watched.seen,
      misses: watched.misses,
      moves,
      flaps,
      calm: readmitted || flaps.every((count) => count === 0) ? 0 : calm,
      disgrace,
      failures: claims ? memory.failures : 0,
      told: undefined,
      ...(standing === "claims" ? { tookOverFrom: predecessor(top ?? rules, self), announced: false } : {}),
    },
  };
}

/**
 * RTC memory after a reset. A node that its watchdog or a brown-out had to reset is not to be relied on: one that browns
 * out as it transmits would otherwise start over with its claim again and again, and look alive.
 */
export const afterReset = (cause: Start["cause"]): HardenedMemory =>
  cause === "watchdog" || cause === "brown-out" ? { ...COLD, disgrace: DISGRACE_WAKES } : COLD;

/** What a node makes of having acted. */
export function afterActing(memory: HardenedMemory, published: boolean): HardenedMemory {
  if (published) return { ...memory, failures: 0, disgrace: 0 };
  const failures = Math.min(FAILURES, memory.failures + 1);
  return failures < FAILURES ? { ...memory, failures } : { ...memory, failures, disgrace: DISGRACE_WAKES };
}
