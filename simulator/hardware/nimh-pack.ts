/**
 * A pack of NiMH AA cells in series: charge, open-circuit voltage, sag under load, self-discharge.
 *
 * Figures: FACTS.md, "ESP32 and battery". The voltage curve joins its three figures (1.4 V fresh, 1.25 V on the flat
 * part, 1.0 V empty) in the shape of published discharge curves: a quick fall over the first tenth, flat until four
 * fifths are drawn, then the knee. Those are measured under light load and taken as open-circuit here, which is too low
 * by the sag under that load, 20 mV at C/5. The rise of the resistance towards empty (twice with 5 % left, five times
 * when empty) is an estimate.
 *
 * Not modelled: temperature, ageing, a fall of capacity with the current, the voltage's recovery at rest, cells that
 * differ (the weakest is empty first and is then reversed). Self-discharge is a constant current; real cells lose
 * faster when full and warm.
 */
import type { Micros } from "../engine/time.ts";
import { days, inSeconds } from "../engine/time.ts";

/** A pack's make, age and charge. */
export interface NimhPackOptions {
  /** Cells in series. @default 4 */
  readonly cells?: number;
  /** Capacity of one cell, and so of the pack, in mAh. @default 1900 */
  readonly capacityMah?: number;
  /** Charge at the start as a share of the capacity, 0 (empty) to 1 (fresh). @default 1 */
  readonly stateOfCharge?: number;
  /** Internal resistance of one charged cell, in ohms. @default 0.05 */
  readonly resistanceOhm?: number;
  /** Share of the capacity that is lost in 365 days without any load, 0 to 1. @default 0.15 */
  readonly selfDischargePerYear?: number;
}

/** The default pack: four NiMH AA cells (FACTS.md, "ESP32 and battery"). */
export const NIMH_AA = {
  cells: 4,
  capacityMah: 1_900,
  stateOfCharge: 1,
  resistanceOhm: 0.05,
  selfDischargePerYear: 0.15,
} as const satisfies NimhPackOptions;

/** Coulombs in a milliampere-hour. */
export const COULOMB_PER_MAH = 3.6;
const YEAR_S = inSeconds(days(365));
const S_PER_US = 1e-6;

/**
 * By the share of charge that is left: open-circuit volts of a cell, and its resistance as a multiple of a charged
 * one's.
 */
const CURVE = [
  { left: 1, volts: 1.4, resistance: 1 },
  { left: 0.9, volts: 1.28, resistance: 1 },
  { left: 0.2, volts: 1.22, resistance: 1 },
  { left: 0.05, volts: 1.12, resistance: 2 },
  { left: 0, volts: 1.0, resistance: 5 },
] as const;
const SEGMENTS = CURVE.length - 1;

/**
 * A pack of NiMH cells in series: charge left, open-circuit voltage and internal resistance, self-discharge included.
 */
export class NimhPack {
  /** Charge of a full pack, in coulombs. */
  readonly capacityC: number;
  readonly #selfDischargeA: number;
  #leftC: number;
  /**
   * The segment of the curve that `#leftC` was in when it was last asked for. It only rises, because the charge only
   * falls.
   */
  #segment = 0;
  /** Of the whole pack, at the lower end of each segment: coulombs left, volts, ohms; and their slopes per coulomb. */
  readonly #lowC = new Float64Array(SEGMENTS);
  readonly #lowV = new Float64Array(SEGMENTS);
  readonly #lowOhm = new Float64Array(SEGMENTS);
  readonly #voltPerC = new Float64Array(SEGMENTS);
  readonly #ohmPerC = new Float64Array(SEGMENTS);

  /** @throws RangeError when an option is outside its range. */
  constructor(options: NimhPackOptions = {}) {
    const { cells, capacityMah, stateOfCharge, resistanceOhm, selfDischargePerYear } = {
      ...NIMH_AA,
      ...options,
    };
    assertRange("cells", Number.isInteger(cells) ? cells : Number.NaN, 1, 100, "a whole number from");
    assertRange("capacityMah", capacityMah, 1, 1e6);
    assertRange("stateOfCharge", stateOfCharge, 0, 1);
    assertRange("resistanceOhm", resistanceOhm, 0, 100);
    assertRange("selfDischargePerYear", selfDischargePerYear, 0, 1);
    this.capacityC = capacityMah * COULOMB_PER_MAH;
    this.#leftC = this.capacityC * stateOfCharge;
    this.#selfDischargeA = (this.capacityC * selfDischargePerYear) / YEAR_S;
    for (let segment = 0; segment < SEGMENTS; segment++) {
      const [high, low] = [CURVE[segment]!, CURVE[segment + 1]!];
      const spanC = (high.left - low.left) * this.capacityC;
      const packOhm = cells * resistanceOhm;
      this.#lowC[segment] = low.left * this.capacityC;
      this.#lowV[segment] = low.volts * cells;
      this.#lowOhm[segment] = low.resistance * packOhm;
      this.#voltPerC[segment] = ((high.volts - low.volts) * cells) / spanC;
      this.#ohmPerC[segment] = ((high.resistance - low.resistance) * packOhm) / spanC;
    }
  }

  /** Charge left, in coulombs. */
  get remainingC(): number {
    return this.#leftC;
  }

  /** Share of the charge left: 1 fresh, 0 empty. */
  get stateOfCharge(): number {
    return this.#leftC / this.capacityC;
  }

  get empty(): boolean {
    return this.#leftC <= 0;
  }

  /**
   * Draws `ampere` for `span`, and the self-discharge of that time; a sleeping node draws current as well.
   * @returns the coulombs that the load got: fewer than `ampere` × `span` when the pack ran empty on the way.
   * @throws RangeError when the current or the span is negative or not a number.
   */
  draw(ampere: number, span: Micros): number {
    if (!(ampere >= 0 && span >= 0)) throw new RangeError(`cannot draw ${ampere} A for ${span} µs`);
    const asked = ampere * span * S_PER_US;
    const taken = asked + this.#selfDischargeA * span * S_PER_US;
    if (taken <= this.#leftC) {
      this.#leftC -= taken;
      return asked;
    }
    const given = asked * (this.#leftC / taken);
    this.#leftC = 0;
    return given;
  }

  /** Volts of the pack without load. */
  openCircuitV(): number {
    const segment = this.#currentSegment();
    return this.#lowV[segment]! + (this.#leftC - this.#lowC[segment]!) * this.#voltPerC[segment]!;
  }

  /** Internal resistance of the pack in ohms. */
  resistanceOhm(): number {
    const segment = this.#currentSegment();
    return this.#lowOhm[segment]! + (this.#leftC - this.#lowC[segment]!) * this.#ohmPerC[segment]!;
  }

  /** Volts of the pack while `ampere` flows: open circuit less the sag, and never below 0. */
  volts(ampere: number): number {
    return Math.max(0, this.openCircuitV() - ampere * this.resistanceOhm());
  }

  #currentSegment(): number {
    while (this.#leftC < this.#lowC[this.#segment]!) this.#segment += 1;
    return this.#segment;
  }
}

function assertRange(option: string, value: number, min: number, max: number, form = "from"): void {
  if (value >= min && value <= max) return;
  throw new RangeError(`NimhPack ${option}: expected ${form} ${min} to ${max}, got ${value}`);
}
