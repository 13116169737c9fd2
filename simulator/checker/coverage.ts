/** What a search has met. A law or fault that it never met it proves nothing about. */
import { Occasions } from "../protocol/laws.ts";
import type { FaultClass } from "./fault-classes.ts";

/** The occasions of laws, and the faults that made a difference, in a search so far. */
export class Coverage {
  readonly laws = new Occasions();
  readonly #faults = new Set<FaultClass>();

  /** Notes a fault that made a difference: it came, or, if it lasts, a node's operation failed because of it. */
  noteFault(fault: FaultClass): void {
    this.#faults.add(fault);
  }

  /** Those of `asked` that never made a difference. */
  faultsMissing(asked: readonly FaultClass[]): FaultClass[] {
    return asked.filter((fault) => !this.#faults.has(fault));
  }
}

/** Faults that last. They count as met only when an operation fails because of them. */
export const LASTING: ReadonlySet<FaultClass> = new Set([
  "eeprom-dislodged",
  "write-protected",
  "worn-page",
  "wifi-outage",
  "wire-cut",
]);
