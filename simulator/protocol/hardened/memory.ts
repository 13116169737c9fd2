/** What a node of the hardened protocol keeps in RTC memory, and how a reset or an act changes it. */
import type { Start } from "../protocol.ts";
import { COLD_STARTS, FAILURES, HOLD_DOWN_WAKES, JOIN_EVERY, JOINS_BEFORE_BACKING_OFF } from "../timing.ts";

/** Kept in RTC memory: it survives deep sleep, and no other reset. Sets of nodes and of chips are bit masks. */
export interface HardenedMemory {
  /** gen of the last record written. */
  readonly gen: number;
  /** Highest term seen. */
  readonly term: number;
  /** U: the chips that took the last write of the own claim; 0: it does not claim, or too few took it. */
  readonly claimAcks: number;
  /** By node: (boot, gen) as last seen; undefined: no record of it was seen since the cold start. */
  readonly seen: readonly (readonly [boot: number, gen: number] | undefined)[];
  /** By node: wakes in a row, each after a full period, at which it had not moved; 0 to `MISSES`. */
  readonly misses: readonly number[];
  /**
   * By node: how often it was seen to move while it is held to be dead, 0 to `MOVES`; `MISSES` misses in a row clear
   * it.
   */
  readonly moves: readonly number[];
  /** By node: automatic re-admissions by this node, forgotten after `forgetWakes` wakes without any. */
  readonly flaps: readonly number[];
  /** Wakes of this node since it last re-admitted one; 0 while `flaps` is all zeros. */
  readonly wakesSinceReadmission: number;
  /**
   * The sleep before this wake, `cold` after a reset. Only after a `period` does a node that has not moved count as
   * missed.
   */
  readonly slept: "cold" | "period" | "settle";
  /**
   * Wakes in a row at which this node, with a claim, could not publish its reading or could not act; 0 to `FAILURES`.
   */
  readonly failures: number;
  /** Wakes for which this node leaves the role to any other node that is able; 0: it need not. */
  readonly holdDownWakes: number;
  /** Turns at which this node does not join the network: nobody is able, and its last joins failed. */
  readonly joinsToSkip: number;
  /** Joins that failed in a row since another node was last able, 0 to `JOINS_BEFORE_BACKING_OFF`; a publish clears it. */
  readonly joinsFailed: number;
  /** The node from which the role was taken; undefined: from none, or a reading has been published since. */
  readonly tookOverFrom: number | undefined;
  /** A decision has announced the takeover. */
  readonly announced: boolean;
  /**
   * Parity of the last gen that some chip did not keep although it was read at that wake. The page of that parity may
   * be worn there, so that later records go to the other one. Undefined: no chip has done so.
   */
  readonly avoid: 0 | 1 | undefined;
  /** Nodes that the cloud holds to be dead, as of the reports since the last record; undefined: none since. */
  readonly reportedDead: number | undefined;
  /** With a claim: by chip, mask of the pages that held something damaged when it was last read. Empty: none did. */
  readonly damaged: readonly number[];
  /** By node: for how long this node has slept, in full sleeps, since it last saw the record move, seconds. */
  readonly waitedS: readonly number[];
  /** How often it has found a record under its number that it did not write. */
  readonly contests: number;
  /** Another board has this node's number, and rests. */
  readonly hasTwin: boolean;
  /** This board rests, as another has its number: looks in a row at which that one's record did not move; undefined: it works. */
  readonly quietLooks: number | undefined;
  /** The last start found RTC memory lost. */
  readonly forgets: boolean;
}

/** RTC memory after power-on, and after a reset by pin or by software. */
export const COLD: HardenedMemory = {
  gen: 0,
  term: 0,
  claimAcks: 0,
  seen: [],
  misses: [],
  moves: [],
  flaps: [],
  wakesSinceReadmission: 0,
  slept: "cold",
  failures: 0,
  holdDownWakes: 0,
  joinsToSkip: 0,
  joinsFailed: 0,
  tookOverFrom: undefined,
  announced: false,
  avoid: undefined,
  reportedDead: undefined,
  damaged: [],
  waitedS: [],
  contests: 0,
  hasTwin: false,
  quietLooks: undefined,
  forgets: false,
};

/**
 * RTC memory after a reset. A node that keeps starting over is held down: with its claim made anew each time it would look
 * alive, and keep the standby away for ever. The count of its cold starts tells; a cause of watchdog or brown-out tells at the
 * first, where the port reports it.
 */
export function afterReset({ cause, coldStarts }: Start): HardenedMemory {
  const startsOver = coldStarts >= COLD_STARTS || cause === "watchdog" || cause === "brown-out";
  return { ...COLD, holdDownWakes: startsOver ? HOLD_DOWN_WAKES : 0, forgets: cause === "memory-lost" };
}

/**
 * RTC memory after a wake that acted, or that should have acted and could not: `FAILURES` without a success hold the
 * node down.
 * @param published the reading got its PUBACK
 */
export function afterActing(memory: HardenedMemory, published: boolean): HardenedMemory {
  if (published) return { ...memory, failures: 0, holdDownWakes: 0 };
  const failures = Math.min(FAILURES, memory.failures + 1);
  return failures < FAILURES
    ? { ...memory, failures }
    : { ...memory, failures, holdDownWakes: HOLD_DOWN_WAKES };
}

/**
 * RTC memory after a wake that tried to publish. A node that is held down waits some turns before it tries again, once it has
 * failed for some turns: else a node whose joins fail now and then would lose most of its readings where no other is able.
 */
export function afterJoining(memory: HardenedMemory, published: boolean): HardenedMemory {
  const after = afterActing(memory, published);
  if (published) return { ...after, joinsToSkip: 0, joinsFailed: 0 };
  const joinsFailed = Math.min(JOINS_BEFORE_BACKING_OFF, memory.joinsFailed + 1);
  const backsOff = after.holdDownWakes > 0 && joinsFailed === JOINS_BEFORE_BACKING_OFF;
  return { ...after, joinsToSkip: backsOff ? JOIN_EVERY - 1 : 0, joinsFailed };
}

/** RTC memory after a turn at which the node did not join: as after a join that failed. */
export const afterSkippedJoin = (memory: HardenedMemory): HardenedMemory => ({
  ...afterActing(memory, false),
  joinsToSkip: memory.joinsToSkip - 1,
});
