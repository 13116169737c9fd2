/**
 * The metrics that functions write into their log lines, and the dashboard reads: by name, which field of the line is the
 * dimension, and the unit.
 *
 * CloudWatch asks 0.30 $ a month for each name with each value of its dimension, by the hours in which there is one: a
 * cluster costs 0.60 $, and a failover or a reason nothing to speak of. Hence not by node, and not what no graph shows.
 */
export const METRICS_NAMESPACE = "ha2m";

export const METRICS = {
  /** Of the newest reading, at the first sweep after it. */
  temperature_c: { by: "cluster", unit: "None" },
  /** Stored in the hour that has ended. */
  readings: { by: "cluster", unit: "Count" },
  /** A node reported that it has taken the role. */
  failovers: { by: "cluster", unit: "Count" },
  mails: { by: "why", unit: "Count" },
  suppressions: { by: "why", unit: "Count" },
} as const;

export type MetricName = keyof typeof METRICS;
export type MetricValues = Readonly<Partial<Record<MetricName, number>>>;
