/** What the readings table holds for a cluster, page by page, as any DynamoDB client would read it. */
import { QueryCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { READINGS_KEY } from "../../lib/contract/tables.ts";
import { clientFor, type LocalCloud, OWNER_KEY } from "./local-cloud.ts";

/** Items by their reading key. @throws Error when no table is keyed as the contract has it. */
export async function storedReadings(
  cluster: string,
  { endpoint, tables }: LocalCloud["dynamodb"],
): Promise<Map<string, Record<string, unknown>>> {
  const table = tables.find(({ keys }) => keys[1] === READINGS_KEY.sort);
  if (table === undefined) throw new Error(`no table of the template has the sort key ${READINGS_KEY.sort}`);
  const client = clientFor(endpoint, OWNER_KEY);
  const found = new Map<string, Record<string, unknown>>();
  let start: QueryCommand["input"]["ExclusiveStartKey"];
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: table.name,
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
