import {
  BatchWriteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { startDynamoDbFront } from "../../../../simulator/local-cloud/api/dynamodb-front.ts";
import type { Front } from "../../../../simulator/local-cloud/api/server.ts";
import { type Backend, startBackend } from "../../../../simulator/local-cloud/backends/backend.ts";
import { createTables, tableName } from "../../../../simulator/local-cloud/tables.ts";
import type { ResolvedResource } from "../../../../simulator/local-cloud/template/assembly.ts";

const PREFIX = "arn:aws:dynamodb:us-east-1:123456789012:table/";

/** As TableV2 renders a table with a sparse index. */
const table = (name: string): ResolvedResource => ({
  stack: "S",
  logicalId: name,
  type: "AWS::DynamoDB::GlobalTable",
  name,
  arn: `${PREFIX}${name}`,
  properties: {
    AttributeDefinitions: [
      { AttributeName: "cluster_id", AttributeType: "S" },
      { AttributeName: "item_key", AttributeType: "S" },
      { AttributeName: "due", AttributeType: "N" },
    ],
    KeySchema: [
      { AttributeName: "cluster_id", KeyType: "HASH" },
      { AttributeName: "item_key", KeyType: "RANGE" },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: "next",
        KeySchema: [
          { AttributeName: "cluster_id", KeyType: "HASH" },
          { AttributeName: "due", KeyType: "RANGE" },
        ],
        Projection: { ProjectionType: "ALL" },
      },
    ],
    BillingMode: "PAY_PER_REQUEST",
    TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
    Replicas: [{ Region: "us-east-1", DeletionProtectionEnabled: true }],
  },
});

let backend: Backend;
let front: Front;
let owner: DynamoDBClient;
let role: DynamoDBClient;
/** What the role asked to do, and the one thing that it may. */
const asked: string[] = [];
const denials: string[] = [];
let allowed: (action: string, resource: string) => boolean;

const clientOf = (accessKeyId: string) =>
  new DynamoDBClient({
    endpoint: front.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey: "x" },
    maxAttempts: 1,
  });

beforeAll(async () => {
  backend = startBackend("dynalite");
  front = await startDynamoDbFront({
    port: 0,
    backendPort: backend.port,
    tableArnPrefix: PREFIX,
    refuse: (key, action, resource) => {
      if (key !== "ROLE") return undefined;
      asked.push(`${action} ${resource}`);
      return allowed(action, resource) ? undefined : `role R may not ${action} on ${resource}`;
    },
    onDenied: (text) => denials.push(text),
    onError: (error) => {
      throw error;
    },
  });
  owner = clientOf("anybody");
  role = clientOf("ROLE");
  await createTables([table("clusters"), table("other")], owner);
});
afterAll(async () => {
  owner?.destroy();
  role?.destroy();
  await front?.stop();
  await backend?.stop();
});
beforeEach(() => {
  asked.length = 0;
  denials.length = 0;
  allowed = () => true;
});

const key = { cluster_id: { S: "kitchen" }, item_key: { S: "k" } };
const item = { ...key, due: { N: "1" } };
const put = (TableName: string) => new PutItemCommand({ TableName, Item: item });

describe("tables", () => {
  test("the template's properties -> a table with its keys and index that is ready at once", async () => {
    const { Table } = await owner.send(new DescribeTableCommand({ TableName: "clusters" }));
    expect(Table).toMatchObject({
      TableStatus: "ACTIVE",
      KeySchema: table("clusters").properties.KeySchema,
      GlobalSecondaryIndexes: [{ IndexName: "next" }],
    });
    expect(tableName(table("clusters"))).toEqual({ name: "clusters", keys: ["cluster_id", "item_key"] });
  });

  test("properties that no table can have -> an error that names the resource and what is wrong", async () => {
    const broken = {
      ...table("broken"),
      properties: { ...table("broken").properties, AttributeDefinitions: [] },
    };
    await expect(createTables([broken], owner)).rejects.toThrow(/the table S\/broken cannot be created: .+/);
  });
});

