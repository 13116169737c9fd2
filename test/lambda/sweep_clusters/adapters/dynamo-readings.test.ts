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

test("pages of a span -> its readings, oldest first, without what is no reading", async () => {
  const whole = (measured_at: string, node: number) =>
    dynamo.client.send(
      new PutItemCommand({
        TableName: READINGS,
        Item: {
          [READINGS_KEY.partition]: { S: "attic" },
          [READINGS_KEY.sort]: { S: readingKey(measured_at, node) },
          measured_at: { S: measured_at },
          node: { N: String(node) },
          term: { N: "7" },
          temperature_c: { N: "-3.25" },
          filler: { S: "x".repeat(300_000) },
        },
      }),
    );
  for (const minute of [40, 20, 30, 10, 50]) await whole(`2026-01-01T11:${minute}:00.000Z`, minute / 10 - 1);
  await whole("2026-01-01T12:00:00.000Z", 0);
  await put("attic", "2026-01-01T11:35:00.000Z", 0);
  const pages = [];
  for await (const page of openReadings(READINGS, dynamo.client).pages("attic", NOON_MS - HOUR_MS, NOON_MS))
    pages.push(page);
  expect(pages.length).toBeGreaterThan(1);
  expect(pages.flat().map(({ node }) => node)).toEqual([0, 1, 2, 3, 4]);
  expect(pages.flat()[0]).toEqual({
    node: 0,
    term: 7,
    measuredMs: Date.parse("2026-01-01T11:10:00.000Z"),
    temperatureC: -3.25,
  });
});
