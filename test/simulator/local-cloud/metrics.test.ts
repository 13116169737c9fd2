/** The metrics in the functions' lines, written by the bundles that would be deployed: what CloudWatch would make of them. */
import { freshAssembly } from "../../../simulator/cli/shared/assembly-cache.ts";
import { readCdkJson } from "../../../simulator/cli/shared/cdk-json.ts";
import { ComposedCloud } from "./composed-cloud.ts";
import { START_MS } from "./functions/runner-fixture.ts";
import { death, reading } from "./support/messages.ts";

// A ceiling for what hangs; the first run after a change synthesizes the app.
jest.setTimeout(60_000);

/** A line in CloudWatch's embedded metric format. */
interface MetricLine extends Readonly<Record<string, unknown>> {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
}

const composed = new ComposedCloud();
afterAll(() => composed.stop());

const readingAt = (quarterHours: number): string =>
  reading({
    measured_at: new Date(START_MS + quarterHours * 900_000).toISOString(),
    temperature_c: 20 + quarterHours,
    seq: quarterHours,
    // That of the death: under an older one, the chips would have been exchanged.
    term: 2,
  });

async function after(ms: number): Promise<void> {
  composed.clock.pass(ms);
  await composed.cloud.idle();
}

/** As CloudWatch reads a line: a value for each metric and set of dimensions, by name and by the values of these. */
const extracted = ({ _aws, ...fields }: MetricLine) =>
  _aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Metrics.flatMap(({ Name }) =>
      Dimensions.map((set) => {
        const values = set.map((dimension) => fields[dimension]);
        if (values.some((value) => typeof value !== "string" || value === ""))
          throw new Error(`${Name}: CloudWatch takes texts as dimensions, found ${JSON.stringify(values)}`);
        return { metric: [Namespace, Name, ...values].join(" "), value: fields[Name], at: _aws.Timestamp };
      }),
    ),
  );

test("watched in full, two hours of readings, a failover reported twice -> each metric as often and as high as a graph should show it", async () => {
  const { ha2m } = readCdkJson().context;
  await composed.start(
    await freshAssembly(() => undefined, { ha2m: { ...(ha2m as object), watch: "full" } }),
  );
  // Sweeps come at the full quarter, readings a minute later.
  await after(60_000);
  await composed.publish("event", 1, death({ term: 2 }));
  await composed.cloud.idle();
  await composed.publish("event", 1, death({ term: 2 }));
  for (let quarter = 0; quarter < 8; quarter++) {
    await composed.publish("reading", 1, readingAt(quarter));
    await composed.cloud.idle();
    await after(900_000);
  }
  const values = new Map<string, unknown[]>();
  const lines = composed.log.flatMap(({ code, fields }) =>
    code === "function-log" && fields?._aws !== undefined ? [fields as MetricLine] : [],
  );
  for (const { metric, value, at } of lines.flatMap(extracted)) {
    values.set(metric, [...(values.get(metric) ?? []), value]);
    // Epoch ms by the function's clock: CloudWatch drops what is two hours ahead or two weeks behind.
    expect(at - START_MS).toBeGreaterThanOrEqual(0);
    expect(at - START_MS).toBeLessThan(3 * 3_600_000);
  }
  expect(Object.fromEntries(values)).toEqual({
    "ha2m failovers kitchen": [1, 1],
    "ha2m mails opened": [1],
    "ha2m suppressions already-told": [1],
    "ha2m temperature_c kitchen": [20, 21, 22, 23, 24, 25, 26, 27],
    // Not at the first sweep: the cluster was not heard of yet.
    "ha2m readings kitchen": [4, 4],
    "ha2m readings": [4, 4],
  });
});
