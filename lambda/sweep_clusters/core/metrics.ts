/** What a sweep sees on its way of what a person asks: how warm it is, and how many readings came. Pure. */
import type { MetricValues } from "../../../lib/contract/metrics.ts";
import type { LogEntry } from "./ports.ts";
import { type ClusterView, newestOf } from "./view.ts";

const HOUR_MS = 3_600_000;

/** The hour that has ended, at the first sweep after it; otherwise undefined. Epoch ms. */
export function endedHour(
  nowMs: number,
  sweepMinutes: number,
): { readonly fromMs: number; readonly untilMs: number } | undefined {
  const untilMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  return nowMs - untilMs < sweepMinutes * 60_000 ? { fromMs: untilMs - HOUR_MS, untilMs } : undefined;
}

/** A line about the cluster's newest reading, where it came since the sweep before; one that came at that instant may be told twice. */
export function newestReading(
  { clusterId, heartbeats }: ClusterView,
  nowMs: number,
  sweepMinutes: number,
): Omit<LogEntry, "request_id"> | undefined {
  const newest = newestOf(heartbeats);
  if (newest === undefined || newest.receivedMs < nowMs - sweepMinutes * 60_000) return undefined;
  return {
    level: "info",
    message: "cluster",
    cluster: clusterId,
    node: newest.node,
    ...(newest.temperatureC === undefined ? {} : { temperature_c: newest.temperatureC }),
    battery_mv: newest.batteryMv,
  };
}

/** No reading of a cluster that was not heard of before is nothing to be alarmed by. */
export const metricsOf = ({ temperature_c, readings, heard }: LogEntry): MetricValues => ({
  ...(temperature_c === undefined ? {} : { temperature_c }),
  ...(readings === undefined || heard === false ? {} : { readings }),
});
