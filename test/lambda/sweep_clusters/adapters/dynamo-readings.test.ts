import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { openReadings } from "../../../../lambda/sweep_clusters/adapters/dynamo-readings.ts";
import { READINGS_KEY, readingKey } from "../../../../lib/contract/tables.ts";
import { type LocalDynamo, startDynamo } from "../../send_cluster_mail/support/dynamodb.ts";

const READINGS = "readings";
let dynamo: LocalDynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
  await dynamo.makeTable(READINGS, READINGS_KEY);
});
afterAll(() => dynamo.close());

const NOON_MS = Date.parse("2026-01-01T12:00:00Z");
const HOUR_MS = 3_600_000;

/** A reading, with as much beside its key as makes pages fill up. */
const put = (cluster: string, measuredAt: string, node: number, bytes = 0) =>
  dynamo.client.send(
    new PutItemCommand({
      TableName: READINGS,
      Item: {
        [READINGS_KEY.partition]: { S: cluster },
        [READINGS_KEY.sort]: { S: readingKey(measuredAt, node) },
        filler: { S: "x".repeat(bytes) },
      },
    }),
  );
const count = (cluster: string) =>
  openReadings(READINGS, dynamo.client).count(cluster, NOON_MS - HOUR_MS, NOON_MS);

test("readings around an hour -> those from its first millisecond to its last, of this cluster", async () => {
  await put("kitchen", "2026-01-01T10:59:59.999Z", 0);
  await put("kitchen", "2026-01-01T11:00:00.000Z", 0);
  await put("kitchen", "2026-01-01T11:59:59.999Z", 0);
  await put("kitchen", "2026-01-01T11:59:59.999Z", 1);
  await put("kitchen", "2026-01-01T12:00:00.000Z", 0);
  await put("shed", "2026-01-01T11:30:00.000Z", 0);
  expect(await count("kitchen")).toBe(3);
});

test("an hour without readings -> 0", async () => {
  expect(await count("cellar")).toBe(0);
});

test("more than a page of 1 MB -> all of them", async () => {
  for (let minute = 10; minute < 15; minute++)
    await put("loft", `2026-01-01T11:${minute}:00.000Z`, 0, 300_000);
  expect(await count("loft")).toBe(5);
});
