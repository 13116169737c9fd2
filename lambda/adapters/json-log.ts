/** Log lines, and the metrics in them. */
import {
  METRICS,
  METRICS_NAMESPACE,
  type MetricName,
  type MetricValues,
} from "../../lib/contract/metrics.ts";

/** One JSON line an entry, as CloudWatch's metric filters and the simulator read it. */
export const jsonLog =
  <Entry>(write: (line: string) => void): ((entry: Entry) => void) =>
  (entry) =>
    write(`${JSON.stringify(entry)}\n`);

/** The same, with the metrics of an entry in its line. @param clock epoch ms */
export const metricLog = <Entry extends object>(
  write: (line: string) => void,
  clock: () => number,
  valuesOf: (entry: Entry) => MetricValues,
): ((entry: Entry) => void) => {
  const log = jsonLog<object>(write);
  return (entry) => log(withMetrics(entry, valuesOf(entry), clock()));
};

/**
 * The entry with CloudWatch's embedded metric format beside it: no request, and no right besides writing the log. Each
 * metric is named with the field that is its dimension, which the entry has.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
function withMetrics(entry: object, values: MetricValues, Timestamp: number): object {
  const names = Object.keys(values) as MetricName[];
  if (names.length === 0) return entry;
  const CloudWatchMetrics = names.map((Name) => ({
    Namespace: METRICS_NAMESPACE,
    Dimensions: [[METRICS[Name].by]],
    Metrics: [{ Name, Unit: METRICS[Name].unit }],
  }));
  return { ...entry, ...values, _aws: { Timestamp, CloudWatchMetrics } };
}
