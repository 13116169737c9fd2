/**
 * What a node draws from its pack: named currents with their sources, and the phases by which its charge is accounted.
 *
 * FACTS means FACTS.md, "ESP32 and battery" and "AT24C256". Where a datasheet gives a range, the middle is taken for an
 * average and the end for a peak. Nothing here is adjusted to meet the estimate of a wake's charge in the same FACTS;
 * only `wifi` is derived from it.
 */

/** A current in amperes: what draws it, and the source of the figure. */
export interface Load {
  readonly ampere: number;
  readonly what: string;
  readonly source: string;
}

/** ESP32 datasheet by way of FACTS: the CPU awake without radio draws 30 mA idle to 68 mA busy. */
const CPU_IDLE_A = 30e-3;
const CPU_BUSY_A = 68e-3;
/** ESP32 datasheet by way of FACTS: receiving and listening, CPU idle, 80 to 90 mA. */
const RECEIVE_A = 85e-3;

/** The currents of a node. One that is called "extra" is added to another. */
export const LOADS = {
  sleep: {
    ampere: 20e-6 + 6e-6,
    what: "asleep: chip 10 µA, regulator 10 µA, own EEPROM 6 µA",
    source: "ESP32 and AT24C256 datasheets; the regulator is an estimate",
  },
  /** Its USB bridge, LED and regulator stay on. */
  sleepDevBoard: {
    ampere: 3.3e-3,
    what: "asleep on a development board, 2.8 to 3.8 mA",
    source: "FACTS, middle of the range",
  },
  cpu: {
    ampere: (CPU_IDLE_A + CPU_BUSY_A) / 2,
    what: "CPU awake, no radio, 30 to 68 mA",
    source: "ESP32 datasheet, middle of the range",
  },
  cpuPeak: { ampere: CPU_BUSY_A, what: "CPU busy, no radio", source: "ESP32 datasheet, end of the range" },
  wifi: {
    ampere: 110e-3,
    what: "joining, and waiting for a PUBACK, on average",
    source: "FACTS: 2,200 mC for a failed join of 20 s",
  },
  /** Modem sleep is ESP-IDF's default; with it off, the receiver's 85 mA flow. */
  wifiIdle: {
    ampere: 31e-3,
    what: "joined, nothing to send, CPU idle",
    source: "ESP-IDF guide, Wi-Fi low power: modem sleep, DTIM1",
  },
  tls: {
    ampere: RECEIVE_A + CPU_BUSY_A - CPU_IDLE_A,
    what: "TLS handshake: receiver on, 85 mA, and CPU busy, + 38 mA",
    source: "sum of ESP32 datasheet figures; high if the modem sleeps",
  },
  txPeak: { ampere: 550e-3, what: "transmitting, peak", source: "FACTS" },
  conversion: {
    ampere: 1.5e-3,
    what: "extra: DS18B20 while it converts",
    source: "DS18B20 datasheet, active current, maximum",
  },
  eepromRead: { ampere: 2e-3, what: "extra: AT24C256 being read", source: "AT24C256 datasheet, maximum" },
  eepromWrite: {
    ampere: 3e-3,
    what: "extra: AT24C256 being written, tWR included",
    source: "AT24C256 datasheet, maximum",
  },
} as const satisfies Readonly<Record<string, Load>>;

/**
 * What a node does when it draws current: an index into the accounts of `Supply`. `idle` is awake in none of the other
 * phases: waiting for the busy line, or hanging at the prompt. `off` is a pack that is fitted but not connected.
 */
export const PHASE = {
  off: 0,
  sleep: 1,
  boot: 2,
  bus: 3,
  wifi: 4,
  tls: 5,
  conversion: 6,
  publish: 7,
  idle: 8,
} as const;
/** Name of a phase, as in `npm run battery`. */
export type PhaseName = keyof typeof PHASE;
/** Number of a phase, from 0 on. */
export type Phase = (typeof PHASE)[PhaseName];

/** How many phases there are. */
export const PHASES = Object.keys(PHASE).length;
