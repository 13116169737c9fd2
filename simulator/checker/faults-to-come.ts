/** What the faults that are left in a state can still do, as far as the canonical form depends on it. */
import type { Cluster } from "./cluster.ts";
import type { FaultClass } from "./fault-classes.ts";

/** Faults that damage a page: while one may come, it matters what both pages of a node hold. */
const DAMAGE: readonly FaultClass[] = [
  "torn-write",
  "eeprom-resets",
  "page-rot",
  "worn-page",
  "eeprom-noise",
];
/** Faults after which a node boots, or wakes with an older memory. */
const RESETS: readonly FaultClass[] = ["torn-write", "power-cut", "watchdog-reset", "stale-memory"];
/** Faults that take no record from a chip that answers, and keep no wake from reading one. */
const HARMLESS: readonly FaultClass[] = [
  "write-protected",
  "write-error",
  "slow-write-cycle",
  "node-dies",
  "power-cut",
  "watchdog-reset",
  "freeze",
  "wifi-outage",
  "early-wake",
  "stall",
];

/** Faults that make a read fail. */
const FAILED_READS: readonly FaultClass[] = ["eeprom-dislodged", "read-error", "wire-cut"];

/** What can still go wrong after a state. */
export interface ToCome {
  /** A page may be damaged. */
  readonly damage: boolean;
  /** A node may wake with the memory of an earlier sleep. */
  readonly stale: boolean;
  /** A read may fail. */
  readonly failedReads: boolean;
  /** A node may be reset. */
  readonly resets: boolean;
  /** On how many chips, at most, records may still be lost to a reader; Infinity: on all. */
  readonly harm: number;
}

/** Derives what can still go wrong from the faults that are left in a state, and remembers it. */
export class FaultsToCome {
  readonly #cluster: Cluster;
  /** By the value of `layout.faultsLeft`. */
  readonly #known: ToCome[] = [];

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** What can still go wrong. @param faultsLeft a state's `layout.faultsLeft` */
  of(faultsLeft: number): ToCome {
    this.#known[faultsLeft] ??= this.#toCome(faultsLeft);
    return this.#known[faultsLeft];
  }

  #toCome(faultsLeft: number): ToCome {
    const faults = this.#cluster.faultsToCome(faultsLeft);
    return {
      damage: faults.some((fault) => DAMAGE.includes(fault)),
      stale: faults.includes("stale-memory"),
      failedReads: faults.some((fault) => FAILED_READS.includes(fault)),
      resets: faults.some((fault) => RESETS.includes(fault)),
      harm: this.#harm(
        faultsLeft,
        faults.filter((fault) => !HARMLESS.includes(fault)),
      ),
    };
  }

  #harm(faultsLeft: number, harmful: readonly FaultClass[]): number {
    if (harmful.includes("wire-cut")) return Number.POSITIVE_INFINITY;
    if (this.#cluster.options.onceEach === true) return harmful.length;
    return harmful.length === 0 ? 0 : faultsLeft;
  }
}