describe("a role's key", () => {
  test("every request -> asks for the operation's action on the table's ARN, an index on the index's", async () => {
    await role.send(put("clusters"));
    await role.send(
      new QueryCommand({
        TableName: "clusters",
        IndexName: "next",
        KeyConditionExpression: "cluster_id = :c",
        ExpressionAttributeValues: { ":c": { S: "kitchen" } },
      }),
    );
    await role.send(new ListTablesCommand({}));
    expect(asked).toEqual([
      `dynamodb:PutItem ${PREFIX}clusters`,
      `dynamodb:Query ${PREFIX}clusters/index/next`,
      "dynamodb:ListTables *",
    ]);
  });

  test("a batch over two tables, one of them not allowed -> nothing is written", async () => {
    allowed = (_, resource) => !resource.endsWith("other");
    const batch = (name: string) => ({
      [name]: [{ PutRequest: { Item: { ...item, item_key: { S: "batch" } } } }],
    });
    const written = role.send(
      new BatchWriteItemCommand({ RequestItems: { ...batch("clusters"), ...batch("other") } }),
    );
    await expect(written).rejects.toMatchObject({ name: "AccessDeniedException" });
    expect(asked).toEqual([
      `dynamodb:BatchWriteItem ${PREFIX}clusters`,
      `dynamodb:BatchWriteItem ${PREFIX}other`,
    ]);
    const read = { TableName: "clusters", Key: { ...key, item_key: { S: "batch" } } };
    expect((await owner.send(new GetItemCommand(read))).Item).toBeUndefined();
  });

  test("a batch that names an allowed table beside its items -> judged by its items", async () => {
    allowed = (_, resource) => !resource.endsWith("other");
    const answer = await fetch(front.endpoint, {
      method: "POST",
      headers: {
        "x-amz-target": "DynamoDB_20120810.BatchWriteItem",
        "content-type": "application/x-amz-json-1.0",
        authorization: "AWS4-HMAC-SHA256 Credential=ROLE/20300601/us-east-1/dynamodb/aws4_request",
      },
      body: JSON.stringify({
        TableName: "clusters",
        RequestItems: { other: [{ PutRequest: { Item: item } }] },
      }),
    });
    expect([answer.status, await answer.text()]).toEqual([
      400,
      expect.stringContaining("AccessDeniedException"),
    ]);
  });

  test("not allowed -> AccessDeniedException as the SDK knows it, told to the log, nothing written", async () => {
    allowed = () => false;
    const text = `role R may not dynamodb:PutItem on ${PREFIX}other`;
    await expect(role.send(put("other"))).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: text,
      $metadata: { httpStatusCode: 400 },
    });
    expect(denials).toEqual([text]);
    expect((await owner.send(new GetItemCommand({ TableName: "other", Key: key }))).Item).toBeUndefined();
  });
});

test("a key of no role -> the owner's: never asked, may do everything", async () => {
  allowed = () => false;
  await owner.send(put("clusters"));
  expect((await owner.send(new GetItemCommand({ TableName: "clusters", Key: key }))).Item).toEqual(item);
  expect(asked).toEqual([]);
});

test("a conditional write that does not hold -> the service's own error passes back", async () => {
  await owner.send(put("clusters"));
  const again = new PutItemCommand({
    TableName: "clusters",
    Item: item,
    ConditionExpression: "attribute_not_exists(item_key)",
  });
  await expect(owner.send(again)).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
});

describe("what the backend does not answer -> an error at once, never a hanging request", () => {
  const send: Record<string, () => Promise<unknown>> = {
    "a transaction": () =>
      owner.send(
        new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: "clusters", Item: item } }] }),
      ),
    PartiQL: () => owner.send(new ExecuteStatementCommand({ Statement: "SELECT * FROM clusters" })),
    "time to live": () =>
      owner.send(
        new UpdateTimeToLiveCommand({
          TableName: "clusters",
          TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
        }),
      ),
  };
  test.each(Object.keys(send))("%s", async (name) => {
    await expect(send[name]?.()).rejects.toMatchObject({ name: "UnknownOperationException" });
  });
});

test("no credentials -> MissingAuthenticationTokenException", async () => {
  const answer = await fetch(front.endpoint, {
    method: "POST",
    headers: { "x-amz-target": "DynamoDB_20120810.ListTables", "content-type": "application/x-amz-json-1.0" },
    body: "{}",
  });
  expect([answer.status, await answer.json()]).toEqual([
    400,
    expect.objectContaining({ __type: expect.stringContaining("MissingAuthenticationToken") }),
  ]);
});
