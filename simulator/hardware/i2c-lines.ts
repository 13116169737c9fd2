/**
 * What keeps SDA and SCL from rising, other than the chips: missing pull-ups, a node without power, something that
 * holds a line low (FACTS.md, "I²C"; UM10204, section 3.1.16 "Bus clear").
 *
 * Not modelled: rise times and line capacitance, a node without power that runs on what comes in through its protection
 * diodes, voltages.
 */
import type { Instant } from "../engine/time.ts";

/**
 * Where the pull-ups are:
 * - `external`: resistors of about 4.7 kΩ to a supply of their own; a node without power does no harm.
 * - `internal`: only the weak ones (about 45 kΩ) inside the powered nodes; a node without power pulls the lines down.
 * - `missing`: nothing lifts the lines.
 */
export type PullUps = "external" | "internal" | "missing";

/** How lines without pull-up look to a master: `stuck`, both low; `no-ack`, moving so little that no chip answers. */
export type Unlifted = "stuck" | "no-ack";

/** The two wires of the bus: data and clock. */
export type Line = "sda" | "scl";

/** What a master finds. `no-ack`: no chip understands what is on the lines. A stuck SCL hides a stuck SDA. */
export type LineCondition = "clear" | "no-ack" | "sda-stuck" | "scl-stuck";

/**
 * Pull-ups, nodes without power and shorts, and the condition of the lines that follows. `I2cBus` decides what that
 * does to a transfer.
 */
export class I2cLines {
  #pullUps: PullUps = "external";
  #withoutPullUps: Unlifted = "stuck";
  readonly #unpowered = new Map<string, Unlifted>();
  readonly #low: Readonly<Record<Line, Set<string>>> = { sda: new Set(), scl: new Set() };
  readonly #changed: (at: Instant) => void;

  /** @param changed called after each change, with its instant */
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

  /** Takes the power of node `node`: with internal pull-ups it clamps the lines ("stuck") or loads them ("no-ack"). */
  unpower(at: Instant, node: string, effect: Unlifted): void {
    this.#unpowered.set(node, effect);
    this.#changed(at);
  }

  /** Gives node `node` its power back. */
  power(at: Instant, node: string): void {
    this.#unpowered.delete(node);
    this.#changed(at);
  }

  /** Lets `by` hold a line low: a short, a hung node, a broken chip. Clocks do not end it. */
  pullLow(at: Instant, line: Line, by: string): void {
    this.#low[line].add(by);
    this.#changed(at);
  }

  /** Lets `by` let go of a line. It stays low while another holds it. */
  letGo(at: Instant, line: Line, by: string): void {
    this.#low[line].delete(by);
    this.#changed(at);
  }

  /** The condition of the lines at present. */
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
