/**
 * A node's power supply: the pack, the regulator, and a meter of what the node draws, by phase.
 *
 * Only `load`, `updateCharge` and `flat` update the pack's charge; the getters go by the last of these. A node changes its
 * load at every step of a wake, so that the last update is never long ago while it is awake.
 */
import { between, type Instant, START } from "../engine/time.ts";
import { NimhPack } from "../hardware/nimh-pack.ts";
import { inRegulation, runs } from "../hardware/regulator.ts";
import { PHASE, PHASES, type Phase } from "./loads.ts";

/**
 * A node's supply: integrates its loads over virtual time, and says whether the pack can carry a load.
 */
export class Supply {
  readonly pack: NimhPack;
  /** Coulombs by phase. */
  readonly #chargeC = new Float64Array(PHASES);
  #since: Instant;
  #ampere = 0;
  #phase: Phase = PHASE.off;

  /** @param at when `pack` is fitted; nothing is drawn from it until the first `load` */
  constructor(pack: NimhPack = new NimhPack(), at: Instant = START) {
    this.pack = pack;
    this.#since = at;
  }

  /**
   * Sets the load from `at` on: `ampere`, for `phase`. What was drawn until then is taken from the pack and accounted.
   * @throws RangeError when `at` lies before the last change, or the current is negative.
   */
  load(at: Instant, ampere: number, phase: Phase): void {
    this.updateCharge(at);
    if (!(ampere >= 0)) throw new RangeError(`a load of ${ampere} A: expected 0 or more`);
    this.#ampere = ampere;
    this.#phase = phase;
  }

  /** Takes from the pack what was drawn up to `at`; the load stays. @throws RangeError as `load` does. */
  updateCharge(at: Instant): void {
    if (at < this.#since)
      throw new RangeError(`the supply stands at ${this.#since} µs: it cannot go back to ${at}`);
    this.#chargeC[this.#phase]! += this.pack.draw(this.#ampere, between(this.#since, at));
    this.#since = at;
  }

  /** The present load, in amperes. */
  get ampere(): number {
    return this.#ampere;
  }

  /** The phase of the present load. */
  get phase(): Phase {
    return this.#phase;
  }

  /** Coulombs that the node has drawn since the pack was fitted, without self-discharge. */
  get drawnC(): number {
    let sum = 0;
    for (const charge of this.#chargeC) sum += charge;
    return sum;
  }

  /** Coulombs of `drawnC` in one phase. */
  chargeC(phase: Phase): number {
    return this.#chargeC[phase]!;
  }

  /** Whether the rail would stay above the brown-out level with `ampere` drawn. */
  canCarry(ampere: number): boolean {
    return !this.pack.empty && runs(this.pack.volts(ampere));
  }

  /** Whether the rail would stay at 3.3 V with `ampere` drawn. */
  inRegulation(ampere: number): boolean {
    return !this.pack.empty && inRegulation(this.pack.volts(ampere));
  }

  /** Open-circuit voltage of the pack in whole millivolts, as a reading's `battery_mv` has it. */
  millivolts(): number {
    return Math.round(this.pack.openCircuitV() * 1_000);
  }

  /** Whether at `at` the present load is more than the pack can carry. @throws RangeError as `load` does. */
  flat(at: Instant): boolean {
    this.updateCharge(at);
    return !this.canCarry(this.#ampere);
  }
}
