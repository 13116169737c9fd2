/**
 * The template's tables, created through the DynamoDB API.
 *
 * Emulated: names, keys, indexes, billing mode. Not emulated: point-in-time recovery, deletion protection, encryption,
 * expiry by TTL (items stay), streams, replicas, capacity.
 */
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import type { ResolvedResource } from "./template/assembly.ts";

const INDEXES = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] as const;

/** @throws Error naming the table and what the API says of it. */
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

/** A table as a client needs to know it. */
export interface TableName {
  readonly name: string;
  /** Partition key, and sort key where there is one. */
  readonly keys: readonly string[];
}

export function tableName({ name, properties }: ResolvedResource): TableName {
  const schema = properties.KeySchema as readonly {
    readonly AttributeName: string;
    readonly KeyType: string;
  }[];
  const byRole = (type: string) => schema.filter(({ KeyType }) => KeyType === type);
  return { name, keys: [...byRole("HASH"), ...byRole("RANGE")].map(({ AttributeName }) => AttributeName) };
}
