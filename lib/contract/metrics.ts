/**
 * The metrics that functions write into their log lines: by name, the unit, which field of the line is the dimension where
 * a dashboard reads them, and whether an alarm reads their total, which has no dimension.
 *
 * CloudWatch asks 0.30 $ a month for each name with each value of its dimension, by the hours in which there is one: a
 * cluster costs 0.60 $, and a failover or a reason nothing to speak of. Hence not by node, and not what nothing reads.
 *
 * Their namespace is the deployment's name.
 */

/** How much is watched: `essential` is the alarms that cost nothing, `full` all of them and the dashboard. */
export const WATCHES = ["essential", "full"] as const;
/** One of `WATCHES`: how much of the backend is watched, and paid for. */
export type WatchLevel = (typeof WATCHES)[number];

interface MetricForm {
  readonly by: "cluster" | "why";
  readonly unit: "Count" | "None";
  /** An alarm reads the total, at either level. */
  readonly alarmed?: true;
}

/**
 * The metrics that the functions write, by name: what each counts, the dimension of its `full` form, its CloudWatch
 * unit, and whether an alarm reads it.
 */
export const METRICS = {
  /** Of the newest reading, at the first sweep after it. */
  temperature_c: { by: "cluster", unit: "None" },
  /** Stored in the hour that has ended, of a cluster that was heard of before. */
  readings: { by: "cluster", unit: "Count", alarmed: true },
  /** A node reported that it has taken the role. */
  failovers: { by: "cluster", unit: "Count" },
  mails: { by: "why", unit: "Count" },
  suppressions: { by: "why", unit: "Count" },
  /** A recipient whom SES refused, at each mail. */
  refused_recipients: { by: "why", unit: "Count", alarmed: true },
} as const satisfies Readonly<Record<string, MetricForm>>;

/** Name of a metric, as in CloudWatch. */
export type MetricName = keyof typeof METRICS;
/** What one invocation writes, by metric; what is absent is not written. */
export type MetricValues = Readonly<Partial<Record<MetricName, number>>>;

/** The sets of dimensions that a metric is written with: none at all where nothing reads it. */
export function dimensionSets(name: MetricName, watch: WatchLevel): (readonly string[])[] {
  const { by, alarmed }: MetricForm = METRICS[name];
  return [...(watch === "full" ? [[by]] : []), ...(alarmed === true ? [[]] : [])];
}
