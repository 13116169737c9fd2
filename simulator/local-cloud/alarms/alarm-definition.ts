/**
 * Parses an alarm of the template.
 *
 * Emulated: alarms on one metric, and on one query of the form SELECT SUM(x) FROM "namespace" WHERE dimension =
 * 'value'. Any other expression, statistic, comparison or property is refused by name. Periods are whole minutes.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html
 */
import type { ResolvedResource } from "../template/assembly.ts";
import { TemplateError } from "../template/intrinsics.ts";
import { only, type Properties, record, text } from "../template/properties.ts";
import type { Datum } from "./metric.ts";

const STATISTICS = ["Average", "Maximum", "Minimum", "SampleCount", "Sum"] as const;
/** How an alarm reduces a period's data to one number, in CloudWatch's words. */
export type Statistic = (typeof STATISTICS)[number];

/** What a period without data counts as. `ignore`: it does not count, so that the alarm stays as it is. */
const MISSING = ["breaching", "notBreaching", "ignore"] as const;
/** One of `MISSING`. */
export type Missing = (typeof MISSING)[number];

interface Comparison {
  /** The comparison in CloudWatch's words. */
  readonly words: string;
  readonly breaches: (value: number, threshold: number) => boolean;
}

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  GreaterThanOrEqualToThreshold: {
    words: "greater than or equal to",
    breaches: (value, threshold) => value >= threshold,
  },
  GreaterThanThreshold: { words: "greater than", breaches: (value, threshold) => value > threshold },
  LessThanOrEqualToThreshold: {
    words: "less than or equal to",
    breaches: (value, threshold) => value <= threshold,
  },
  LessThanThreshold: { words: "less than", breaches: (value, threshold) => value < threshold },
};

/** An `AWS::CloudWatch::Alarm` of the template, resolved; periods in milliseconds. */
export interface AlarmDefinition {
  readonly name: string;
  readonly arn: string;
  readonly description: string;
  readonly namespace: string;
  readonly metric: string;
  /** Whether a datum counts: for a query, one with its dimension; for a metric, one with exactly its dimensions. */
  readonly counts: (datum: Datum) => boolean;
  readonly statistic: Statistic;
  readonly periodMs: number;
  /** N: how many periods back are evaluated. */
  readonly periods: number;
  /** M: how many of them must breach. */
  readonly datapoints: number;
  readonly threshold: number;
  readonly comparison: Comparison;
  readonly missing: Missing;
  /** ARNs of topics, like `okActions`. */
  readonly alarmActions: readonly string[];
  readonly okActions: readonly string[];
}

const KNOWN = [
  "ActionsEnabled",
  "AlarmActions",
  "AlarmDescription",
  "AlarmName",
  "ComparisonOperator",
  "DatapointsToAlarm",
  "EvaluationPeriods",
  "OKActions",
  "Threshold",
  "TreatMissingData",
];
const OF_METRIC = ["Dimensions", "MetricName", "Namespace", "Period", "Statistic"];
const QUERY_KNOWN = ["Expression", "Id", "Label", "Period", "ReturnData"];
const MINUTE_MS = 60_000;
const QUERY = /^SELECT SUM\((\w+)\) FROM "([^"]+)" WHERE (\w+) = '([^']+)'$/;

/** Parses one alarm. @throws TemplateError when it has something that is not emulated */
export function readAlarm({ stack, logicalId, name, arn, properties }: ResolvedResource): AlarmDefinition {
  const where = `${stack}/${logicalId}`;
  const { Metrics, ...rest } = properties;
  only(rest, Metrics === undefined ? [...KNOWN, ...OF_METRIC] : KNOWN, where);
  const operator = text(rest, "ComparisonOperator", where);
  const comparison = COMPARISONS[operator];
  if (comparison === undefined) throw notEmulated(where, "comparison", operator, Object.keys(COMPARISONS));
  const periods = count(rest, "EvaluationPeriods", where);
  const enabled = rest.ActionsEnabled !== false;
  return {
    name,
    arn,
    description: typeof rest.AlarmDescription === "string" ? rest.AlarmDescription : "",
    ...(Metrics === undefined ? ofMetric(rest, where) : ofQuery(Metrics, `${where}.Metrics`)),
    periods,
    datapoints: rest.DatapointsToAlarm === undefined ? periods : count(rest, "DatapointsToAlarm", where),
    threshold: number(rest, "Threshold", where),
    comparison,
    missing: oneOf(MISSING, "TreatMissingData", rest.TreatMissingData ?? "missing", where),
    alarmActions: enabled ? topicsIn(rest, "AlarmActions", where) : [],
    okActions: enabled ? topicsIn(rest, "OKActions", where) : [],
  };
}

