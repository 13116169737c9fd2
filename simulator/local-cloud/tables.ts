/**
 * The template's tables, created through the DynamoDB API.
 *
 * Emulated: names, keys, indexes, billing mode. Not emulated, and named at start where the template asks for it:
 * point-in-time recovery, deletion protection, expiry by TTL (items stay), streams. Not emulated either: encryption,
 * replicas, capacity.
 */
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import type { NotEmulated, ResolvedResource } from "./template/assembly.ts";

const INDEXES = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] as const;

/** Creates the tables. @throws Error with the table and the API's message */
export async function createTables(
  resources: readonly ResolvedResource[],
  client: DynamoDBClient,
): Promise<void> {
  await Promise.all(resources.map((resource) => createTable(resource, client)));
}

async function createTable(
  { stack, logicalId, name, properties }: ResolvedResource,
  client: DynamoDBClient,
): Promise<void> {
  const indexes = INDEXES.filter((key) => properties[key] !== undefined).map((key) => [key, properties[key]]);
  const input = {
    TableName: name,
    AttributeDefinitions: properties.AttributeDefinitions,
    KeySchema: properties.KeySchema,
    BillingMode: "PAY_PER_REQUEST",
    ...Object.fromEntries(indexes),
  } as CreateTableCommandInput;
  try {
    await client.send(new CreateTableCommand(input));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the table ${stack}/${logicalId} cannot be created: ${why}`, { cause });
  }
}

type Properties = Readonly<Record<string, unknown>>;

/** By feature that is not emulated: whether a table's properties, or those of a global table's replicas, ask for it. */
const FEATURES: readonly [name: string, asked: (properties: Properties) => boolean][] = [
  ["expiry by TTL", ({ TimeToLiveSpecification: ttl }) => isOn(ttl, "Enabled")],
  [
    "point-in-time recovery",
    ({ PointInTimeRecoverySpecification: recovery }) => isOn(recovery, "PointInTimeRecoveryEnabled"),
  ],
  ["deletion protection", ({ DeletionProtectionEnabled }) => DeletionProtectionEnabled === true],
  ["streams", ({ StreamSpecification }) => StreamSpecification !== undefined],
];

const isOn = (specification: unknown, key: string): boolean =>
  (specification as Properties | undefined)?.[key] === true;

/** The features of its tables that the template asks for and that are not emulated, counted by type of table. */
export function tablesNotEmulated(resources: readonly ResolvedResource[]): NotEmulated[] {
  const counts = new Map<string, number>();
  for (const { type, properties } of resources) {
    const { Replicas = [] } = properties as { readonly Replicas?: readonly Properties[] };
    for (const [name, asked] of FEATURES)
      if ([properties, ...Replicas].some(asked))
        counts.set(`${type}: ${name}`, (counts.get(`${type}: ${name}`) ?? 0) + 1);
  }
  return [...counts].map(([type, count]) => ({ type, count }));
}

/** What a client needs to know of a table. */
export interface TableName {
  readonly name: string;
  /** Names of the partition key and, where there is one, the sort key. */
  readonly keys: readonly string[];
}

/** The name and keys of a table of the template. */
export function tableName({ name, properties }: ResolvedResource): TableName {
  const schema = properties.KeySchema as readonly {
    readonly AttributeName: string;
    readonly KeyType: string;
  }[];
  const byRole = (type: string) => schema.filter(({ KeyType }) => KeyType === type);
  return { name, keys: [...byRole("HASH"), ...byRole("RANGE")].map(({ AttributeName }) => AttributeName) };
}
