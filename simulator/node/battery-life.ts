/**
 * How long a pack lasts: what one wake draws, itemised, and that wake repeated on the supply until the pack fails.
 *
 * It is the simulated node's model (`supply.ts`) without its protocol: every wake is the same, at its mean duration.
 * Beside it is the estimate by which FACTS.md, "ESP32 and battery", gets 411, 111 and 27 days. Not modelled: the busy
 * line's waits, drift, messages about other nodes, failures other than the join's.
 */
import { after, days, type Instant, inSeconds, type Micros, micros, millis, START } from "../engine/time.ts";
import { COULOMB_PER_MAH, NIMH_AA } from "../hardware/nimh-pack.ts";
import { BROWN_OUT_V, DROP_OUT_V, RAIL_V, REGULATION_MIN_V } from "../hardware/regulator.ts";
import { LOADS, PHASE, PHASES, type Phase } from "./loads.ts";
import { Supply } from "./supply.ts";

const DAY_S = inSeconds(days(1));
const S_PER_US = 1e-6;

/** One load of a wake: it lasts `span`, and comes `times` times. */
export interface WakeStep {
  readonly phase: Phase;
  readonly ampere: number;
  readonly span: Micros;
  readonly times: number;
}

/** What one wake draws, its peak current, and the current of the sleep after it; both in amperes. */
export interface WakeProfile {
  readonly steps: readonly WakeStep[];
  readonly peakA: number;
  readonly asleepA: number;
}

/** How long the parts of a wake take; where FACTS.md gives a range, its middle. */
export const WAKE_SPANS = {
  boot: { span: millis(650), what: "boot to main.py", source: "FACTS" },
  read: { span: micros(547), what: "EEPROM read, 20 bytes", source: "AT24C256 datasheet at 400 kHz" },
  write: {
    span: micros(522 + 5_000 + 27),
    what: "EEPROM write, 20 bytes: bus 522 µs, tWR 5 ms, poll 27 µs",
    source: "AT24C256 datasheet at 400 kHz, tWR maximum",
  },
  count: {
    span: micros(117 + 5_000 + 27),
    what: "EEPROM write of the primary's count, 2 bytes",
    source: "as above; the bus takes 117 µs",
  },
  join: {
    span: millis(1_430),
    what: "join, nine of ten 0.7 to 1.6 s, one 1.6 to 5 s; time server",
    source: "FACTS, middles of the ranges; the share is an estimate",
  },
  failedJoin: { span: millis(20_000), what: "Wi-Fi join that fails", source: "FACTS" },
  tls: { span: millis(1_800), what: "TLS handshake, 1.4 to 2.2 s", source: "FACTS, middle of the range" },
  conversion: {
    span: millis(750),
    what: "conversion at 12 bits",
    source: "DS18B20 datasheet, maximum",
  },
  publish: { span: millis(75), what: "publish to PUBACK", source: "simulated node, mean" },
} as const;

const { boot, read, write, count, join, failedJoin, tls, conversion, publish } = WAKE_SPANS;
const CHIPS = 2;

const step = (phase: Phase, ampere: number, { span }: { span: Micros }, times = 1): WakeStep => ({
  phase,
  ampere,
  span,
  times,
});
/**
 * A wake's transfers: the own chip is read, and one record is written to each chip. It counts the current of every
 * chip.
 */
const busVisit = (written: { span: Micros }): readonly WakeStep[] => [
  step(PHASE.bus, LOADS.cpu.ampere + LOADS.eepromRead.ampere, read),
  step(PHASE.bus, LOADS.cpu.ampere + LOADS.eepromWrite.ampere, written, CHIPS),
];
const look: readonly WakeStep[] = [step(PHASE.boot, LOADS.cpu.ampere, boot), ...busVisit(write)];
const asleepA = LOADS.sleep.ampere;

/**
 * The wake of a standby, of a primary, and of a primary that gives up the join after 20 s; each in the order of its
 * steps.
 */
export const WAKE_PROFILE = {
  standby: { steps: look, peakA: LOADS.cpuPeak.ampere + LOADS.eepromWrite.ampere, asleepA },
  primary: {
    steps: [
      ...look,
      step(PHASE.wifi, LOADS.wifi.ampere, join),
      step(PHASE.tls, LOADS.tls.ampere, tls),
      step(PHASE.conversion, LOADS.wifiIdle.ampere + LOADS.conversion.ampere, conversion),
      step(PHASE.publish, LOADS.wifi.ampere, publish),
      ...busVisit(count),
    ],
    peakA: LOADS.txPeak.ampere,
    asleepA,
  },
  failedJoin: {
    steps: [...look, step(PHASE.wifi, LOADS.wifi.ampere, failedJoin)],
    peakA: LOADS.txPeak.ampere,
    asleepA,
  },
} as const satisfies Readonly<Record<string, WakeProfile>>;

