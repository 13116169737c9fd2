import type { ClusterSetup } from "../../../simulator/scenario/scenario.ts";

/** Two nodes on blank chips and all that is usual, unless said otherwise. */
export const clusterSetup = (changes: Partial<ClusterSetup> = {}): ClusterSetup => ({
  nodes: 2,
  start: "blank",
  counters: undefined,
  eepromPower: "shared",
  witness: false,
  pullUps: "external",
  unpowered: "stuck",
  watchdog: undefined,
  readmission: undefined,
  drift: undefined,
  charge: undefined,
  ...changes,
});
