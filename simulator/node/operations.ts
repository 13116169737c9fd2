/** The operations of a node, by which a fault can be timed. */
import { after, type Instant, type Micros } from "../engine/time.ts";
import type { EepromDriver } from "../hardware/eeprom-driver.ts";
import type { Transfer } from "../hardware/i2c-bus.ts";

/** The operations of a wake; `wake` is the end of a boot. */
export const OPERATIONS = [
  "wake",
  "raise-busy",
  "read",
  "page-write",
  "connect",
  "report",
  "publish-reading",
] as const;
/** One of `OPERATIONS`: what a scenario's `on:` can name. */
export type Operation = (typeof OPERATIONS)[number];

/**
 * A moment of an operation:
 * - `before`, `after`: when it begins, or when it is over.
 * - `byte`: in the middle of data byte `byte` of a read or a page write, counted from 1.
 * - `write-cycle`: the time `into` after the STOP of a page write, which begins tWR.
 */
export type OperationPoint =
  | { readonly kind: "before" | "after" }
  | { readonly kind: "byte"; readonly byte: number }
  | { readonly kind: "write-cycle"; readonly into: Micros };

/** A moment of the `count`-th such operation from now on, counted from 1. */
export interface OperationMark {
  readonly operation: Operation;
  readonly count: number;
  readonly point: OperationPoint;
}

interface Armed {
  readonly mark: OperationMark;
  readonly fire: (at: Instant) => void;
  seen: number;
}

/** The marks that are set on one node; each fires once. */
export class OperationWatch {
  readonly #driver: EepromDriver;
  #armed: Armed[] = [];

  constructor(driver: EepromDriver) {
    this.#driver = driver;
  }

  /** Sets a mark. @param fire called with the instant of the mark, at that instant or before it */
  arm(mark: OperationMark, fire: (at: Instant) => void): void {
    this.#armed.push({ mark, fire, seen: 0 });
    this.#driver.watch = (kind, started, transfer) => this.#transfer(kind, started, transfer);
  }

  /** Whether no mark is set. */
  get idle(): boolean {
    return this.#armed.length === 0;
  }

  /**
   * Fires the marks at that moment.
   * @returns true: there was one, and the node lets other events of this instant come first
   */
  meets(operation: Operation, point: "before" | "after", at: Instant): boolean {
    if (this.#armed.length === 0) return false;
    return this.#fire(operation, (mark) => (mark.point.kind === point ? at : undefined));
  }

  #transfer(kind: "read" | "page-write", started: Instant, transfer: Transfer): void {
    // Where no chip answers there are no data bytes and no write cycle.
    if (!transfer.ok) return;
    this.#fire(kind, ({ point }) => {
      if (point.kind === "write-cycle") return after(after(started, transfer.took), point.into);
      if (point.kind !== "byte") return undefined;
      const middle = this.#driver.middleOfByte(kind, point.byte);
      return middle < transfer.took ? after(started, middle) : undefined;
    });
  }

  #fire(operation: Operation, when: (mark: OperationMark) => Instant | undefined): boolean {
    const met: Armed[] = [];
    for (const armed of this.#armed) {
      const at = armed.mark.operation === operation ? when(armed.mark) : undefined;
      if (at === undefined) continue;
      armed.seen += 1;
      if (armed.seen < armed.mark.count) continue;
      met.push(armed);
      armed.fire(at);
    }
    if (met.length === 0) return false;
    this.#armed = this.#armed.filter((armed) => !met.includes(armed));
    if (this.#armed.length === 0) this.#driver.watch = undefined;
    return true;
  }
}
