/**
 * What is common to the two lists of faults: the checker's classes (`checker/fault-classes.ts`) and the kinds of the
 * scenarios (`scenario/faults.ts`). What is the same has one name in both. `test/gates/fault-names.test.ts` holds them to it.
 */

/** Names that classes of the checker had before they got those of the scenarios' kinds: old to new. */
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

/** Classes of the checker that are no kind of their own in a scenario, and what stands for each there. */
export const PLAYED_AS: Readonly<Record<string, string>> = {
  "torn-write": "`eeprom-dislodged` and `power-cut` in a write cycle",
  "eeprom-resets": "`eeprom-dislodged` in a write cycle, for half a second",
  "read-error": "`eeprom-dislodged` for one read",
  "write-error": "`eeprom-dislodged` for one page write",
  "node-dies": "`power-cut` without `for:`",
  "watchdog-reset": "`reset` with `cause: watchdog`",
};

/** The name that a fault has now, by one that it had; undefined: it never had that one. */
export const renamedFault = (old: string): string | undefined =>
  Object.hasOwn(RENAMED, old) ? RENAMED[old] : undefined;

/** Every name that a fault has had, and the one that it has now. */
export const RENAMED_FAULTS: readonly (readonly [old: string, now: string])[] = Object.entries(RENAMED);
