/** How a cluster stands, read from the tables as rules and functions write them. */
import { PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { toItem } from "../../../../lambda/adapters/incident-item.ts";
import { toAttributes } from "../../../../lambda/adapters/item-values.ts";
import type { Firing } from "../../../../lambda/core/incident.ts";
import { openSurroundings } from "../../../../lambda/send_cluster_mail/adapters/dynamo-surroundings.ts";
import type { IncidentId } from "../../../../lib/contract/incidents.ts";
import { CLUSTERS_KEY, heartbeatKey, READINGS_KEY, readingKey } from "../../../../lib/contract/tables.ts";
import { type LocalDynamo, startDynamo, TABLE } from "../support/dynamodb.ts";
import { FACTS } from "../support/mail-contexts.ts";

const READINGS = "readings";
const NOW_MS = Date.parse("2026-03-05T12:00:00.000Z");
const MINUTE_MS = 60_000;
const PLENTY_MS = 20_000;

let dynamo: LocalDynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
  await dynamo.makeTable(READINGS, READINGS_KEY);
});
afterAll(() => dynamo.close());

const put = (TableName: string, Item: ReturnType<typeof toAttributes>) =>
  dynamo.client.send(new PutItemCommand({ TableName, Item }));

const reading = (cluster: string, atMs: number, temperature_c: number) =>
  put(
    READINGS,
    toAttributes({
      [READINGS_KEY.partition]: cluster,
      [READINGS_KEY.sort]: readingKey(new Date(atMs).toISOString(), 1),
      measured_at: new Date(atMs).toISOString(),
      temperature_c,
      battery_mv: 5_012,
    }),
  );

const heartbeat = (cluster: string, node: number, fields: object) =>
  put(
    TABLE,
    toAttributes({
      [CLUSTERS_KEY.partition]: cluster,
      [CLUSTERS_KEY.sort]: heartbeatKey(node),
      node,
      received_at: NOW_MS - 7 * MINUTE_MS,
      sleep_s: 900,
      temperature_c: -18.5,
      ...fields,
    }),
  );

const firing = (id: IncidentId, facts: Firing["facts"]): Firing => ({
  state: "firing",
  id,
  rev: 1,
  episode: { number: 1, thread: 1, sinceMs: NOW_MS, openedMs: NOW_MS },
  since: { term: 0, atMs: NOW_MS },
  changedMs: NOW_MS,
  flaps: 0,
  facts,
  channels: {},
});

const look = (id: IncidentId, tables = { clusters: TABLE, readings: READINGS }, withinMs = PLENTY_MS) =>
  openSurroundings(tables, dynamo.client, withinMs)(id, NOW_MS);

test("a cluster with another incident and a day of readings -> both, without the mail's own incident", async () => {
  const id = { clusterId: "kitchen", kind: "node-dead", subject: 0 } as const;
  await heartbeat("kitchen", 1, {});
  await put(TABLE, toItem(firing(id, FACTS["node-dead"])));
  await put(TABLE, toItem(firing({ ...id, kind: "battery-low", subject: 1 }, FACTS["battery-low"])));
  await reading("kitchen", NOW_MS - 24 * 60 * MINUTE_MS - 1, 99);
  await reading("kitchen", NOW_MS - 15 * MINUTE_MS, 3.5);
  await reading("kitchen", NOW_MS - MINUTE_MS, 4.25);
  await reading("shed", NOW_MS - MINUTE_MS, 77);
  expect(await look(id)).toEqual({
    surroundings: {
      heard: [{ node: 1, receivedMs: NOW_MS - 7 * MINUTE_MS, sleepS: 900, temperatureC: -18.5 }],
      firing: [FACTS["battery-low"]],
      readings: [
        { atMs: NOW_MS - MINUTE_MS, temperatureC: 4.25 },
        { atMs: NOW_MS - 15 * MINUTE_MS, temperatureC: 3.5 },
      ],
    },
    errors: [],
  });
});

test("items that are not what they should be -> left out, the rest is told", async () => {
  const id = { clusterId: "cellar", kind: "cluster-silent", subject: 0 } as const;
  await heartbeat("cellar", 0, { received_at: "yesterday" });
  await heartbeat("cellar", 1, {});
  const broken = toItem(firing({ ...id, kind: "node-suspect", subject: 1 }, FACTS["node-suspect"]));
  await put(TABLE, { ...broken, facts: { S: '{"kind":"node-suspect"}' } });
  const cut = toItem(firing({ ...id, kind: "split-brain" }, FACTS["split-brain"]));
  await put(TABLE, { ...cut, facts: { S: '{"kind":"split-br' } });
  const { surroundings, errors } = await look(id);
  expect(surroundings).toMatchObject({ heard: [{ node: 1 }], firing: [], readings: [] });
  expect(errors).toEqual([]);
});

test("one table does not answer -> the other's part, and the error by name", async () => {
  const id = { clusterId: "kitchen", kind: "node-dead", subject: 0 } as const;
  const { surroundings, errors } = await look(id, { clusters: TABLE, readings: "not-there" });
  expect(surroundings).toMatchObject({ heard: [{ node: 1 }] });
  expect(surroundings.readings).toBeUndefined();
  expect(errors).toEqual([expect.stringContaining("ResourceNotFoundException")]);
});

test("no time at all -> nothing is told, nothing is thrown", async () => {
  const id = { clusterId: "kitchen", kind: "node-dead", subject: 0 } as const;
  const { surroundings, errors } = await look(id, undefined, 0);
  expect(surroundings).toEqual({});
  expect(errors).toHaveLength(2);
});

test("a reading a second -> one page of the newest", async () => {
  const sent: QueryCommand[] = [];
  const client = Object.create(dynamo.client) as typeof dynamo.client;
  client.send = async (command: unknown) => {
    if (command instanceof QueryCommand) sent.push(command);
    return { Items: [], LastEvaluatedKey: { more: { S: "of it" } } };
  };
  const tables = { clusters: TABLE, readings: READINGS };
  await openSurroundings(
    tables,
    client,
    PLENTY_MS,
  )({ clusterId: "k", kind: "node-dead", subject: 0 }, NOW_MS);
  expect(sent).toHaveLength(2);
  expect(sent.map(({ input }) => input.ConsistentRead)).toEqual([false, false]);
  expect(sent[1]!.input).toMatchObject({ ScanIndexForward: false, Limit: 1_440 });
});
