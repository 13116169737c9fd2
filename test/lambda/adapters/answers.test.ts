/** Answers, written where incidents are kept: against the DynamoDB API. */
import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { openAnswers } from "../../../lambda/adapters/answers.ts";
import type { IncidentId } from "../../../lib/contract/incidents.ts";
import { CLUSTERS_KEY, incidentKey } from "../../../lib/contract/tables.ts";
import { type LocalDynamo, startDynamo, TABLE } from "../send_cluster_mail/support/dynamodb.ts";

const NOW_MS = Date.parse("2026-01-01T12:00:00.000Z");
let dynamo: LocalDynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

let serial = 0;
/** An incident that stands as told, in its third episode. */
async function incident(state: "firing" | "resolved") {
  const id: IncidentId = { clusterId: `c${++serial}`, kind: "node-dead", subject: 0 };
  const { partition, sort } = CLUSTERS_KEY;
  const Key = { [partition]: { S: id.clusterId }, [sort]: { S: incidentKey(id) } };
  const Item = { ...Key, state: { S: state }, episode: { N: "3" }, rev: { N: "7" } };
  await dynamo.client.send(new PutItemCommand({ TableName: TABLE, Item }));
  const read = async () => {
    const { Item: found } = await dynamo.client.send(
      new GetItemCommand({ TableName: TABLE, Key, ConsistentRead: true }),
    );
    const { acknowledged_ms, snoozed_until_ms, rev } = found!;
    return { acknowledged: acknowledged_ms?.N, snoozed: snoozed_until_ms?.N, rev: rev!.N };
  };
  return { id, read };
}
const answers = () => openAnswers(TABLE, dynamo.client);
const snooze = { kind: "snooze", untilMs: NOW_MS + 5 } as const;

test("an episode that fires is acknowledged, twice -> noted once, with a new revision each time", async () => {
  const { id, read } = await incident("firing");
  expect(await answers().note(id, 3, { kind: "acknowledge" }, NOW_MS)).toBe("noted");
  expect(await answers().note(id, 3, { kind: "acknowledge" }, NOW_MS + 60_000)).toBe("noted");
  expect(await read()).toEqual({ acknowledged: String(NOW_MS), snoozed: undefined, rev: "9" });
});

test("acknowledged, then snoozed, and the other way round -> the last answer counts, alone", async () => {
  const { id, read } = await incident("firing");
  await answers().note(id, 3, { kind: "acknowledge" }, NOW_MS);
  await answers().note(id, 3, snooze, NOW_MS);
  expect(await read()).toMatchObject({ acknowledged: undefined, snoozed: String(NOW_MS + 5) });
  await answers().note(id, 3, { kind: "acknowledge" }, NOW_MS);
  expect(await read()).toMatchObject({ acknowledged: String(NOW_MS), snoozed: undefined });
});

test.each([
  ["over", "resolved", 3],
  ["in a newer episode", "firing", 2],
] as const)("an incident that is %s -> not firing, and untouched", async (_, state, episode) => {
  const { id, read } = await incident(state);
  expect(await answers().note(id, episode, snooze, NOW_MS)).toBe("not-firing");
  expect(await read()).toEqual({ acknowledged: undefined, snoozed: undefined, rev: "7" });
});

test("no episode named -> whichever fires; none does -> not firing", async () => {
  const { id, read } = await incident("firing");
  expect(await answers().note(id, undefined, snooze, NOW_MS)).toBe("noted");
  expect(await read()).toMatchObject({ snoozed: String(NOW_MS + 5) });
  expect(await answers().note((await incident("resolved")).id, undefined, snooze, NOW_MS)).toBe("not-firing");
});

test("an incident that never was -> not firing, and none is made", async () => {
  const id: IncidentId = { clusterId: "nowhere", kind: "node-dead", subject: 0 };
  expect(await answers().note(id, undefined, snooze, NOW_MS)).toBe("not-firing");
  const Key = {
    [CLUSTERS_KEY.partition]: { S: id.clusterId },
    [CLUSTERS_KEY.sort]: { S: incidentKey(id) },
  };
  expect((await dynamo.client.send(new GetItemCommand({ TableName: TABLE, Key }))).Item).toBeUndefined();
});

test("a table that does not exist -> DynamoDB's error", async () => {
  const id: IncidentId = { clusterId: "kitchen", kind: "node-dead", subject: 0 };
  await expect(openAnswers("none", dynamo.client).note(id, 1, snooze, NOW_MS)).rejects.toThrow(
    expect.objectContaining({ name: "ResourceNotFoundException" }),
  );
});

test("who acknowledged -> kept with the time of the first; gone with a snooze; one who did not say is nobody later", async () => {
  const { id } = await incident("firing");
  const by = async () => {
    const { partition, sort } = CLUSTERS_KEY;
    const Key = { [partition]: { S: id.clusterId }, [sort]: { S: incidentKey(id) } };
    const { Item } = await dynamo.client.send(new GetItemCommand({ TableName: TABLE, Key }));
    return Item?.acknowledged_by?.S;
  };
  await answers().note(id, 3, { kind: "acknowledge", by: "ann" }, NOW_MS);
  await answers().note(id, 3, { kind: "acknowledge", by: "bob" }, NOW_MS + 1);
  expect(await by()).toBe("ann");
  await answers().note(id, 3, snooze, NOW_MS);
  expect(await by()).toBeUndefined();
  await answers().note(id, 3, { kind: "acknowledge" }, NOW_MS);
  await answers().note(id, 3, { kind: "acknowledge", by: "bob" }, NOW_MS + 2);
  expect(await by()).toBe("");
});