/** Coulombs of one wake by phase, without the sleep after it; the index is a `PHASE`. */
export function wakeChargeC({ steps }: WakeProfile): Float64Array {
  const charge = new Float64Array(PHASES);
  for (const { phase, ampere, span, times } of steps) charge[phase]! += ampere * span * times * S_PER_US;
  return charge;
}

/** Coulombs of one wake, without the sleep after it. */
export const wakeTotalC = (profile: WakeProfile): number =>
  wakeChargeC(profile).reduce((sum, charge) => sum + charge, 0);

/** How long a pack lasts with one kind of wake, in days from fresh. */
export interface BatteryLife {
  /** Days until the peak of a wake first takes the rail out of regulation, and so out of the specification. */
  readonly toDropOutDays: number;
  /**
   * Days until the peak of a wake first trips the brown-out detector: the node is reset then, and at every further try.
   */
  readonly toBrownOutDays: number;
  /** Number of wakes that began with enough voltage for their peak. */
  readonly wakes: number;
  /** Coulombs that the pack has given. */
  readonly drawnC: number;
}

/**
 * Runs on one pack with `sleep` between wakes, the first wake at once. It goes wake by wake, not day by day: there are
 * at most some 100,000, and nothing is rounded to days.
 * @throws RangeError when `sleep` is not positive: with nothing drawn, time would stand still.
 */
export function batteryLife(profile: WakeProfile, sleep: Micros, supply = new Supply()): BatteryLife {
  if (!(sleep > 0)) throw new RangeError(`a sleep of ${sleep} µs: expected more than 0`);
  let at: Instant = START;
  let droppedOut: Instant | undefined;
  let wakes = 0;
  while (supply.canCarry(profile.peakA)) {
    if (!supply.inRegulation(profile.peakA)) droppedOut ??= at;
    for (const { phase, ampere, span, times } of profile.steps) {
      supply.load(at, ampere, phase);
      at = after(at, micros(span * times));
    }
    supply.load(at, profile.asleepA, PHASE.sleep);
    at = after(at, sleep);
    supply.updateCharge(at);
    wakes += 1;
  }
  const inDays = (instant: Instant): number => instant / days(1);
  return {
    toDropOutDays: inDays(droppedOut ?? at),
    toBrownOutDays: inDays(at),
    wakes,
    drawnC: supply.drawnC,
  };
}

/** The estimated charge of a wake, in coulombs, not itemised (FACTS.md, "ESP32 and battery"). */
export const ESTIMATE_C = { standby: 0.1, primary: 0.5, failedJoin: 2.2 } as const;

/** The estimate's other terms: the usable share of the capacity, and the current of a sleeping board. */
export const ESTIMATE = { usableShare: 0.85, asleepA: 20e-6 } as const;

/**
 * Days by the estimate: the usable charge divided by what wakes, sleep and self-discharge take in a day. Wakes count as
 * instantaneous.
 */
export function estimatedDays(wakeC: number, sleep: Micros, asleepA: number = ESTIMATE.asleepA): number {
  const capacityC = NIMH_AA.capacityMah * COULOMB_PER_MAH;
  const selfDischargeC = (capacityC * NIMH_AA.selfDischargePerYear) / 365;
  const perDayC = (wakeC * DAY_S) / inSeconds(sleep) + asleepA * DAY_S + selfDischargeC;
  return (capacityC * ESTIMATE.usableShare) / perDayC;
}

/** A figure of the computation, with its source, for a person to judge. */
export interface Assumption {
  readonly what: string;
  readonly value: string;
  readonly source: string;
}

const { cells, capacityMah, resistanceOhm, selfDischargePerYear } = NIMH_AA;
/** The figures of pack and regulator; the others are in `LOADS` and `WAKE_SPANS`. */
export const PACK_FIGURES: readonly Assumption[] = [
  { what: "cells in series, NiMH AA", value: String(cells), source: "FACTS" },
  { what: "capacity", value: `${capacityMah} mAh`, source: "FACTS; taken as usable to the last" },
  {
    what: "a cell's open-circuit voltage: fresh, flat part, empty",
    value: "1.4, 1.25, 1 V",
    source: "FACTS; shape of published discharge curves",
  },
  {
    what: "a charged cell's resistance",
    value: `${resistanceOhm} Ω`,
    source: "FACTS; × 2 with 5 % left, × 5 when empty: an estimate",
  },
  { what: "self-discharge", value: `${selfDischargePerYear * 100} % a year`, source: "FACTS; constant" },
  {
    what: "regulated as long as the pack has, under load",
    value: `${REGULATION_MIN_V} V`,
    source: `FACTS: ${RAIL_V} + ${DROP_OUT_V} V, as a 1117 has; a 10 µA one drops less`,
  },
  {
    what: "brown-out detector, on the rail",
    value: `${BROWN_OUT_V} V`,
    source: "ESP32 datasheet by way of FACTS",
  },
];
