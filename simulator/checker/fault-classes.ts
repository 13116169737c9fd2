/**
 * The classes of faults that the checker injects, each at every point where it can happen. Each fault takes one of the
 * budget.
 */
export const FAULT_CLASSES = {
  "eeprom-dislodged": "a chip stops answering, for good or until it is back with what it held",
  "eeprom-blank": "a chip is replaced by a blank one",
  "eeprom-noise": "a chip holds noise",
  "write-protected": "a chip's WP goes high: writes are ACKed and lost",
  "page-rot": "a page of a chip is damaged",
  "worn-page": "a page of a chip is damaged, and keeps nothing from then on",
  "torn-write": "power goes during a page write: the node resets, and the bytes written to are undefined",
  "eeprom-resets":
    "a chip alone loses power for a moment during a page write: the page is undefined, and the write seems to have failed",
  "read-error": "one read fails",
  "write-error": "one write fails, and nothing is written",
  "slow-write-cycle": "one write is done, and seems to have failed",
  "node-dies": "a node never wakes again",
  "power-cut": "a node is without power until it is repaired",
  "watchdog-reset": "a node hangs amid its wake, and its watchdog resets it",
  freeze: "a node stops amid its wake with its pins as they are, and its watchdog does not come",
  "wifi-outage": "a node has no network from then on, or until it has one again",
  "wire-cut": "a node and its chip are cut off from the others, for good or until it is mended",
  "early-wake": "a settle sleep ends before another node is done, once",
  stall: "a node is awake for longer than a settle sleep lasts, once",
  "stale-memory": "a node is reset and wakes as from deep sleep, with what it remembered before",
} as const;
/** Name of a class of faults, as in `npm run verify -- --only`. */
export type FaultClass = keyof typeof FAULT_CLASSES;
/** All classes, in the order of `FAULT_CLASSES`. */
export const FAULT_CLASS_NAMES = Object.keys(FAULT_CLASSES) as FaultClass[];

/** Faults of one chip. With at most one of them, every node still reads a chip that all others can write. */
export const CHIP_FAULTS: readonly FaultClass[] = [
  "eeprom-dislodged",
  "eeprom-blank",
  "eeprom-noise",
  "write-protected",
  "page-rot",
  "worn-page",
  "eeprom-resets",
  "read-error",
  "write-error",
  "slow-write-cycle",
];

/**
 * Classes that are searched together, with one fault of any class of a group: much of what follows is the same for all
 * of them. A class that may be outside the promises, of the timing or the wires, is a group by itself.
 */
export const FAULT_GROUPS: readonly (readonly FaultClass[])[] = [
  ["worn-page"],
  ["page-rot", "torn-write", "eeprom-resets", "eeprom-noise"],
  [
    "eeprom-dislodged",
    "eeprom-blank",
    "write-protected",
    "read-error",
    "write-error",
    "slow-write-cycle",
    "node-dies",
    "power-cut",
    "watchdog-reset",
    "freeze",
  ],
  // A node acts again later: joins back off.
  ["wifi-outage"],
  ["stale-memory"],
  ["wire-cut"],
  ["early-wake"],
  ["stall"],
];
