/** What the faults that are left in a state may still do, as far as its canonical form depends on it. */
import type { Cluster } from "./cluster.ts";
import type { FaultClass } from "./fault-classes.ts";

/** While one of these may come, both pages of a node count. */
const DAMAGE: readonly FaultClass[] = ["torn-write", "eeprom-resets", "page-rot", "worn-page"];
/** A node boots after one of these, or wakes as if it had never run. */
const RESETS: readonly FaultClass[] = ["torn-write", "power-cut", "watchdog-reset", "stale-memory"];
/** After none of these can a chip that answers come to hold less, or a wake to read less of it. */
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

/** What can still go wrong from a state on. */
export interface ToCome {
  /** A page may be damaged. */
  readonly damage: boolean;
  /** A node may be reset. */
  readonly resets: boolean;
  /** How many chips a reader may lose what it would have read of them; Infinity: all. */
  readonly harm: number;
}

/** Tells by the faults that are left in a state what can still go wrong. */
export class FaultsToCome {
  readonly #cluster: Cluster;
  /** By what `layout.faultsLeft` holds. */
  readonly #known: ToCome[] = [];

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** @param faultsLeft as a state has it in `layout.faultsLeft` */
  of(faultsLeft: number): ToCome {
    this.#known[faultsLeft] ??= this.#toCome(faultsLeft);
    return this.#known[faultsLeft];
  }

  #toCome(faultsLeft: number): ToCome {
    const faults = this.#cluster.faultsToCome(faultsLeft);
    return {
      damage: faults.some((fault) => DAMAGE.includes(fault)),
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
