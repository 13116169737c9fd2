/** What a sweep says of what a person asks: how warm it is, how many readings came. */
import { parseConfig } from "../../../lambda/sweep_clusters/core/config.ts";
import type { LogEntry, Readings } from "../../../lambda/sweep_clusters/core/ports.ts";
import { makeHandler } from "../../../lambda/sweep_clusters/handler.ts";
import { environment, NOON_MS } from "../send_cluster_mail/support/fixtures.ts";
import { heartbeat, view } from "./core/detect/views.ts";

const config = parseConfig({ ...environment, SEND_FUNCTION: "send", READINGS_TABLE: "readings" });

async function sweep(at: string, count: Readings["count"], unheard: readonly string[] = []) {
  const log: LogEntry[] = [];
  const run = makeHandler({
    config,
    clusters: {
      read: async (clusterId) => ({
        ...view(heartbeat(0, -1)),
        ...(unheard.includes(clusterId) ? {} : { batteries: new Map([[0, [{ day: 20_453, mv: 5_200 }]]]) }),
        clusterId,
        unreadable: [],
      }),
      keepSamples: async () => undefined,
      remember: async () => undefined,
    },
    readings: {
      count,
      async *pages() {
        yield [];
      },
    },
    signals: { give: async () => undefined },
    log: (entry) => void log.push(entry),
  })({ scheduled_time: at }, { awsRequestId: "r" });
  const failure = await run.then(
    () => undefined,
    (error: Error) => error.message,
  );
  return { log: log.filter(({ message }) => message !== "sweep"), failure };
}

const reading = (cluster: string) => ({
  level: "info",
  message: "cluster",
  cluster,
  node: 0,
  temperature_c: 20,
  battery_mv: 5_200,
  request_id: "r",
});

test("the first sweep of an hour -> each configured cluster's newest reading, and its readings in the hour before", async () => {
  const asked: unknown[] = [];
  const { log } = await sweep("2026-01-01T12:00:00Z", async (...given) => asked.push(given));
  expect(asked).toEqual([
    ["kitchen", NOON_MS - 3_600_000, NOON_MS],
    ["shed", NOON_MS - 3_600_000, NOON_MS],
  ]);
  const hour = { level: "info", message: "hour", request_id: "r" };
  expect(log).toEqual([
    reading("kitchen"),
    reading("shed"),
    { ...hour, cluster: "kitchen", readings: 1 },
    { ...hour, cluster: "shed", readings: 2 },
  ]);
});

test("a cluster that no sweep has heard of before -> its line says so: no reading of it in that hour is no alarm", async () => {
  const { log } = await sweep("2026-01-01T12:00:00Z", async () => 0, ["shed"]);
  const hours = log.filter(({ message }) => message === "hour");
  expect(hours.map(({ cluster, heard }) => [cluster, heard])).toEqual([
    ["kitchen", undefined],
    ["shed", false],
  ]);
});

test("a later sweep of the hour -> nothing is counted", async () => {
  const asked: unknown[] = [];
  await sweep("2026-01-01T12:15:00Z", async (...given) => asked.push(given));
  expect(asked).toEqual([]);
});

test("one cluster's readings cannot be counted -> the other's are told, and the sweep fails to be repeated", async () => {
  const { log, failure } = await sweep("2026-01-01T12:00:00Z", async (cluster) => {
    if (cluster === "kitchen") throw new Error("AccessDeniedException");
    return 4;
  });
  expect(log.filter(({ message }) => message === "hour")).toMatchObject([{ cluster: "shed", readings: 4 }]);
  expect(failure).toBe("1 requests failed: Error: AccessDeniedException");
});
