/** What rules make of a message, through the composed cloud: numbers, and who sent it. */
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { IoTDataPlaneClient, PublishCommand } from "@aws-sdk/client-iot-data-plane";
import { freshAssembly } from "../../../simulator/cli/shared/assembly-cache.ts";
import { clientFor, OWNER_KEY } from "../../../simulator/local-cloud/dynamodb-client.ts";
import { AssemblyCopy, ComposedCloud } from "./composed-cloud.ts";

// Ceilings for what hangs; the first run after a change synthesizes the app.
jest.setTimeout(120_000);

let copy: AssemblyCopy;
let composed: ComposedCloud;
beforeEach(async () => {
  copy = new AssemblyCopy(await freshAssembly(() => undefined));
  composed = new ComposedCloud();
});
afterEach(async () => {
  await composed.stop();
  copy.remove();
});

/** A message with this number, digit by digit. */
const withSeq = (number: string): string => `{"seq":${number}}`;

/** Another SELECT for the readings' rule, and its actions or its errorAction's. */
function editReadingsRule(items: string, actions: "its own" | "its queue"): void {
  copy.edit("AWS::IoT::TopicRule", ({ Properties: { TopicRulePayload: rule } }, logicalId) => {
    if (!logicalId.startsWith("ReadingsRule")) return;
    rule.Sql = `SELECT ${items} FROM 'rosie/reading/+/+'`;
    if (actions === "its queue") rule.Actions = [rule.ErrorAction];
  });
}

async function storedSeqs(): Promise<(string | undefined)[]> {
  const { endpoint, tables } = composed.cloud.dynamodb;
  const client = clientFor(endpoint, OWNER_KEY);
  try {
    const TableName = tables.find(({ keys }) => keys.includes("reading_key"))?.name;
    const { Items = [] } = await client.send(new ScanCommand({ TableName }));
    return Items.map(({ seq }) => seq?.N);
  } finally {
    client.destroy();
  }
}

test("numbers at the edges -> stored digit by digit, or refused by what refuses them, and queued as they came", async () => {
  editReadingsRule("*, topic(3) AS cluster_id, 'k' AS reading_key, 'h' AS item_key", "its own");
  await composed.start(copy.dir);
  const refused: [number: string, failedAction: string, reason: RegExp][] = [
    ["1E126", "DynamoDBv2Action", /overflow/i],
    ["1E-400", "DynamoDBv2Action", /underflow/i],
    ["1E1000", "SQL", /the payload holds the number 1E1000/],
    ["1E-1000", "SQL", /the payload holds the number 1E-1000/],
  ];
  for (const [number] of refused) {
    await composed.publish("reading", 0, withSeq(number));
    await composed.cloud.idle();
  }
  await composed.publish("reading", 0, withSeq("1234567890123456789012345678901234"));
  await composed.cloud.idle();
  expect(await storedSeqs()).toEqual(["1234567890123456789012345678901234"]);
  const records = composed.queued.map(({ body }) => body);
  expect(
    records.map((record) => Buffer.from(record.base64OriginalPayload ?? "", "base64").toString()),
  ).toEqual(refused.map(([number]) => withSeq(number)));
  for (const [i, [, failedAction, reason]] of refused.entries())
    expect(records[i]?.failures?.[0]).toMatchObject({
      failedAction,
      errorMessage: expect.stringMatching(reason),
    });
});

test("over MQTT and over HTTP -> the rule knows who sent the message, and by what", async () => {
  editReadingsRule(
    "clientid() AS client, principal() AS who, traceid() AS trace, accountid(), [newuuid(), newuuid()] AS ids",
    "its queue",
  );
  await composed.start(copy.dir);
  await composed.publish("reading", 0, "{}");
  const client = new IoTDataPlaneClient({
    endpoint: composed.cloud.iotData.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: OWNER_KEY, secretAccessKey: "local" },
  });
  await client.send(
    new PublishCommand({ topic: "rosie/reading/kitchen/0", qos: 1, payload: Buffer.from("{}") }),
  );
  client.destroy();
  await composed.cloud.idle();
  const [mqtt, http] = composed.queued.map(({ body }) => body as Record<string, unknown>);
  const uuid = expect.stringMatching(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(mqtt).toEqual({
    client: "kitchen-0",
    who: expect.stringMatching(/^[0-9a-f]{64}$/),
    trace: uuid,
    accountid: "123456789012",
    ids: [uuid, uuid],
  });
  expect(http).toEqual({ client: "n/a", who: OWNER_KEY, accountid: "123456789012", ids: [uuid, uuid] });
  const ids = [mqtt, http].flatMap((selected) => selected?.ids);
  expect(new Set([...ids, mqtt?.trace]).size).toBe(5);
});
