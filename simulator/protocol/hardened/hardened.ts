/** The hardened protocol behind the interface that simulator, commands and checker run. */
import type { Protocol } from "../protocol.ts";
import { WATCHDOG_S } from "../timing.ts";
import { COLD, type HardenedMemory } from "./memory.ts";
import { areaBytes, clusterTag, formatRecord, recordAddress } from "./record.ts";
import { hardenedResetNode, hardenedWake } from "./wake.ts";

/** A record's masks of nodes have eight bits. */
const HARDENED_NODES_MAX = 8;

/** The hardened protocol, for clusters of 2 to 8 nodes, with or without a witness chip. */
export const HARDENED: Protocol<HardenedMemory> = {
  name: "hardened",
  nodesMax: HARDENED_NODES_MAX,
  seesSetup: true,
  watchdogS: WATCHDOG_S,
  cold: COLD,
  wake: hardenedWake,
  resetNode: hardenedResetNode,
  runningChip({ nodes, cluster }, counters) {
    const bytes = new Uint8Array(areaBytes(nodes)).fill(0xff);
    for (let node = 0; node < nodes; node++) {
      const gen = counters[node] ?? 1;
      const record = {
        node,
        boot: 0,
        gen,
        term: 1,
        claims: node === 0,
        failing: false,
        lastClaimant: node === 0,
        dead: 0,
        reportedDead: 0,
        admit: 0,
      };
      bytes.set(formatRecord(record, clusterTag(cluster)), recordAddress(node, gen));
    }
    return bytes;
  },
};
