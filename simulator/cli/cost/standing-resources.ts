/** What of a synthesized app stands for a month, whatever happens, and what it does by itself. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What a synthesized app provisions that costs by the month, whatever happens. */
export interface StandingResources {
  /** Metrics in alarms: an alarm on an expression counts as often as there are metrics in it. */
  readonly alarmMetrics: number;
  readonly dashboards: number;
  readonly secrets: number;
  readonly queues: number;
  readonly buses: number;
}

interface Resource {
  readonly Type: string;
  readonly Properties?: { readonly Metrics?: readonly { readonly MetricStat?: unknown }[] };
}

/** Of the templates in a folder. */
export function standingResources(assembly: string): StandingResources {
  const resources = readdirSync(assembly)
    .filter((name) => name.endsWith(".template.json"))
    .flatMap((file) => {
      const template: { readonly Resources?: Readonly<Record<string, Resource>> } = JSON.parse(
        readFileSync(join(assembly, file), "utf8"),
      );
      return Object.values(template.Resources ?? {});
    });
  const of = (type: string) => resources.filter(({ Type }) => Type === type);
  return {
    alarmMetrics: of("AWS::CloudWatch::Alarm").reduce((all, alarm) => all + metricsIn(alarm), 0),
    dashboards: of("AWS::CloudWatch::Dashboard").length,
    secrets: of("AWS::SecretsManager::Secret").length,
    queues: of("AWS::SQS::Queue").length,
    buses: of("AWS::Events::EventBus").length,
  };
}

/** A query is billed by the metrics that it finds, one at least. */
const metricsIn = ({ Properties }: Resource): number =>
  Math.max(1, (Properties?.Metrics ?? []).filter(({ MetricStat }) => MetricStat !== undefined).length);
