/** The laws that a swarm of many runs has never put to the test. */
import { LAW_NAMES, type Law } from "../protocol/laws.ts";

/**
 * Number of runs from which on each law must have had its occasion. The rarest occasion comes in one run of 13; that
 * none of 128 runs has it happens by chance in one swarm of 30,000.
 */
export const RUNS_FOR_OCCASIONS = 128;

/**
 * The laws without an occasion; empty where there were too few runs to tell.
 * @param met laws that had their occasion in one of the runs
 */
export const untestedLaws = (runs: number, met: readonly Law[]): Law[] =>
  runs < RUNS_FOR_OCCASIONS ? [] : LAW_NAMES.filter((law) => !met.includes(law));
