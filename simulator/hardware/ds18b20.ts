/**
 * DS18B20 digital thermometer at the level of its scratchpad (Analog Devices 19-7487; FACTS.md, "DS18B20").
 *
 * Modelled: scratchpad with CRC-8, conversion with its time by resolution, +85 °C after power-on, and the failures seen
 * in the field (FACTS.md, "Faults seen in the field"), each as a state of the sensor that can be set and ended. The
 * temperature is sampled when the conversion starts. Outside −55 to +125 °C the reading is the limit; the datasheet
 * promises nothing there.
 *
 * Not modelled: the 1-Wire bus and its time (reading the scratchpad takes some milliseconds), ROM search, alarm search,
 * copying to its EEPROM, parasite power, the sensor's error of ±0.5 °C, the missing presence pulse of an absent sensor
 * (it reads as FFh instead), bit errors that pass the CRC (they take at least four wrong bits).
 */
import type { Rng } from "../engine/rng.ts";
import { after, type Instant, type Micros, micros, START } from "../engine/time.ts";

/** Bits of a measurement, R1 and R0 of the configuration register: steps of 0.5 to 0.0625 °C. */
export type ResolutionBits = 9 | 10 | 11 | 12;

/** Length of the scratchpad ("Memory"): temperature, TH, TL, configuration, three reserved bytes, CRC. */
export const SCRATCHPAD_BYTES = 9;
/** Lower end of the measuring range ("Features"), in °C. */
export const DS18B20_MIN_C = -55;
/** Upper end of the measuring range, in °C. */
export const DS18B20_MAX_C = 125;

/** By resolution: tCONV, the longest conversion ("AC Electrical Characteristics"). */
export const CONVERSION_MAX: Readonly<Record<ResolutionBits, Micros>> = {
  9: micros(93_750),
  10: micros(187_500),
  11: micros(375_000),
  12: micros(750_000),
};

/** TH and TL as delivered: +75 and +70 °C. */
const ALARM_HIGH = 0x4b;
const ALARM_LOW = 0x46;
const STEPS_PER_DEGREE = 16;
const POWER_ON_RAW = 0x0550;
/** Byte 6, reserved: 0Ch until the first conversion, afterwards 10h less the low four bits of the temperature. */
const BYTE_6_POWER_ON = 0x0c;
const BYTE_6_BASE = 0x10;

/** What the scratchpad says: a temperature, or why it holds none. */
export type Ds18b20Reading =
  | { readonly ok: true; readonly celsius: number }
  | {
      readonly ok: false;
      /**
       * - `absent`: nothing pulls the line low, every byte is FFh.
       * - `all-zero`: no resolution in byte 4, as when the line is stuck low; nine zeros do pass the CRC.
       * - `crc`: at least one bit is wrong.
       * - `power-on-value`: +85 °C from before the first conversion; a measured +85 differs in byte 6.
       * - `out-of-range`: no temperature the sensor can measure, such as the 127.94 °C seen in the field.
       */
      readonly why: "absent" | "all-zero" | "crc" | "power-on-value" | "out-of-range";
    };

/** CRC-8 of 1-Wire: x⁸+x⁵+x⁴+1, bits reflected (8Ch), initial value 0 ("CRC Generation"). */
export function crc8(bytes: Uint8Array, length: number = bytes.length): number {
  let crc = 0;
  for (let i = 0; i < length; i++) {
    crc ^= bytes[i]!;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x8c : crc >> 1;
  }
  return crc;
}

const configurationOf = (bits: ResolutionBits): number => ((bits - 9) << 5) | 0x1f;
const resolutionOf = (configuration: number): number => 9 + ((configuration >> 5) & 3);
// At 9 bits the lowest three are undefined, at 12 none ("Temperature Register Format"); here they are zero.
const definedBits = (raw: number, bits: number): number => raw & (-1 << (12 - bits));

function scratchpad(raw: number, bits: ResolutionBits, byte6: number): Uint8Array {
  const bytes = Uint8Array.of(
    raw & 0xff,
    (raw >> 8) & 0xff,
    ALARM_HIGH,
    ALARM_LOW,
    configurationOf(bits),
    0xff,
    byte6,
    0x10,
    0,
  );
  bytes[8] = crc8(bytes, 8);
  return bytes;
}

/**
 * The nine bytes after a conversion that measured `celsius`, to the nearest step, held within −55 to +125 °C.
 * @throws RangeError when `celsius` is not a number.
 */
export function encodeScratchpad(celsius: number, resolutionBits: ResolutionBits = 12): Uint8Array {
  if (Number.isNaN(celsius)) throw new RangeError("DS18B20: the temperature is not a number");
  const held = Math.min(DS18B20_MAX_C, Math.max(DS18B20_MIN_C, celsius));
  const raw = definedBits(Math.round(held * STEPS_PER_DEGREE), resolutionBits);
  return scratchpad(raw, resolutionBits, BYTE_6_BASE - (raw & 0x0f));
}

/** The nine bytes from power-on to the first conversion: +85 °C, and a byte 6 that gives it away. */
export const powerOnScratchpad = (resolutionBits: ResolutionBits = 12): Uint8Array =>
  scratchpad(POWER_ON_RAW, resolutionBits, BYTE_6_POWER_ON);

/**
 * Decodes the nine bytes, with every check that a driver can make.
 * @throws RangeError when there are not nine bytes.
 */
