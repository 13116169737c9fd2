/**
 * Sources of a sensor's true temperature: constant, a room that warms by day, or a recorded log. Every source is a pure
 * function of virtual time, so that devices may ask in any order and as often as they like.
 *
 * The room uses polynomials in place of sines: the last bit of `Math.sin` differs between versions of V8.
 */

import { mix32, type Rng } from "../engine/rng.ts";
import { between, type Instant, inSeconds, START } from "../engine/time.ts";
import { rowAt, type TemperatureLog } from "./temperature-log.ts";

/** Temperature in °C at an instant. */
export type TemperatureSource = (at: Instant) => number;

/** A source that is always `celsius`. */
export const constantTemperature =
  (celsius: number): TemperatureSource =>
  () =>
    celsius;

/** How the temperature of a room changes over a day. */
export interface RoomOptions {
  /** Middle of the daily swing in °C. @default 21 */
  readonly meanC?: number;
  /** From the middle to the warmest, and to the coldest, point of the day, in °C. @default 1.5 */
  readonly swingC?: number;
  /** Largest deviation by slow noise (doors, sun, heating), in °C. @default 0.8 */
  readonly wanderC?: number;
  /** Hour of the day at the start of the run. @default 0, midnight */
  readonly startHour?: number;
}

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;
const COLDEST_HOUR = 5;
const WARMEST_HOUR = 15;
/** Slow noise has two layers, one of hours and one of minutes. `period` in seconds. */
const LAYERS = [
  { period: 3 * HOUR_S, share: 0.75 },
  { period: 25 * 60, share: 0.25 },
] as const;

/** Eases 0 to 1, level at both ends. */
const ease = (x: number): number => x * x * (3 - 2 * x);

/** −1 at 05:00, +1 at 15:00, smooth in between. */
function dayCurve(second: number): number {
  const sinceColdest = (second - COLDEST_HOUR * HOUR_S + 2 * DAY_S) % DAY_S;
  const rise = (WARMEST_HOUR - COLDEST_HOUR) * HOUR_S;
  const warmth =
    sinceColdest < rise ? ease(sinceColdest / rise) : 1 - ease((sinceColdest - rise) / (DAY_S - rise));
  return 2 * warmth - 1;
}

/** −1 to 1: fixed values on a lattice of the given period, eased between them. */
function wander(seed: number, second: number, period: number): number {
  const at = second / period;
  const cell = Math.floor(at);
  const lattice = (n: number): number => mix32(seed + Math.imul(n, 0x9e3779b9)) / 0x8000_0000 - 1;
  const here = lattice(cell);
  return here + (lattice(cell + 1) - here) * ease(at - cell);
}

/** A room: warmest at 15:00, coldest at 05:00, with slow noise. Draws two numbers from `rng`, at once. */
export function roomTemperature(rng: Rng, options: RoomOptions = {}): TemperatureSource {
  const { meanC = 21, swingC = 1.5, wanderC = 0.8, startHour = 0 } = options;
  const seeds = LAYERS.map(() => rng.uint32());
  return (at) => {
    const second = inSeconds(between(START, at));
    let noise = 0;
    LAYERS.forEach(({ period, share }, layer) => {
      noise += share * wander(seeds[layer]!, second, period);
    });
    return meanC + swingC * dayCurve((second + startHour * HOUR_S) % DAY_S) + wanderC * noise;
  };
}

/**
 * A recorded log, whose first row is the start of the run. Each value holds until the next row, also in gaps, and the
 * last one for ever.
 */
export const replayTemperature =
  (log: TemperatureLog): TemperatureSource =>
  (at) =>
    log.celsius[rowAt(log, log.startMs + at / 1_000)]!;
