/** `sometimes` beside `always`: laws that a swarm of many runs has never put to the test. */
import { LAW_NAMES, type Law } from "../protocol/laws.ts";

/**
 * From so many runs on, each law must have had its occasion. The rarest has it in one run of thirteen: that none of so many
 * has it happens by chance in one swarm of thirty thousand.
 */
export const RUNS_FOR_OCCASIONS = 128;

/**
 * @param met laws that had their occasion in one of the runs
 * @returns the others; none where there were too few runs to tell
 */
export const untestedLaws = (runs: number, met: readonly Law[]): Law[] =>
  runs < RUNS_FOR_OCCASIONS ? [] : LAW_NAMES.filter((law) => !met.includes(law));
