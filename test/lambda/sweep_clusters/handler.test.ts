import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { openClusters } from "../../../lambda/sweep_clusters/adapters/dynamo-clusters.ts";
import { parseConfig } from "../../../lambda/sweep_clusters/core/config.ts";
import type { Clusters, LogEntry } from "../../../lambda/sweep_clusters/core/ports.ts";
import { type Memory, NO_MEMORY } from "../../../lambda/sweep_clusters/core/view.ts";
import { makeHandler } from "../../../lambda/sweep_clusters/handler.ts";
import type { SweepSignal } from "../../../lib/contract/incidents.ts";
import { type LocalDynamo, startDynamo, TABLE } from "../send_cluster_mail/support/dynamodb.ts";
import { environment, NOON_MS } from "../send_cluster_mail/support/fixtures.ts";
import { heartbeat } from "./core/detect/views.ts";

let dynamo: LocalDynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

const config = parseConfig({ ...environment, SEND_FUNCTION: "send" });
const NOON = { scheduled_time: "2026-01-01T12:00:00Z" };
const empty = { incidents: [], heartbeats: [], batteries: new Map(), memory: NO_MEMORY, unreadable: [] };

function swept(clusters: Partial<Clusters>, give: (signal: SweepSignal) => Promise<void> = async () => {}) {
  const log: LogEntry[] = [];
  const kept: unknown[] = [];
  const handler = makeHandler({
    config,
    clusters: {
      read: async (clusterId) => ({ clusterId, ...empty }),
      keepSamples: async (...given) => void kept.push(given),
      remember: async () => {},
      ...clusters,
    },
    signals: { give },
    log: (entry) => void log.push(entry),
  });
  return { run: (input: unknown = NOON) => handler(input, { awsRequestId: "r" }), log, kept };
}

test("a sweep -> one line with how many clusters and signals", async () => {
  const given: SweepSignal[] = [];
  const { run, log } = swept(
    {
      read: async (clusterId) => ({
        clusterId,
        ...empty,
        heartbeats: clusterId === "shed" ? [heartbeat(0, -90)] : [],
      }),
    },
    async (signal) => void given.push(signal),
  );
  expect(await run()).toEqual({ signals: 1 });
  expect(given).toEqual([expect.objectContaining({ cluster_id: "shed", kind: "cluster-silent" })]);
  expect(log).toEqual([
    { level: "info", message: "sweep", clusters: 2, signals: { firing: 1 }, request_id: "r" },
  ]);
});

test("one cluster cannot be read -> the others are swept all the same, then the failure is reported", async () => {
  const given: SweepSignal[] = [];
  const { run } = swept(
    {
      async read(clusterId) {
        if (clusterId === "kitchen") throw new Error("ThrottlingException");
        return { clusterId, ...empty, heartbeats: clusterId === "shed" ? [heartbeat(0, -90)] : [] };
      },
    },
    async (signal) => void given.push(signal),
  );
  await expect(run()).rejects.toThrow("1 requests failed: Error: ThrottlingException");
  expect(given).toHaveLength(1);
});

test("the backend's incident cannot be read -> its queues open none anew; the failure is reported", async () => {
  const given: SweepSignal[] = [];
  const handler = makeHandler({
    config,
    clusters: {
      async read(clusterId) {
        if (clusterId === "*") throw new Error("ThrottlingException");
        return { clusterId, ...empty };
      },
      keepSamples: async () => undefined,
      remember: async () => undefined,
    },
    queues: { count: async () => [{ name: "events rule", messages: 1 }] },
    signals: { give: async (signal) => void given.push(signal) },
    log: () => undefined,
  });
  await expect(handler(NOON, { awsRequestId: "r" })).rejects.toThrow("ThrottlingException");
  expect(given).toEqual([]);
});

test("a new day -> one sample of each pack", async () => {
  const { run, kept } = swept({
    read: async (clusterId) => ({
      clusterId,
      ...empty,
      heartbeats: clusterId === "shed" ? [heartbeat(3, -5)] : [],
    }),
  });
  await run();
  expect(kept).toEqual([["shed", 3, [{ day: Math.floor(NOON_MS / 86_400_000), mv: 5_200 }]]]);
});

test.each([[null], [{}], [{ scheduled_time: "noon" }]])("%j as input -> refused by name", async (input) => {
  await expect(swept({}).run(input)).rejects.toMatchObject({ name: "EventUnreadable" });
});

describe("a cluster's part of the table", () => {
  const item = (key: string, rest: object) => ({
    cluster_id: { S: "kitchen" },
    item_key: { S: key },
    ...rest,
  });
  const put = (Item: ReturnType<typeof item>) =>
    dynamo.client.send(new PutItemCommand({ TableName: TABLE, Item }));

  test("what the rule and the sweep wrote -> read back; what cannot be read is named, and passed over", async () => {
    const store = openClusters(TABLE, dynamo.client);
    const number = (value: number) => ({ N: String(value) });
    const reading = {
      node: number(1),
      v: number(1),
      measured_at: { S: "2026-01-01T12:00:05.000Z" },
      received_at: number(NOON_MS),
      temperature_c: number(-3.25),
      seq: number(9),
      term: number(3),
      sleep_s: number(900),
      battery_mv: number(5_200),
      unwritable_eeproms: number(2),
      suspects: number(1),
    };
    await put(item("heartbeat#1", reading));
    await put(item("heartbeat#2", { node: number(2) }));
    await put(item("incident#node-dead#0", { state: { S: "smouldering" } }));
    await put(item("incident#node-wet#0", {}));
    const samples = [{ day: 20_454, mv: 5_200 }];
    await store.keepSamples("kitchen", 1, samples);
    const memory: Memory = {
      silentSinceMs: NOON_MS,
      gaps: [{ fromMs: NOON_MS - 9, toMs: NOON_MS - 1 }],
      doubts: [{ kind: "battery-low", subject: 1, says: "low", newestMs: NOON_MS }],
    };
    await store.remember("kitchen", memory, NOON_MS);
    expect(await store.read("kitchen")).toEqual({
      clusterId: "kitchen",
      heartbeats: [
        // A node's clock that runs ahead counts as of the receipt.
        heartbeat(1, 0, { measuredMs: NOON_MS, temperatureC: -3.25, unwritableEeproms: 2, suspects: 1 }),
      ],
      incidents: [],
      batteries: new Map([[1, samples]]),
      memory,
      unreadable: ["heartbeat#2", "incident#node-dead#0", "incident#node-wet#0"],
    });
  });
});
