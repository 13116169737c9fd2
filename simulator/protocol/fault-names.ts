/**
 * What the two lists of faults share: the checker's classes (`checker/fault-classes.ts`) and the scenarios' kinds
 * (`scenario/faults.ts`). A fault that is in both has one name, which `test/gates/fault-names.test.ts` checks.
 */

/** By old name: the name that a class of the checker has now, which is that of the scenarios' kind. */
const RENAMED: Readonly<Record<string, string>> = {
  "chip-lost": "eeprom-dislodged",
  "chip-replaced": "eeprom-blank",
  "chip-noise": "eeprom-noise",
  "chip-resets": "eeprom-resets",
  "page-worn": "worn-page",
  "write-unconfirmed": "slow-write-cycle",
  offline: "wifi-outage",
  "overlong-wake": "stall",
};

/**
 * Classes of the checker that are no kind of their own in a scenario, and what stands for each there. The checker has
 * no time, so that each fault at a particular moment, or of a particular length, is a class. A scenario's step has a
 * moment, a length (`for:`) and parameters, which make each of these a case of a kind that exists.
 */
export const PLAYED_AS: Readonly<Record<string, string>> = {
  // A power cut at a moment. `power-cut` tears only a chip that loses its power as well, and with random bytes.
  "torn-write": "`eeprom-dislodged` and `power-cut` in a write cycle",
  // A chip that is away for a moment, which falls into its write cycle.
  "eeprom-resets": "`eeprom-dislodged` in a write cycle, for half a second",
  // On the bus a read that fails is a chip that does not answer: here for as long as one read takes.
  "read-error": "`eeprom-dislodged` for one read",
  // The same for as long as one page write takes, so that nothing is written.
  "write-error": "`eeprom-dislodged` for one page write",
  // A node without power that never gets it back.
  "node-dies": "`power-cut` without `for:`",
  // The cause of a reset is a parameter: scenarios have resets of other causes as well.
  "watchdog-reset": "`reset` with `cause: watchdog`",
};

/** The present name of a fault, by an old one; undefined: no fault was ever called that. */
export const renamedFault = (old: string): string | undefined =>
  Object.hasOwn(RENAMED, old) ? RENAMED[old] : undefined;

/** Every old name of a fault, each with the present one. */
export const RENAMED_FAULTS: readonly (readonly [old: string, now: string])[] = Object.entries(RENAMED);
