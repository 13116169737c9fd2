/** Log lines, and the metrics in them. */
import {
  dimensionSets,
  METRICS,
  type MetricName,
  type MetricValues,
  type WatchLevel,
} from "../../lib/contract/metrics.ts";

/** One JSON line an entry, as CloudWatch's metric filters and the simulator read it. */
export const jsonLog =
  <Entry>(write: (line: string) => void): ((entry: Entry) => void) =>
  (entry) =>
    write(`${JSON.stringify(entry)}\n`);

/** The same, with those metrics of an entry in its line that something reads. @param namespace theirs @param clock epoch ms */
export const metricLog = <Entry extends object>(
  namespace: string,
  write: (line: string) => void,
  clock: () => number,
  valuesOf: (entry: Entry) => MetricValues,
  watch: WatchLevel,
): ((entry: Entry) => void) => {
  const log = jsonLog<object>(write);
  return (entry) => log(withMetrics(entry, valuesOf(entry), { namespace, watch, Timestamp: clock() }));
};

/**
 * The entry with CloudWatch's embedded metric format beside it: no request, and no right besides writing the log. Each
 * metric is named with the fields that are its dimensions, which the entry has; an empty set of them is the total.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
function withMetrics(
  entry: object,
  values: MetricValues,
  {
    namespace,
    watch,
    Timestamp,
  }: { readonly namespace: string; readonly watch: WatchLevel; readonly Timestamp: number },
): object {
  const read = (Object.keys(values) as MetricName[])
    .map((Name) => ({ Name, Dimensions: dimensionSets(Name, watch) }))
    .filter(({ Dimensions }) => Dimensions.length > 0);
  if (read.length === 0) return entry;
  const CloudWatchMetrics = read.map(({ Name, Dimensions }) => ({
    Namespace: namespace,
    Dimensions,
    Metrics: [{ Name, Unit: METRICS[Name].unit }],
  }));
  const written = Object.fromEntries(read.map(({ Name }) => [Name, values[Name]]));
  return { ...entry, ...written, _aws: { Timestamp, CloudWatchMetrics } };
}
