/** How large searches are expected to be: the largest begin first, and the time left is estimated by it. */
import type { Check } from "../../checker/checks.ts";
import type { FaultClass } from "../../checker/fault-classes.ts";

/** Thousands of states of each class with two chips and a reset; docs/failure-matrix.md has the exact numbers. */
const THOUSANDS: Readonly<Partial<Record<FaultClass, number>>> = {
  "worn-page": 2_300,
  "eeprom-dislodged": 1_800,
  "write-protected": 1_500,
  "wire-cut": 900,
  "stale-memory": 900,
  "wifi-outage": 600,
  "watchdog-reset": 500,
  "eeprom-resets": 400,
};
/** Of any other class. */
const FEW = 300;
/** Of a check without a fault. */
const NO_FAULT = 25;
/** A search without a reset has about so many times fewer states. */
const BY_RESET = 6;
/** A search with a witness chip has about so many times more. */
const BY_WITNESS = 4;

/** Expected number of states of a check, in thousands. @param statesMax at which each search is given up */
export function expectedThousands({ faults, budget, crashes, witness }: Check, statesMax: number): number {
  if (budget > 1) return statesMax / 1_000;
  const classes = faults.reduce((sum, fault) => sum + (THOUSANDS[fault] ?? FEW), 0);
  const states = ((classes || NO_FAULT) * (witness ? BY_WITNESS : 1)) / (crashes > 0 ? 1 : BY_RESET);
  return Math.min(states, statesMax / 1_000);
}

/** Tells how long searches will still take, by the states that are left. */
export class TimeLeft {
  readonly #expected: ReadonlyMap<Check, number>;
  /** States that each check has come to, in thousands; a check that is done has come to what was expected. */
  readonly #reached = new Map<Check, number>();

  constructor(checks: readonly Check[], statesMax: number) {
    this.#expected = new Map(checks.map((check) => [check, expectedThousands(check, statesMax)]));
  }

  /** A check has come to so many states. */
  reached(check: Check, states: number): void {
    this.#reached.set(check, Math.min(states / 1_000, 0.95 * this.#of(check)));
  }

  /** A check is done. */
  done(check: Check): void {
    this.#reached.set(check, this.#of(check));
  }

  /** Seconds that are left; undefined: too little is known yet. @param elapsedS since the first search began */
  seconds(elapsedS: number): number | undefined {
    const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
    const reached = sum(this.#reached.values());
    return reached === 0 ? undefined : (elapsedS * (sum(this.#expected.values()) - reached)) / reached;
  }

  #of(check: Check): number {
    return this.#expected.get(check) ?? 0;
  }
}
