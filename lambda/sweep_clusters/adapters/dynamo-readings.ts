/** How many readings of a cluster the readings table holds: one Query, of which DynamoDB returns the count alone. */
import { type DynamoDBClient, QueryCommand, type QueryCommandOutput } from "@aws-sdk/client-dynamodb";
import { READINGS_KEY } from "../../../lib/contract/tables.ts";
import type { Readings } from "../core/ports.ts";

/** Readings counted in their table by Query, which reads keys of the span alone. */
export const openReadings = (TableName: string, client: DynamoDBClient): Readings => ({
  async count(clusterId, fromMs, untilMs) {
    let count = 0;
    let from: QueryCommandOutput["LastEvaluatedKey"];
    do {
      const page = await client.send(
        new QueryCommand({
          TableName,
          Select: "COUNT",
          // A key goes on after the instant, so that one at `untilMs` sorts behind it, and is left out.
          KeyConditionExpression: "#partition = :cluster AND #sort BETWEEN :from AND :until",
          ExpressionAttributeNames: { "#partition": READINGS_KEY.partition, "#sort": READINGS_KEY.sort },
          ExpressionAttributeValues: {
            ":cluster": { S: clusterId },
            ":from": { S: new Date(fromMs).toISOString() },
            ":until": { S: new Date(untilMs).toISOString() },
          },
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        }),
      );
      count += page.Count ?? 0;
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
    return count;
  },
});
