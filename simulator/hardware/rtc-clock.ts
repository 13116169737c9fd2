/**
 * The clocks of an ESP32: the RC oscillator that times deep sleep, and the wall clock that it drives during sleep.
 *
 * Modelled: an error of the sleep timer, different for each chip, which changes with temperature; a wall clock that has
 * that error too, is lost at power-on, and is set by the network. Not modelled: the crystal, which times a node awake
 * and is exact here (10 ppm in reality), jitter from one sleep to the next, a sleep that a reset cuts short (it puts
 * the wall clock off as much as a whole one).
 */
import type { Rng } from "../engine/rng.ts";
import { type Instant, type Micros, micros } from "../engine/time.ts";

/**
 * Largest error of a sleep at 25 °C, as a share, either way. FACTS.md, "ESP32 and battery", gives 0.5 to 5 %; ESP-IDF
 * calibrates the RC oscillator against the crystal at each boot, which leaves about a percent.
 */
const ERROR_MAX = 0.01;
/** Largest change of that error per °C, either way; an estimate. */
const TEMPERATURE_COEFFICIENT_MAX = 0.0002;
const CALIBRATED_AT_C = 25;
/** The wall clock after power-on, in epoch milliseconds: 2000-01-01 00:00:00 UTC, as with MicroPython. */
const POWER_ON_MS = 946_684_800_000;

/**
 * A node's two clocks: how long a sleep really lasts by its RC oscillator, and what its wall clock shows, in epoch
 * milliseconds.
 */
export class RtcClock {
  readonly #epochMs: number;
  readonly #coefficient: number;
  #error: number;
  /** By how many milliseconds the wall clock is ahead of the true time. */
  #aheadMs = 0;

  /**
   * @param epochMs the true time at the start of the run.
   * @param error share by which sleeps are too long; undefined: drawn.
   */
  constructor(epochMs: number, rng: Rng, error: number | undefined) {
    this.#epochMs = epochMs;
    const drawn = rng.between(-ERROR_MAX, ERROR_MAX);
    const coefficient = rng.between(-TEMPERATURE_COEFFICIENT_MAX, TEMPERATURE_COEFFICIENT_MAX);
    this.#error = error ?? drawn;
    this.#coefficient = error === undefined ? coefficient : 0;
  }

  /** Share by which sleeps are too long, at 25 °C. */
  get error(): number {
    return this.#error;
  }

  /** Changes the error of the sleep timer from now on. */
  set error(share: number) {
    this.#error = share;
  }

  /** How long a sleep of nominally `span` really takes at `celsius`; the wall clock advances by `span`. */
  sleep(span: Micros, celsius: number): Micros {
    const taken = micros(span * (1 + this.#error + this.#coefficient * (celsius - CALIBRATED_AT_C)));
    this.#aheadMs += (span - taken) / 1_000;
    return taken;
  }

  /** The wall clock at `at`, in epoch milliseconds. */
  wallMs(at: Instant): number {
    return Math.floor(this.#trueMs(at) + this.#aheadMs);
  }

  /** Sets the wall clock to the true time. @returns by how many milliseconds that put it forward */
  set(): number {
    const forward = -this.#aheadMs;
    this.#aheadMs = 0;
    return forward;
  }

  /** Starts the wall clock over, as after a loss of power. */
  powerOn(at: Instant): void {
    this.#aheadMs = POWER_ON_MS - this.#trueMs(at);
  }

  #trueMs(at: Instant): number {
    return this.#epochMs + at / 1_000;
  }
}
