/**
 * A pack of four NiMH AA cells. Not modelled yet: sag under load, temperature, brown-out.
 * Figures: FACTS "ESP32 and battery"; they are estimates for a node with a bare regulator, not a development board.
 */
import type { Micros } from "../engine/time.ts";
import { inSeconds } from "../engine/time.ts";

const CELLS = 4;
const CAPACITY_COULOMB = 1.9 * 3_600;
const SLEEP_AMPERE = 20e-6;

/** What a wake costs, in coulombs: a standby's look at the chips; a primary's Wi-Fi and TLS. */
export const CHARGE_C = { standbyWake: 0.1, primaryWake: 0.5, failedJoin: 2.2 } as const;

/** Cell voltage against the share of charge drawn: a fresh peak, a long flat part, a cliff. */
const CURVE: readonly (readonly [drawn: number, volt: number])[] = [
  [0, 1.4],
  [0.1, 1.28],
  [0.8, 1.22],
  [0.95, 1.12],
  [1, 1.0],
];

export class Battery {
  #drawn = 0;

  draw(coulomb: number): void {
    this.#drawn += coulomb;
  }

  sleep(span: Micros): void {
    this.#drawn += SLEEP_AMPERE * inSeconds(span);
  }

  /** Voltage of the pack at rest, in millivolts. */
  millivolts(): number {
    const share = Math.min(1, this.#drawn / CAPACITY_COULOMB);
    const next = CURVE.findIndex(([drawn]) => drawn >= share);
    const [toShare, toVolt] = CURVE[Math.max(next, 1)]!;
    const [fromShare, fromVolt] = CURVE[Math.max(next, 1) - 1]!;
    const volt = fromVolt + ((toVolt - fromVolt) * (share - fromShare)) / (toShare - fromShare);
    return Math.round(volt * 1_000 * CELLS);
  }
}
