/**
 * The dashboard of a deployment. Graphs search for their metrics, so that a new cluster, or a new reason, appears by
 * itself. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 */
import { Aws, Duration } from "aws-cdk-lib";
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import { METRICS, type MetricName } from "../contract/metrics.ts";
import { partName } from "../contract/names.ts";
import type { KeptTable } from "./kept-table.ts";
import { readingsStored } from "./watch.ts";

/** The parts whose metrics the dashboard shows. */
export interface DashboardProps {
  /** The deployment's name. */
  readonly name: string;
  readonly runbookUrl: string;
  readonly alarms: readonly Alarm[];
  readonly readingsTable: KeptTable;
  /** Minutes between two sweeps, which write the temperatures. */
  readonly sweepMinutes: number;
}

const HOUR = Duration.hours(1);
const HALF = 12;
const WHOLE = 24;
const HEIGHT = 6;

const graph = (title: string, ...left: readonly IMetric[]): GraphWidget =>
  new GraphWidget({ title, left: [...left], width: HALF, height: HEIGHT, liveData: true });

/** A graph's line for each value of the metric's dimension. */
const each = (
  namespace: string,
  metric: MetricName,
  statistic: "Average" | "Maximum" | "Sum",
  period: Duration,
): MathExpression =>
  new MathExpression({
    expression: `SEARCH('{${namespace},${METRICS[metric].by}} MetricName="${metric}"', '${statistic}', ${period.toSeconds()})`,
    label: `\${PROP('Dim.${METRICS[metric].by}')}`,
    period,
  });

/** One dashboard, for a deployment with `watch: full`. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const dashboard = new CloudWatchDashboard(this, "Dashboard", {
      // An account has one list of dashboards for all regions.
      dashboardName: partName(props.name, Aws.REGION),
      defaultInterval: Duration.days(2),
    });
    dashboard.addWidgets(
      new TextWidget({
        markdown: `Readings and temperatures are from the last sweep. What to do about an alarm: [runbook](${props.runbookUrl}#alarms).`,
        width: WHOLE,
        height: 1,
      }),
    );
    dashboard.addWidgets(
      // Maximum: the hour's count is written once, but a sweep that is repeated writes it again.
      graph(
        "Readings per hour",
        each(props.name, "readings", "Maximum", HOUR),
        readingsStored(props.readingsTable).with({ label: "all, as stored" }),
      ),
      graph(
        "Temperature, °C",
        each(props.name, "temperature_c", "Average", Duration.minutes(props.sweepMinutes)),
      ),
    );
    dashboard.addWidgets(
      graph("Failovers per hour", each(props.name, "failovers", "Sum", HOUR)),
      new AlarmStatusWidget({ title: "Alarms", alarms: [...props.alarms], width: HALF, height: HEIGHT }),
    );
    dashboard.addWidgets(
      graph("Mails per hour, by reason", each(props.name, "mails", "Sum", HOUR)),
      graph("No mail, by reason", each(props.name, "suppressions", "Sum", HOUR)),
    );
    dashboard.addWidgets(
      graph("Recipients refused, by reason", each(props.name, "refused_recipients", "Sum", HOUR)),
    );
  }
}
