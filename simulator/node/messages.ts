/** The messages a node publishes, built from what it knows. Checked against the contract before they leave. */
import * as z from "zod/mini";
import { ClusterEvent, MESSAGE_VERSION, Reading, type SensorFault } from "../../lib/contract/messages.ts";
import type { ClusterView, Report } from "../protocol/effects.ts";

/**
 * What every message has, whatever it is about. `term` is the claim under which the node acts, `seq` counts its
 * messages since boot.
 */
export interface Envelope {
  readonly term: number;
  readonly seq: number;
  /** The node's wall clock, epoch milliseconds. */
  readonly atMs: number;
}

const iso = (epochMs: number): string => new Date(epochMs).toISOString();

/** DS18B20 steps are 1/16 °C; four decimals hold them exactly. */
const roundTemperature = (celsius: number): number => Math.round(celsius * 10_000) / 10_000;

/** What a reading says beyond its envelope; sleep in seconds, battery in millivolts. */
export interface Measured {
  readonly celsius: number;
  readonly sleepS: number;
  readonly batteryMv: number;
  /** EEPROMs and nodes by number. */
  readonly unwritable: readonly number[];
  readonly suspects: readonly number[];
}

/** What a node says of itself, in the form of a report. */
export interface SensorReport {
  readonly type: "sensor_failed";
  readonly subject: number;
  readonly tookOver: false;
  readonly fault: SensorFault;
}

const asBits = (numbers: readonly number[]): number => numbers.reduce((bits, n) => bits | (1 << n), 0);

/** @throws when a value lies outside the contract: a bug in the caller, not in the weather. */
export function readingMessage({ term, seq, atMs }: Envelope, measured: Measured): Reading {
  return z.parse(Reading, {
    v: MESSAGE_VERSION,
    measured_at: iso(atMs),
    temperature_c: roundTemperature(measured.celsius),
    seq,
    term,
    sleep_s: measured.sleepS,
    battery_mv: measured.batteryMv,
    unwritable_eeproms: asBits(measured.unwritable),
    suspects: asBits(measured.suspects),
  });
}

/** `lastSeenMs[j]`: when node j was last seen to move; undefined when it was not, since the reporter's cold start. */
export function eventMessage(
  { term, seq, atMs }: Envelope,
  report: Report | SensorReport,
  view: ClusterView,
  lastSeenMs: ReadonlyMap<number, number | undefined>,
): ClusterEvent {
  return z.parse(ClusterEvent, {
    v: MESSAGE_VERSION,
    type: report.type,
    subject: report.subject,
    term,
    seq,
    at: iso(atMs),
    took_over: report.tookOver,
    state: {
      primary: view.primary,
      suspects: view.suspects,
      dead: view.dead,
      never_admitted: view.neverAdmitted,
      last_seen: [...lastSeenMs].map(([node, ms]) => ({ node, at: ms === undefined ? null : iso(ms) })),
    },
    ...("fault" in report ? { fault: report.fault } : {}),
  });
}