type Source = Pick<AlarmDefinition, "namespace" | "metric" | "counts" | "statistic" | "periodMs">;

function ofMetric(properties: Properties, where: string): Source {
  const wanted = new Map(
    ((properties.Dimensions ?? []) as readonly unknown[]).map((one, i) => {
      const at = `${where}.Dimensions[${i}]`;
      const dimension = record(one, at);
      return [text(dimension, "Name", at), text(dimension, "Value", at)] as const;
    }),
  );
  return {
    namespace: text(properties, "Namespace", where),
    metric: text(properties, "MetricName", where),
    counts: ({ dimensions }) => {
      const names = Object.keys(dimensions);
      return names.length === wanted.size && names.every((name) => wanted.get(name) === dimensions[name]);
    },
    statistic: oneOf(STATISTICS, "Statistic", properties.Statistic, where),
    periodMs: periodMs(properties, where),
  };
}

function ofQuery(metrics: unknown, where: string): Source {
  const [query, ...others] = metrics as readonly unknown[];
  if (others.length > 0) throw new TemplateError(`${where}: metric math is not emulated; one query is`);
  const properties = record(query, where);
  only(properties, QUERY_KNOWN, where);
  const expression = text(properties, "Expression", where);
  const [, metric, namespace, dimension, value] = QUERY.exec(expression) ?? [];
  if (metric === undefined || namespace === undefined || dimension === undefined)
    throw new TemplateError(
      `${where}: the expression ${expression} is not emulated; SELECT SUM(metric) FROM "namespace" WHERE dimension = 'value' is`,
    );
  return {
    namespace,
    metric,
    counts: ({ dimensions }) => dimensions[dimension] === value,
    statistic: "Sum",
    periodMs: periodMs(properties, where),
  };
}

const notEmulated = (where: string, what: string, found: unknown, known: readonly string[]): TemplateError =>
  new TemplateError(`${where}: the ${what} ${found} is not emulated; these are: ${known.join(", ")}`);

function oneOf<T extends string>(known: readonly T[], what: string, found: unknown, where: string): T {
  const one = known.find((candidate) => candidate === found);
  if (one === undefined) throw notEmulated(where, what, found, known);
  return one;
}

function number(properties: Properties, key: string, where: string): number {
  const value = Number(properties[key]);
  if (properties[key] !== undefined && Number.isFinite(value)) return value;
  throw new TemplateError(`${where}.${key}: expected a number, found ${JSON.stringify(properties[key])}`);
}

function count(properties: Properties, key: string, where: string): number {
  const value = number(properties, key, where);
  if (Number.isInteger(value) && value > 0) return value;
  throw new TemplateError(`${where}.${key}: expected a whole number from 1, found ${value}`);
}

function periodMs(properties: Properties, where: string): number {
  const ms = count(properties, "Period", where) * 1_000;
  if (ms % MINUTE_MS === 0) return ms;
  throw new TemplateError(`${where}.Period: high-resolution alarms are not emulated; whole minutes are`);
}

function topicsIn(properties: Properties, key: string, where: string): readonly string[] {
  const actions = (properties[key] ?? []) as readonly unknown[];
  return actions.map((action) => {
    if (typeof action === "string" && action.startsWith("arn:aws:sns:")) return action;
    throw new TemplateError(`${where}.${key}: the action ${action} is not emulated; SNS topics are`);
  });
}
