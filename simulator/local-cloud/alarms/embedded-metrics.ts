/**
 * The metrics in a line of a function's log: CloudWatch's embedded metric format.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 *
 * As there, a line that is not in the format is a line and no more. Not emulated: values that are lists, units, the limit of
 * two hours ahead and two weeks behind.
 */
import * as z from "zod/mini";
import type { EpochMs } from "../clock.ts";
import type { Datum } from "./metric.ts";

const Line = z.looseObject({
  _aws: z.object({
    Timestamp: z.number(),
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
});

export function embeddedMetrics(fields: Readonly<Record<string, unknown>>): readonly Datum[] {
  if (fields._aws === undefined) return [];
  const parsed = Line.safeParse(fields);
  if (!parsed.success) return [];
  const { _aws, ...values } = parsed.data;
  return _aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Metrics.flatMap(({ Name }) =>
      Dimensions.flatMap((names): Datum[] => {
        const value = values[Name];
        const dimensions = names.map((name) => [name, values[name]] as const);
        if (typeof value !== "number" || !dimensions.every(isText)) return [];
        const at = _aws.Timestamp as EpochMs;
        return [
          { namespace: Namespace, metric: Name, dimensions: Object.fromEntries(dimensions), value, at },
        ];
      }),
    ),
  );
}

const isText = (dimension: readonly [string, unknown]): dimension is readonly [string, string] =>
  typeof dimension[1] === "string" && dimension[1] !== "";
