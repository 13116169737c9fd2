/** The readings of a cluster in a span of time, from any DynamoDB. */
import { type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { StoredReading } from "../../../lib/contract/stored-reading.ts";
import { READINGS_KEY } from "../../../lib/contract/tables.ts";
import type { Span } from "./gaps.ts";

/** What a query of the readings table gave. */
export interface Found {
  readonly readings: readonly StoredReading[];
  /** Items that are no readings as the contract has them. */
  readonly unreadable: number;
}

/**
 * From `fromMs` on, and before `toMs`: keys begin with the time, and "…Z#0" is after "…Z".
 * @throws what the SDK throws
 */
export async function queryReadings(
  client: DynamoDBClient,
  table: string,
  cluster: string,
  { fromMs, toMs }: Span,
): Promise<Found> {
  const readings: StoredReading[] = [];
  let unreadable = 0;
  let start: QueryCommand["input"]["ExclusiveStartKey"];
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: "#cluster = :cluster AND #key BETWEEN :from AND :to",
        ExpressionAttributeNames: { "#cluster": READINGS_KEY.partition, "#key": READINGS_KEY.sort },
        ExpressionAttributeValues: {
          ":cluster": { S: cluster },
          ":from": { S: new Date(fromMs).toISOString() },
          ":to": { S: new Date(toMs).toISOString() },
        },
        ExclusiveStartKey: start,
      }),
    );
    for (const item of page.Items ?? []) {
      const { success, data } = StoredReading.safeParse(unmarshall(item));
      if (success) readings.push(data);
      else unreadable += 1;
    }
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return { readings, unreadable };
}
