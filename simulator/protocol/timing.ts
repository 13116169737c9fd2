/**
 * Every time and limit of the protocols, for nodes, checker, swarm and commands. Sleeps and wakes are in seconds,
 * limits in wakes. The cloud's functions cannot import this file; `test/gates/timing.test.ts` compares their copies
 * with it.
 *
 * The inequalities that the promises depend on are asserted when this file is loaded; each has its reason beside it.
 */

/** What the hardened protocol assumes of sleeps and wakes. */
export interface Timing {
  /** Sleep between two wakes, as configured. */
  readonly periodS: number;
  /** S: sleep of a node that has claimed and may not act yet. */
  readonly settleS: number;
  /** W: longest that a node is awake; its watchdog resets it then. */
  readonly awakeS: number;
  /** Largest relative error of a sleep, too long or too short, from 0 to 1. */
  readonly driftShare: number;
}

/** Sleep between two wakes where a cluster's configuration does not say otherwise: 15 minutes. */
export const PERIOD_S = 900;
/** Settle sleep: twice the longest wake. */
export const SETTLE_S = 120;
/** Hardware watchdog of a node with the hardened protocol. The published one has none. */
export const WATCHDOG_S = 60;
/** Error of a sleep timer: the ESP32's internal RC oscillator, calibrated at boot (docs/FACTS.md: 0.5 to 5 %). */
export const DRIFT_SHARE = 0.05;

/** Two strikes: a node that has not moved at this many looks in a row is held to be dead. */
export const MISSES = 2;
/**
 * A node held to be dead is a member again once it was seen to move this often, without `MISSES` misses in a row
 * between.
 */
export const MOVES = 2;
/** A node that could not publish at this many of its turns in a row steps down if another node is alive. */
export const FAILURES = 2;
/** Of two boards with one number one rests when it has found the other's record at so many wakes in a row. */
export const CONTESTS = 2;
/** A board that rests begins anew when its number's record has not moved at so many looks in a row. */
export const QUIET_LOOKS = 3;
/** A transfer on the bus is tried so often within a wake: once, and twice more where it fails and may yet work. */
export const TRANSFER_TRIES = 3;
/** A node that starts cold so often, without a reading or a full sleep between, is held down as after two failures. */
export const COLD_STARTS = 2;
/** Such a node joins the network at every so many of its turns, as long as no other node is able. */
export const JOIN_EVERY = 4;
/** That begins after so many joins that failed in a row: four turns of two. Joins that fail now and then are no outage. */
export const JOINS_BEFORE_BACKING_OFF = 8;
/** Wakes for which such a node leaves the role to any node that is able: a day of sleeps of 15 minutes. */
export const HOLD_DOWN_WAKES = 96;
/** Automatic re-admissions of one node; after them a person has to do it. */
export const READMISSIONS = 3;
/** Wakes without a re-admission after which the earlier ones are forgotten: a week of sleeps of 15 minutes. */
export const READMISSIONS_FORGET_WAKES = 672;

/** The timing of a cluster with the default sleep. */
export const TIMING: Timing = {
  periodS: PERIOD_S,
  settleS: SETTLE_S,
  awakeS: WATCHDOG_S,
  driftShare: DRIFT_SHARE,
};

/** By inequality: whether a timing satisfies it. */
const INEQUALITIES: Readonly<Record<string, (timing: Timing) => boolean>> = {
  // Else two act at once: who acted on an older claim may still be awake when the new claimant's settle sleep is over.
  "a settle sleep, however short the timer makes it, is longer than a wake": (t) =>
    t.settleS * (1 - t.driftShare) > t.awakeS,
  // The checker assumes it of punctual wakes: a settle sleep is over before a full one that begins after it.
  "a settle sleep and a wake are over before any full sleep": (t) =>
    t.settleS * (1 + t.driftShare) + t.awakeS < t.periodS * (1 - t.driftShare),
  // Else a node that is well is expelled by a peer whose timer is fast.
  "a slow node wakes at least once in as many fast sleeps as it takes to expel it": (t) =>
    MISSES * t.periodS * (1 - t.driftShare) > t.periodS * (1 + t.driftShare) + t.awakeS,
  // The same where a fast watcher counts by the peer's own, longer period.
  "a node wakes at least once in as many of its periods as it takes to expel it, counted by a fast timer": (
    t,
  ) =>
    MISSES * t.periodS * (1 - 2 * t.driftShare) * (1 - t.driftShare) >
    t.periodS * (1 + t.driftShare) + t.awakeS,
  // Else a node that could not publish claims again before another one has had its turn.
  "a hold-down outlasts a takeover of four wakes": () => HOLD_DOWN_WAKES > 4,
};

/** The inequalities that `timing` breaks, as sentences; empty: the promises hold for it. */
export const brokenInequalities = (timing: Timing): string[] =>
  Object.entries(INEQUALITIES)
    .filter(([, holds]) => !holds(timing))
    .map(([text]) => text);

/** Asserts every inequality. @throws Error naming the timing and the first inequality that it breaks */
export function assertTiming(timing: Timing): void {
  const [broken] = brokenInequalities(timing);
  if (broken !== undefined)
    throw new Error(`timing ${JSON.stringify(timing)} does not satisfy: ${broken}; see protocol/timing.ts`);
}

assertTiming(TIMING);
