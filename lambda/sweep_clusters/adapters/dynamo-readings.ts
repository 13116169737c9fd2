/** Readings of a cluster within a span: counted, of which DynamoDB returns the count alone, or in pages. */
import {
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import { instant } from "../../../lib/contract/messages.ts";
import { READINGS_KEY } from "../../../lib/contract/tables.ts";
import { fromAttributes } from "../../adapters/item-values.ts";
import type { Readings, StoredReading } from "../core/ports.ts";

const whole = z.int().check(z.gte(0));
const ReadingItem = z.object({
  measured_at: instant,
  node: whole,
  term: whole,
  temperature_c: z.number(),
});

/** What is no reading of ours is left out of a report. */
const readingsIn = ({ Items = [] }: QueryCommandOutput): readonly StoredReading[] =>
  Items.flatMap((item) => {
    const { success, data } = ReadingItem.safeParse(fromAttributes(item));
    if (!success) return [];
    const { measured_at, node, term, temperature_c } = data;
    return [{ node, term, measuredMs: Date.parse(measured_at), temperatureC: temperature_c }];
  });

/** Readings in their table by Query, which reads keys of the span alone. */
export function openReadings(TableName: string, client: DynamoDBClient): Readings {
  async function* query(
    clusterId: string,
    fromMs: number,
    untilMs: number,
    asked: Partial<QueryCommandInput>,
  ): AsyncGenerator<QueryCommandOutput> {
    let from: QueryCommandOutput["LastEvaluatedKey"];
    do {
      const page = await client.send(
        new QueryCommand({
          ...asked,
          TableName,
          // A key goes on after the instant, so that one at `untilMs` sorts behind it, and is left out.
          KeyConditionExpression: "#partition = :cluster AND #sort BETWEEN :from AND :until",
          ExpressionAttributeNames: {
            ...asked.ExpressionAttributeNames,
            "#partition": READINGS_KEY.partition,
            "#sort": READINGS_KEY.sort,
          },
          ExpressionAttributeValues: {
            ":cluster": { S: clusterId },
            ":from": { S: new Date(fromMs).toISOString() },
            ":until": { S: new Date(untilMs).toISOString() },
          },
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        }),
      );
      yield page;
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
  }

  return {
    async count(clusterId, fromMs, untilMs) {
      let count = 0;
      for await (const { Count = 0 } of query(clusterId, fromMs, untilMs, { Select: "COUNT" }))
        count += Count;
      return count;
    },
    async *pages(clusterId, fromMs, untilMs) {
      const asked = {
        ProjectionExpression: "measured_at, #node, term, temperature_c",
        ExpressionAttributeNames: { "#node": "node" },
      };
      for await (const page of query(clusterId, fromMs, untilMs, asked)) yield readingsIn(page);
    },
  };
}
