/** Where the checker notices each mutant: the smallest check that does, and what it says. */
import type { Check } from "../../../../simulator/checker/checks.ts";
import type { FaultClass } from "../../../../simulator/checker/fault-classes.ts";
import type { Transition } from "../../../../simulator/checker/transition.ts";
import { checkOf as late } from "../support/check.ts";
import type { MUTANTS } from "./mutants.ts";

export interface Catch {
  readonly by: Check;
  readonly says: RegExp;
  /** The first steps from the start, where a search of all others would take too long. */
  readonly lead?: readonly Transition[];
}

const AT_ONCE = /^nodes \d and \d act at once$/;
const OLD_TERM = /^node \d acts under term \d+ after node \d did under \d+$/;
/** In whichever order they wake. */
const NOBODY = /^nobody acts within (?:8|14) rounds of wakes(?:, .+)?$/;
const EXPELLED = /^node \d expels node \d, which is well$/;

/** Wakes come as they should, and nobody who is well may be expelled. */
const punctual = (faults: readonly FaultClass[]): Check =>
  late(faults, { punctual: true, bookkeeping: true });
/** Two faults. */
const pair = (faults: readonly FaultClass[]): Check => late(faults, { budget: 2, punctual: true });
/** Whoever reads after it has written, or takes damage for records, can tell apart states of one canonical form. */
const NO_SYMMETRY = { noSymmetry: true } as const;
/** From a cluster with a takeover behind it. */
const RUNNING: Partial<Check> = { starts: ["running"] };

const reads = (node: number): readonly Transition[] => [
  { kind: "reads", node, chip: 0, woken: "deep-sleep" },
  { kind: "reads", node, chip: 1 },
];
/**
 * Node 0, whose peer comes late, claims the role on chip 0 alone, and is reset; that chip is away while the peer starts
 * again and claims the role under the same term. One reset is not enough: a node that had no full sleep since its first
 * start steps down (`COLD_STARTS`), and one that goes on under its claim takes no other.
 */
const CLAIM_ON_ONE_CHIP: readonly Transition[] = [
  ...reads(0),
  { kind: "writes", node: 0, chip: 0 },
  { kind: "writes", node: 0, chip: 1, leadsTo: "period" },
  ...reads(0),
  { kind: "writes", node: 0, chip: 0 },
  { kind: "crash", node: 0, pageWritten: false },
  { kind: "eeprom-dislodged", chip: 0 },
  { kind: "crash", node: 1, pageWritten: false },
];

export const CAUGHT: Readonly<Record<keyof typeof MUTANTS, Catch>> = {
  actsWithoutSettle: { by: late([], NO_SYMMETRY), says: AT_ONCE },
  actsWithoutEcho: { by: pair(["write-protected", "read-error"]), says: AT_ONCE },
  actsOnSuperset: { by: pair(["eeprom-dislodged"]), says: AT_ONCE },
  missesAfterSettle: { by: punctual(["read-error"]), says: EXPELLED },
  oneStrike: { by: punctual([]), says: EXPELLED },
  missesAddUp: { by: punctual([]), says: EXPELLED },
  winsEveryTie: { by: late([]), says: AT_ONCE },
  holdsSharedClaim: { by: pair(["watchdog-reset"]), says: OLD_TERM },
  ignoresCrc: { by: late(["page-rot"], { ...NO_SYMMETRY, ...RUNNING }), says: AT_ONCE },
  overlooksDamage: {
    by: late(["page-rot"], { budget: 2, ...RUNNING, unasked: ["terms-only-rise", "somebody-acts-again"] }),
    says: AT_ONCE,
  },
  blankIsDead: { by: punctual([]), says: EXPELLED },
  goesOnAfterReset: { by: late([], { crashes: 1 }), says: OLD_TERM },
  holdsOldClaim: {
    by: late(["eeprom-dislodged"], { crashes: 2, ...RUNNING }),
    lead: CLAIM_ON_ONE_CHIP,
    says: OLD_TERM,
  },
  termNotRaised: { by: late(["node-dies"]), says: NOBODY },
  termNotRemembered: { by: pair(["eeprom-blank"]), says: OLD_TERM },
  claimNeverDropped: { by: late(["wifi-outage"]), says: NOBODY },
  writesNotVerified: { by: late(["write-protected"]), says: NOBODY },
  failedReadIsMiss: { by: punctual(["read-error"]), says: EXPELLED },
  writesOwnChipOnly: { by: punctual(["write-error"]), says: EXPELLED },
  deadNeverTakesOver: { by: late(["node-dies"], { bookkeeping: true }), says: NOBODY },
  silentStandby: { by: punctual([]), says: EXPELLED },
  neverTakesTurns: {
    by: late(["wifi-outage", "watchdog-reset"], { budget: 2, onceEach: true }),
    says: NOBODY,
  },
  claimsTheNextTurn: {
    by: late(["wifi-outage"]),
    says: /^nobody acts within 14 rounds of wakes, all at once/,
  },
  backsOffForGood: { by: late(["wifi-outage"]), says: NOBODY },
  neverStandsDown: { by: late(["wifi-outage"]), says: NOBODY },
  writesWhatItRead: { by: pair(["eeprom-dislodged"]), says: AT_ONCE },
  readsOneChip: { by: late(["write-protected"]), says: NOBODY },
  neverTakesOver: { by: late(["node-dies"]), says: NOBODY },
};
