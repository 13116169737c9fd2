/** What CloudWatch gets to know: one value of a metric, at a time. */
import type { EpochMs } from "../clock.ts";

/** One value of one metric, as `PutMetricData` would take it. */
export interface Datum {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  readonly at: EpochMs;
}

/** Takes what a part of the cloud counts. */
export interface Metrics {
  /** Most data nobody asks for, and they are dropped. */
  take(datum: Datum): void;
  /** For what takes time to count. */
  wants(namespace: string, metric: string): boolean;
}

/**
 * Metrics of AWS's own that the local cloud counts. An alarm on another one never rings here, and is named at start; those
 * of namespaces that do not begin with AWS/ come from the functions' lines.
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
