/** What the readings table holds for a cluster, page by page, as any DynamoDB client would read it. */
import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { READINGS_KEY } from "../../lib/contract/tables.ts";

export interface ReadingsSource {
  readonly cluster: string;
  readonly dynamodb: {
    readonly endpoint: string;
    readonly region: string;
    readonly tables: { readonly readings: string };
  };
}

/** Items by their reading key. */
export async function storedReadings({
  cluster,
  dynamodb,
}: ReadingsSource): Promise<Map<string, Record<string, unknown>>> {
  const client = new DynamoDBClient({
    endpoint: dynamodb.endpoint,
    region: dynamodb.region,
    credentials: { accessKeyId: "owner", secretAccessKey: "owner" },
  });
  const found = new Map<string, Record<string, unknown>>();
  let start: QueryCommand["input"]["ExclusiveStartKey"];
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: dynamodb.tables.readings,
        KeyConditionExpression: "#partition = :cluster",
        ExpressionAttributeNames: { "#partition": READINGS_KEY.partition },
        ExpressionAttributeValues: { ":cluster": { S: cluster } },
        ExclusiveStartKey: start,
      }),
    );
    for (const item of page.Items ?? []) {
      const fields = unmarshall(item);
      found.set(String(fields[READINGS_KEY.sort]), fields);
    }
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  client.destroy();
  return found;
}