export function decodeScratchpad(bytes: Uint8Array): Ds18b20Reading {
  if (bytes.length !== SCRATCHPAD_BYTES) {
    throw new RangeError(`DS18B20 scratchpad of ${bytes.length} bytes: expected ${SCRATCHPAD_BYTES}`);
  }
  if (bytes.every((byte) => byte === 0xff)) return { ok: false, why: "absent" };
  if (crc8(bytes, 8) !== bytes[8]) return { ok: false, why: "crc" };
  if (bytes[4] === 0) return { ok: false, why: "all-zero" };
  const raw = ((bytes[0]! | (bytes[1]! << 8)) << 16) >> 16; // sign-extended
  if (raw === POWER_ON_RAW && bytes[6] === BYTE_6_POWER_ON) return { ok: false, why: "power-on-value" };
  const celsius = definedBits(raw, resolutionOf(bytes[4]!)) / STEPS_PER_DEGREE;
  if (celsius < DS18B20_MIN_C || celsius > DS18B20_MAX_C) return { ok: false, why: "out-of-range" };
  return { ok: true, celsius };
}

/**
 * How a sensor fails in the field, and whether `decodeScratchpad` notices:
 * - `absent`: no answer at all, every byte is FFh. Noticed: "absent".
 * - `crc-error`: each read goes wrong with probability `rate` (0 to 1; 0.001 to 0.05 in the field), by one to three
 *   bits drawn from `rng`. Always noticed: "crc"; a CRC-8 of this polynomial misses none of up to three wrong bits.
 * - `stuck-85`: a poor supply resets it before each conversion ends. Noticed: "power-on-value".
 * - `reads-127.94`: the register holds 07FFh, and the CRC is right. Noticed: "out-of-range".
 * - `all-zero`: nine zero bytes, which pass the CRC. Noticed: "all-zero".
 * - `stuck-value`: always `celsius`, whatever the temperature is. Not noticed: the scratchpad is valid.
 */
export type Ds18b20Fault =
  | { readonly kind: "absent" | "stuck-85" | "reads-127.94" | "all-zero" }
  | { readonly kind: "crc-error"; readonly rate: number; readonly rng: Rng }
  | { readonly kind: "stuck-value"; readonly celsius: number };

const OUT_OF_RANGE_RAW = 0x07ff;
const WRONG_BITS_MAX = 3;

/** Inverts one to three bits of the scratchpad, no bit twice. */
function withBitErrors(bytes: Uint8Array, rng: Rng): Uint8Array {
  const wrong = new Set<number>();
  const count = 1 + rng.below(WRONG_BITS_MAX);
  while (wrong.size < count) wrong.add(rng.below(8 * bytes.length));
  for (const bit of wrong) bytes[bit >> 3]! ^= 1 << (bit & 7);
  return bytes;
}

/** The bytes read in place of `truth`, which is a copy that may be changed. */
function faultyScratchpad(fault: Ds18b20Fault, truth: Uint8Array, bits: ResolutionBits): Uint8Array {
  switch (fault.kind) {
    case "absent":
      return truth.fill(0xff);
    case "all-zero":
      return truth.fill(0);
    case "stuck-85":
      return powerOnScratchpad(bits);
    case "reads-127.94":
      return scratchpad(OUT_OF_RANGE_RAW, bits, BYTE_6_BASE - (OUT_OF_RANGE_RAW & 0x0f));
    case "stuck-value":
      return encodeScratchpad(fault.celsius, bits);
    case "crc-error":
      return fault.rng.chance(fault.rate) ? withBitErrors(truth, fault.rng) : truth;
  }
}

/** The temperature at the sensor, and its resolution. */
export interface Ds18b20Options {
  /** Temperature at the sensor in °C. */
  readonly trueTemperature: (at: Instant) => number;
  /** @default 12 */
  readonly resolutionBits?: ResolutionBits;
}

/** One DS18B20: converts on command, answers with its scratchpad, and fails as `fault` says. */
export class Ds18b20 {
  /**
   * How the sensor fails at present. Undefined: it works, and reads its last conversion, one during a fault included.
   */
  fault: Ds18b20Fault | undefined;

  readonly #trueTemperature: (at: Instant) => number;
  readonly #bits: ResolutionBits;
  #scratchpad: Uint8Array;
  #converted: Uint8Array | undefined;
  #readyAt: Instant = START;

  constructor(options: Ds18b20Options) {
    this.#trueTemperature = options.trueTemperature;
    this.#bits = options.resolutionBits ?? 12;
    this.#scratchpad = powerOnScratchpad(this.#bits);
  }

  /**
   * Convert T: starts a conversion, and ends one that is under way without a result. @returns how long it takes
   * @throws RangeError when the temperature source gives no number.
   */
  convert(at: Instant): Micros {
    this.#finish(at);
    this.#converted = encodeScratchpad(this.#trueTemperature(at), this.#bits);
    this.#readyAt = after(at, CONVERSION_MAX[this.#bits]);
    return CONVERSION_MAX[this.#bits];
  }

  /** Read Scratchpad: a copy of the nine bytes. Until a conversion is over they hold the one before. */
  readScratchpad(at: Instant): Uint8Array {
    this.#finish(at);
    const truth = this.#scratchpad.slice();
    return this.fault === undefined ? truth : faultyScratchpad(this.fault, truth, this.#bits);
  }

  /** Loses and regains power: it reads +85 °C until the next conversion is over. */
  powerLoss(): void {
    this.#converted = undefined;
    this.#scratchpad = powerOnScratchpad(this.#bits);
  }

  #finish(at: Instant): void {
    if (this.#converted === undefined || at < this.#readyAt) return;
    this.#scratchpad = this.#converted;
    this.#converted = undefined;
  }
}
