/** Metrics of the local cloud, as CloudWatch would take them. */
import type { EpochMs } from "../clock.ts";

/** One value of one metric, as `PutMetricData` would take it. */
export interface Datum {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  readonly at: EpochMs;
}

/** Takes the metrics of a part of the cloud. */
export interface Metrics {
  /** Takes a datum; it is dropped unless an alarm watches its metric. */
  take(datum: Datum): void;
  /** Whether an alarm watches the metric: for parts that would take time to count it. */
  wants(namespace: string, metric: string): boolean;
}

/**
 * AWS's own metrics that the local cloud writes. An alarm on another one never fires here, and is named at start.
 * Metrics of namespaces that do not begin with AWS/ come from the functions' log lines.
 */
const COUNTED: ReadonlySet<string> = new Set([
  "AWS/IoT Failure",
  "AWS/IoT ParseError",
  "AWS/Lambda DestinationDeliveryFailures",
  "AWS/Lambda Errors",
  "AWS/Lambda Invocations",
  "AWS/SQS ApproximateAgeOfOldestMessage",
  "AWS/SQS ApproximateNumberOfMessagesVisible",
]);

/** Whether the local cloud writes this metric; an alarm on another one would never fire. */
export const isCounted = (namespace: string, metric: string): boolean =>
  !namespace.startsWith("AWS/") || COUNTED.has(`${namespace} ${metric}`);
