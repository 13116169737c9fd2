/** The metric of a run that shows a violation of each law. */
import type { Law } from "../protocol/laws.ts";
import type { Metric } from "./expectations.ts";

/**
 * By law: the metric that is too high where it is broken; for `at-most-one-acts` above 1, for a count of breaches above
 * 0.
 */
export const METRIC_OF_LAW = {
  "at-most-one-acts": "acting at once",
  "terms-only-rise": "stale acts",
  "somebody-acts-again": "longest gap",
  "nobody-well-is-expelled": "wrongly expelled",
} as const satisfies Readonly<Record<Law, Metric>>;
