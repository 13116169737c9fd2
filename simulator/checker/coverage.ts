/** What a search has met: `sometimes` beside every `always`. A search that never met it proves nothing of it. */
import { Occasions } from "../protocol/laws.ts";
import type { FaultClass } from "./fault-classes.ts";

/** The occasions of laws, and the faults, that a search has met so far. */
export class Coverage {
  readonly laws = new Occasions();
  readonly #faults = new Set<FaultClass>();

  /** A fault made a difference: it came, or, where it lasts, a node's operation failed because of it. */
  noteFault(fault: FaultClass): void {
    this.#faults.add(fault);
  }

  /** Those of `asked` that never made a difference. */
  faultsMissing(asked: readonly FaultClass[]): FaultClass[] {
    return asked.filter((fault) => !this.#faults.has(fault));
  }
}

/** Faults that last. One that no operation meets is not counted as met. */
export const LASTING: ReadonlySet<FaultClass> = new Set([
  "eeprom-dislodged",
  "write-protected",
  "worn-page",
  "wifi-outage",
  "wire-cut",
]);
