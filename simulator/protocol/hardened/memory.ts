/** What a node of the hardened protocol keeps in RTC memory, and what a reset and an act make of it. */
import type { Start } from "../protocol.ts";
import { FAILURES, HOLD_DOWN_WAKES } from "../timing.ts";

/** Kept in RTC memory: over deep sleep, not over any other reset. Sets of nodes and of chips are bit masks. */
export interface HardenedMemory {
  /** Of the last record written. */
  readonly gen: number;
  /** Highest term seen. */
  readonly term: number;
  /** U: the chips that took the last write of the own claim; 0 where there is none to count on. */
  readonly claimAcks: number;
  /** By node: (boot, gen) as last seen; undefined while there was none to see. */
  readonly seen: readonly (readonly [boot: number, gen: number] | undefined)[];
  /** By node: wakes after a full period at which it had not moved, in a row. */
  readonly misses: readonly number[];
  /** By node: how often it was seen to move in a row, while it is held to be dead. */
  readonly moves: readonly number[];
  /** By node: automatic re-admissions, forgotten after a while without any. */
  readonly flaps: readonly number[];
  /** Wakes since the last automatic re-admission. */
  readonly wakesSinceReadmission: number;
  /** The last sleep was a full period: only then a node that has not moved counts as missed. */
  readonly slept: "cold" | "period" | "settle";
  /** Wakes in a row at which this node, with a claim, could not publish its reading, or could not get as far as acting. */
  readonly failures: number;
  /** Wakes until this node may claim again although another node is able; 0: it may. */
  readonly holdDownWakes: number;
  /** From whom the role was taken; undefined: from nobody, or the cloud knows. */
  readonly tookOverFrom: number | undefined;
  /** That it was taken has been announced. */
  readonly announced: boolean;
  /**
   * Parity of the last gen that a chip answered for and did not keep: one of the two pages there may be worn, so the other
   * is written where there is a choice. Undefined: both are well.
   */
  readonly avoid: 0 | 1 | undefined;
  /** Nodes that the cloud holds to be dead, as reported since the last record was written; undefined: nothing new. */
  readonly reportedDead: number | undefined;
}

/** RTC memory after power-on. */
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
  tookOverFrom: undefined,
  announced: false,
  avoid: undefined,
  reportedDead: undefined,
};

/**
 * RTC memory after a reset. A node that its watchdog or a brown-out had to reset is held down: one that browns out as it
 * transmits would otherwise start over with its claim again and again, and look alive.
 */
export const afterReset = (cause: Start["cause"]): HardenedMemory =>
  cause === "watchdog" || cause === "brown-out" ? { ...COLD, holdDownWakes: HOLD_DOWN_WAKES } : COLD;

/** RTC memory after a wake that acted, or had waited to and could not. @param published the reading got its PUBACK */
export function afterActing(memory: HardenedMemory, published: boolean): HardenedMemory {
  if (published) return { ...memory, failures: 0, holdDownWakes: 0 };
  const failures = Math.min(FAILURES, memory.failures + 1);
  return failures < FAILURES
    ? { ...memory, failures }
    : { ...memory, failures, holdDownWakes: HOLD_DOWN_WAKES };
}
