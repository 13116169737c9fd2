/** One set of laws, every store of incidents. */
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { openIncidents } from "../../../../lambda/send_cluster_mail/adapters/dynamo-incidents.ts";
import { keyOf, toItem } from "../../../../lambda/send_cluster_mail/adapters/incident-item.ts";
import type { Firing, Incident, Resolved } from "../../../../lambda/send_cluster_mail/core/incident.ts";
import type { Incidents } from "../../../../lambda/send_cluster_mail/core/ports.ts";
import { type LocalDynamo, startDynamo, TABLE } from "../support/dynamodb.ts";
import { NOON_MS } from "../support/fixtures.ts";
import { memoryIncidents } from "../support/memory-incidents.ts";

const telling = { claimId: "mine", claimUntilMs: 30_000, claims: 1, told: false, priorUnconfirmed: false };
const since = { term: 3, atMs: NOON_MS };
const firing: Firing = { state: "firing", rev: 1, episodes: 1, since, telling };
const tombstone: Resolved = {
  state: "resolved",
  rev: 1,
  episodes: 0,
  recovered: since,
  expiresAtS: 1_800_000_000,
};
const resolved: Resolved = {
  ...tombstone,
  rev: 2,
  episodes: 1,
  last: { episode: { since, until: { term: 3, atMs: NOON_MS + 1 } }, telling: { ...telling, claims: 2 } },
};

let dynamo: LocalDynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

let serial = 0;
const newId = () => ({ clusterId: "kitchen", itemKey: `incident#node-dead#${serial++}` });

describe.each<[string, () => Incidents]>([
  ["in memory", memoryIncidents],
  ["DynamoDB API", () => openIncidents(TABLE, dynamo.client)],
])("incident store: %s", (_, open) => {
  test("never written -> undefined", async () => {
    expect(await open().load(newId())).toBeUndefined();
  });

  test.each<[string, Incident]>([
    ["firing", firing],
    ["resolved", resolved],
    ["a tombstone", tombstone],
  ])("%s written -> read back as it was", async (_state, incident) => {
    const [store, id] = [open(), newId()];
    expect(await store.write(id, undefined, incident)).toBe("written");
    expect(await store.load(id)).toEqual(incident);
  });

  test("unknown when read, written meanwhile -> the second write changes nothing", async () => {
    const [store, id] = [open(), newId()];
    await store.write(id, undefined, firing);
    expect(await store.write(id, undefined, tombstone)).toBe("changed-meanwhile");
    expect(await store.load(id)).toEqual(firing);
  });

  test("changed since it was read -> the write changes nothing; unchanged -> it is replaced whole", async () => {
    const [store, id] = [open(), newId()];
    await store.write(id, undefined, firing);
    expect(await store.write(id, { ...firing, rev: 7 }, resolved)).toBe("changed-meanwhile");
    expect(await store.write(id, firing, tombstone)).toBe("written");
    expect(await store.load(id)).toEqual(tombstone);
  });

  test.each<[string, Incident]>([
    ["firing", firing],
    ["resolved", resolved],
  ])("%s, my claim confirmed -> told, once or twice", async (_state, incident) => {
    const [store, id] = [open(), newId()];
    await store.write(id, undefined, incident);
    expect(await store.confirm(id, "mine")).toBe("confirmed");
    expect(await store.confirm(id, "mine")).toBe("confirmed");
    const found = await store.load(id);
    expect(found?.state === "firing" ? found.telling.told : found?.last?.telling.told).toBe(true);
    expect(found?.rev).toBe(incident.rev + 2);
  });

  test("another's claim, a tombstone, nothing -> claim-lost, and nothing appears", async () => {
    const [store, id, empty] = [open(), newId(), newId()];
    await store.write(id, undefined, firing);
    expect(await store.confirm(id, "another's")).toBe("claim-lost");
    expect(await store.load(id)).toEqual(firing);
    expect(await store.confirm(empty, "mine")).toBe("claim-lost");
    expect(await store.load(empty)).toBeUndefined();
    const buried = newId();
    await store.write(buried, undefined, tombstone);
    expect(await store.confirm(buried, "mine")).toBe("claim-lost");
  });
});

test("an item that is not an incident -> refused by name, never guessed", async () => {
  const id = newId();
  const Item = { ...toItem(id, firing), state: { S: "smouldering" } };
  await dynamo.client.send(new PutItemCommand({ TableName: TABLE, Item }));
  await expect(openIncidents(TABLE, dynamo.client).load(id)).rejects.toMatchObject({
    name: "IncidentUnreadable",
    code: "MAIL-003",
  });
});

test("no such table -> the SDK's error, not an answer", async () => {
  const store = openIncidents("nowhere", dynamo.client);
  await expect(store.write(newId(), undefined, firing)).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
});

test("the TTL attribute is on resolved items alone", () => {
  const id = newId();
  expect(toItem(id, resolved)).toMatchObject({ ...keyOf(id), expires_at_s: { N: "1800000000" } });
  expect(toItem(id, firing)).not.toHaveProperty("expires_at_s");
});
