/** Builds the messages that a node publishes, and checks them against the contract. */
import * as z from "zod/mini";
import {
  ClusterEvent,
  MESSAGE_VERSION,
  Reading,
  type SensorFault,
  type SetupProblem,
} from "../../lib/contract/messages.ts";
import type { ClusterView, Report } from "../protocol/effects.ts";

/**
 * The fields of every message. `term` is that of the claim under which the node acts; `seq` counts its messages since
 * its cold start.
 */
export interface Envelope {
  readonly term: number;
  readonly seq: number;
  /** The node's wall clock, epoch milliseconds. */
  readonly atMs: number;
}

const iso = (epochMs: number): string => new Date(epochMs).toISOString();

/** Rounds to four decimals, which hold the DS18B20's steps of 1/16 °C exactly. */
const roundTemperature = (celsius: number): number => Math.round(celsius * 10_000) / 10_000;

/** The fields of a reading besides its envelope; sleep in seconds, battery in millivolts. */
export interface Measured {
  readonly celsius: number;
  readonly sleepS: number;
  readonly batteryMv: number;
  /** Numbers of EEPROMs that did not keep what was written; `suspects` are numbers of nodes. */
  readonly unwritable: readonly number[];
  readonly suspects: readonly number[];
  /** Mask of the nodes and EEPROMs that are set up wrongly; undefined: the protocol does not look. */
  readonly setupFaults: number | undefined;
}

/** What a node says of itself, in the form of a report. */
export interface SensorReport {
  readonly type: "sensor_failed";
  readonly subject: number;
  readonly tookOver: false;
  readonly fault: SensorFault;
}

/** What a node says of another one that cannot publish, in the form of a report. */
export interface UnconnectedReport {
  readonly type: "node_unconnected";
  readonly subject: number;
  readonly tookOver: false;
}

/** What a node says of what a person got wrong with a board or an EEPROM, or has put right, in the form of a report. */
export interface SetupReport {
  readonly type: "setup_fault" | "setup_mended";
  readonly subject: number;
  readonly tookOver: false;
  readonly problem: SetupProblem;
}

/** Whatever an event can tell. */
export type AnyReport = Report | SensorReport | UnconnectedReport | SetupReport;

const asBits = (numbers: readonly number[]): number => numbers.reduce((bits, n) => bits | (1 << n), 0);

/** A reading. @throws ZodError when a value is outside the contract, which is a defect of the caller */
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
    ...(measured.setupFaults === undefined ? {} : { setup_faults: measured.setupFaults }),
  });
}

/** `lastSeenMs[j]`: when node j was last seen to move; undefined when it was not, since the reporter's cold start. */
export function eventMessage(
  { term, seq, atMs }: Envelope,
  report: AnyReport,
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
    ...("problem" in report ? { problem: report.problem } : {}),
  });
}
