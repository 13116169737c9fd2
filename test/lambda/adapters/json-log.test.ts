import { jsonLog, metricLog } from "../../../lambda/adapters/json-log.ts";
import { METRICS, type MetricValues, type WatchLevel } from "../../../lib/contract/metrics.ts";
import { testCloud } from "../send_cluster_mail/support/cloud.ts";
import { death } from "../send_cluster_mail/support/fixtures.ts";

test("an entry -> one line of JSON", async () => {
  const cloud = testCloud();
  await cloud.invoke(death());
  const lines: string[] = [];
  jsonLog((line) => void lines.push(line))(cloud.log[0]!);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^[^\n]+\n$/);
  expect(JSON.parse(lines[0]!)).toEqual(cloud.log[0]);
});

const entry = { message: "decision", why: "opened", cluster: "kitchen" };
const written = (values: MetricValues, watch: WatchLevel = "full"): Record<string, unknown> => {
  const lines: string[] = [];
  metricLog<object>(
    "home",
    (line) => void lines.push(line),
    () => 1_767_268_800_000,
    () => values,
    watch,
  )(entry);
  expect(lines).toEqual([expect.stringMatching(/^[^\n]+\n$/)]);
  return JSON.parse(lines[0]!);
};

describe("an entry with metrics", () => {
  test("two of them -> its fields, the values beside them, and a directive each that names value and dimension", () => {
    expect(written({ mails: 1, failovers: 1 })).toEqual({
      ...entry,
      mails: 1,
      failovers: 1,
      _aws: {
        Timestamp: 1_767_268_800_000,
        CloudWatchMetrics: [
          { Namespace: "home", Dimensions: [["why"]], Metrics: [{ Name: "mails", Unit: "Count" }] },
          { Namespace: "home", Dimensions: [["cluster"]], Metrics: [{ Name: "failovers", Unit: "Count" }] },
        ],
      },
    });
  });

  test("one that an alarm reads too -> by its dimension for the dashboard, and its total", () => {
    expect(written({ readings: 4 })).toEqual({
      ...entry,
      readings: 4,
      _aws: {
        Timestamp: 1_767_268_800_000,
        CloudWatchMetrics: [
          {
            Namespace: "home",
            Dimensions: [["cluster"], []],
            Metrics: [{ Name: "readings", Unit: "Count" }],
          },
        ],
      },
    });
  });

  test("no dashboard -> the total that an alarm reads alone: none by cluster, none that nothing reads", () => {
    expect(written({ readings: 4, temperature_c: 20.5 }, "essential")).toMatchObject({
      _aws: {
        CloudWatchMetrics: [{ Dimensions: [[]], Metrics: [{ Name: "readings", Unit: "Count" }] }],
      },
    });
    expect(written({ mails: 1, failovers: 1 }, "essential")).toEqual(entry);
  });

  test("all metrics without a dashboard -> fewer than the ten that are free, however many clusters", () => {
    const all = Object.fromEntries(Object.keys(METRICS).map((name) => [name, 1]));
    const { _aws } = written(all, "essential") as {
      _aws: { CloudWatchMetrics: readonly { readonly Dimensions: readonly unknown[] }[] };
    };
    const sets = _aws.CloudWatchMetrics.flatMap(({ Dimensions }) => Dimensions);
    expect(sets.length).toBeLessThanOrEqual(10);
    expect(sets.every((set) => Array.isArray(set) && set.length === 0)).toBe(true);
  });

  test("a value of 0 -> written: no reading in an hour is what somebody wants to see", () => {
    expect(written({ readings: 0 })).toMatchObject({ readings: 0, _aws: expect.anything() });
  });

  test("none -> the entry as it is", () => {
    expect(written({})).toEqual(entry);
  });
});
