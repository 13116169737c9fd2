/**
 * What keeps SDA and SCL from rising besides the chips: missing pull-ups, a node without power, something that holds a
 * line low (FACTS.md, "I²C"; UM10204, section 3.1.16 "Bus clear").
 *
 * Not modelled: rise times and line capacitance, a node without power that lives on what comes in through its protection
 * diodes, voltages.
 */
import type { Instant } from "../engine/time.ts";

/**
 * - `external`: resistors of about 4.7 kΩ to a supply of their own; a node without power does no harm.
 * - `internal`: only the weak ones (about 45 kΩ) inside the powered nodes; a node without power pulls the lines down.
 * - `missing`: nothing lifts the lines.
 */
export type PullUps = "external" | "internal" | "missing";

/** How lines that are not lifted look to a master: both low, or moving so little that no byte is acknowledged. */
export type Unlifted = "stuck" | "no-ack";

/** The two wires of the bus: data and clock. */
export type Line = "sda" | "scl";

/** `no-ack`: chips see nothing that they could understand. A stuck SCL hides a stuck SDA: without clock nobody looks. */
export type LineCondition = "clear" | "no-ack" | "sda-stuck" | "scl-stuck";

/**
 * What holds the lines low or keeps them from rising: pull-ups, nodes without power, shorts. It only says what
 * condition follows; transfers are the bus's.
 */
export class I2cLines {
  #pullUps: PullUps = "external";
  #withoutPullUps: Unlifted = "stuck";
  readonly #unpowered = new Map<string, Unlifted>();
  readonly #low: Readonly<Record<Line, Set<string>>> = { sda: new Set(), scl: new Set() };
  readonly #changed: (at: Instant) => void;

  /** @param changed is called after each change, with its instant. */
  constructor(changed: (at: Instant) => void) {
    this.#changed = changed;
  }

  /**
   * Fits or removes pull-ups. @default external
   * @param unlifted how the lines look to a master when `pullUps` is "missing".
   */
  setPullUps(at: Instant, pullUps: PullUps, unlifted: Unlifted = "stuck"): void {
    this.#pullUps = pullUps;
    this.#withoutPullUps = unlifted;
    this.#changed(at);
  }

  /** Node `node` is without power: it clamps the lines ("stuck") or feeds itself from them ("no-ack"). */
  unpower(at: Instant, node: string, effect: Unlifted): void {
    this.#unpowered.set(node, effect);
    this.#changed(at);
  }

  /** Node `node` has its power back. */
  power(at: Instant, node: string): void {
    this.#unpowered.delete(node);
    this.#changed(at);
  }

  /** `by` holds a line low: a short, a hung node, a broken chip. Clocks do not make it let go. */
  pullLow(at: Instant, line: Line, by: string): void {
    this.#low[line].add(by);
    this.#changed(at);
  }

  /** `by` lets go of a line. Another that holds it keeps it low. */
  letGo(at: Instant, line: Line, by: string): void {
    this.#low[line].delete(by);
    this.#changed(at);
  }

  /** What a master finds. */
  get condition(): LineCondition {
    const unlifted = this.#unlifted();
    if (this.#low.scl.size > 0 || unlifted === "stuck") return "scl-stuck";
    if (this.#low.sda.size > 0) return "sda-stuck";
    return unlifted === "no-ack" ? "no-ack" : "clear";
  }

  #unlifted(): Unlifted | undefined {
    if (this.#pullUps === "external") return undefined;
    if (this.#pullUps === "missing") return this.#withoutPullUps;
    const effects = [...this.#unpowered.values()];
    return effects.includes("stuck") ? "stuck" : effects[0];
  }
}
