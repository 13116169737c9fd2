/** The messages a node publishes, built from what it knows. Checked against the contract before they leave. */
import * as z from "zod/mini";
import { ClusterEvent, MESSAGE_VERSION, Reading } from "../../lib/contract/messages.ts";
import type { ClusterView, Report } from "../protocol/effects.ts";

export interface Envelope {
  readonly term: number;
  readonly seq: number;
  /** The node's wall clock, epoch milliseconds. */
  readonly atMs: number;
}

const iso = (epochMs: number): string => new Date(epochMs).toISOString();

/** DS18B20 steps are 1/16 °C; four decimals hold them exactly. */
const roundTemperature = (celsius: number): number => Math.round(celsius * 10_000) / 10_000;

/** @throws when a value lies outside the contract: a bug in the caller, not in the weather. */
export function readingMessage(
  { term, seq, atMs }: Envelope,
  measured: { celsius: number; sleepS: number; batteryMv: number },
): Reading {
  return z.parse(Reading, {
    v: MESSAGE_VERSION,
    measured_at: iso(atMs),
    temperature_c: roundTemperature(measured.celsius),
    seq,
    term,
    sleep_s: measured.sleepS,
    battery_mv: measured.batteryMv,
  });
}

/** `lastSeenMs[j]`: when node j was last seen to move; undefined when it was not, since the reporter's cold start. */
export function eventMessage(
  { term, seq, atMs }: Envelope,
  report: Report,
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
  });
}
