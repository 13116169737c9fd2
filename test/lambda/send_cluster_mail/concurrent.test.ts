/** Against the DynamoDB API: concurrent deliveries, and what they cost. */
import { openIncidents } from "../../../lambda/send_cluster_mail/adapters/dynamo-incidents.ts";
import { testCloud } from "./support/cloud.ts";
import { type LocalDynamo, startDynamo, TABLE } from "./support/dynamodb.ts";
import { death, recovery } from "./support/fixtures.ts";

let dynamo: LocalDynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

const AT_ONCE = 60;

test(`${AT_ONCE} deliveries of one event at once -> one mail, everything else already or being told`, async () => {
  const cloud = testCloud(openIncidents(TABLE, dynamo.client));
  const outcomes = await Promise.all(Array.from({ length: AT_ONCE }, () => cloud.invoke(death())));
  expect(cloud.mails).toHaveLength(1);
  expect(outcomes.filter(({ send }) => send)).toHaveLength(1);
  for (const { why } of outcomes) expect(["opened", "being-told", "already-told"]).toContain(why);
  // They did race: more than one found nothing, and all but one of those lost the conditional write.
  expect(cloud.calls.filter((call) => call === "write").length).toBeGreaterThan(1);

  const recovered = await Promise.all(
    Array.from({ length: AT_ONCE }, () => cloud.invoke(recovery({ minute: 15 }))),
  );
  expect(recovered.filter(({ send }) => send)).toHaveLength(1);
  expect(cloud.mails).toHaveLength(2);
});

test("deaths of two nodes in two clusters, all at once -> one mail an incident", async () => {
  const cloud = testCloud(openIncidents(TABLE, dynamo.client));
  const events = ["shed", "attic"].flatMap((cluster_id) =>
    [0, 1].map((subject) => death({ cluster_id, subject, node: 1 - subject })),
  );
  await Promise.all(Array.from({ length: 20 }, () => events.map((event) => cloud.invoke(event))).flat());
  expect(new Set(cloud.subjects()).size).toBe(4);
  expect(cloud.mails).toHaveLength(4);
});
