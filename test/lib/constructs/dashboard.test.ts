import { METRICS } from "../../../lib/contract/metrics.ts";
import { exampleConfig, propertiesOf, synthesize } from "../example-app.ts";

interface Widget {
  readonly type: string;
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly alarms?: readonly string[];
    readonly metrics?: readonly (readonly (
      | string
      | { readonly expression?: string; readonly label?: string }
    )[])[];
  };
}

const { pipeline } = synthesize({ ...exampleConfig, watch: "full" });
const [dashboard] = propertiesOf(pipeline, "AWS::CloudWatch::Dashboard");
const { widgets } = JSON.parse(String(dashboard?.DashboardBody)) as { widgets: Widget[] };
const searches = widgets.flatMap(({ properties: { title, metrics = [] } }) =>
  metrics.flatMap(([first]) => (typeof first === "object" ? [[title, first.expression]] : [])),
);

test("what a person asks -> a graph each, of every metric that functions write", () => {
  expect(dashboard?.DashboardName).toBe("ha2m-<AWS::Region>");
  expect(searches).toEqual([
    ["Readings per hour", `SEARCH('{ha2m,cluster} MetricName="readings"', 'Maximum', 3600)`],
    ["Temperature, °C", `SEARCH('{ha2m,cluster} MetricName="temperature_c"', 'Average', 900)`],
    ["Failovers per hour", `SEARCH('{ha2m,cluster} MetricName="failovers"', 'Sum', 3600)`],
    ["Mails per hour, by reason", `SEARCH('{ha2m,why} MetricName="mails"', 'Sum', 3600)`],
    ["No mail, by reason", `SEARCH('{ha2m,why} MetricName="suppressions"', 'Sum', 3600)`],
    ["Recipients refused, by reason", `SEARCH('{ha2m,why} MetricName="refused_recipients"', 'Sum', 3600)`],
  ]);
  expect(searches.map(([, expression]) => /MetricName="(\w+)"/.exec(expression!)?.[1]).sort()).toEqual(
    Object.keys(METRICS).sort(),
  );
});

test("readings of all clusters -> as DynamoDB counts them", () => {
  const [stored] = widgets
    .flatMap(({ properties: { metrics = [] } }) => metrics)
    .filter(([namespace]) => namespace === "AWS/DynamoDB");
  expect(stored).toEqual([
    "AWS/DynamoDB",
    "SuccessfulRequestLatency",
    "Operation",
    "PutItem",
    "TableName",
    "<OutputRefReadings>",
    { label: "all, as stored", period: 3_600, stat: "SampleCount" },
  ]);
});

test("alarms -> the state of each, and where to read on", () => {
  const [status] = widgets.filter(({ type }) => type === "alarm");
  expect(status?.properties.alarms).toHaveLength(
    Object.keys(pipeline.findResources("AWS::CloudWatch::Alarm")).length,
  );
  const [text] = widgets.filter(({ type }) => type === "text");
  expect(text?.properties.markdown).toContain(`${exampleConfig.mail.runbook_url}#alarms`);
});
