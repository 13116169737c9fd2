/**
 * The metrics in a line of a function's log: CloudWatch's embedded metric format.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 *
 * A line that is not in the format is only a line, as with CloudWatch. Not emulated: values that are lists, units, and
 * the limits of two hours ahead and two weeks behind.
 */
import type { EpochMs } from "../clock.ts";
import type { Datum } from "./metric.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The data in a log line; empty where it is not in the embedded metric format. */
export function embeddedMetrics(fields: Fields): readonly Datum[] {
  const { _aws: metadata } = fields;
  if (!isObject(metadata) || typeof metadata.Timestamp !== "number") return [];
  const at = metadata.Timestamp as EpochMs;
  return listOf(metadata.CloudWatchMetrics, isObject).flatMap(
    ({ Namespace: namespace, Dimensions, Metrics }) =>
      typeof namespace !== "string"
        ? []
        : listOf(Metrics, isObject).flatMap(({ Name: metric }) => {
            const value = fields[String(metric)];
            if (typeof metric !== "string" || typeof value !== "number") return [];
            return listOf(Dimensions, Array.isArray).flatMap((names): Datum[] => {
              const dimensions = names.map((name): [unknown, unknown] => [name, fields[String(name)]]);
              return dimensions.every(isPairOfTexts)
                ? [{ namespace, metric, dimensions: Object.fromEntries(dimensions), value, at }]
                : [];
            });
          }),
  );
}

const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null;

const listOf = <T>(value: unknown, is: (item: unknown) => item is T): readonly T[] =>
  Array.isArray(value) ? value.filter(is) : [];

const isPairOfTexts = (pair: readonly [unknown, unknown]): pair is [string, string] =>
  pair.every((item) => typeof item === "string" && item !== "");
