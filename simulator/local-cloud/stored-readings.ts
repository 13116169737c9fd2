/** Reads the readings table, page by page, as any DynamoDB client would. */
import { QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { READINGS_KEY } from "../../lib/contract/tables.ts";
import { clientFor, OWNER_KEY } from "./dynamodb-client.ts";
import type { LocalCloud } from "./local-cloud.ts";

type Tables = LocalCloud["dynamodb"];

/** The name of the readings table. @throws Error when no table is keyed as the contract has it. */
export function readingsTable({ tables }: Pick<Tables, "tables">): string {
  const table = tables.find(({ keys }) => keys[1] === READINGS_KEY.sort);
  if (table === undefined) throw new Error(`no table of the template has the sort key ${READINGS_KEY.sort}`);
  return table.name;
}

/** How many readings are stored, of all clusters. @throws Error as `readingsTable` */
export async function countReadings(tables: Tables): Promise<number> {
  const client = clientFor(tables.endpoint, OWNER_KEY);
  let count = 0;
  let start: ScanCommand["input"]["ExclusiveStartKey"];
  do {
    const page = await client.send(
      new ScanCommand({ TableName: readingsTable(tables), Select: "COUNT", ExclusiveStartKey: start }),
    );
    count += page.Count ?? 0;
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  client.destroy();
  return count;
}

/** All readings of a cluster, in the order of their sort key. @throws Error as `readingsTable` */
export async function storedReadings(
  cluster: string,
  dynamodb: Tables,
): Promise<Map<string, Record<string, unknown>>> {
  const client = clientFor(dynamodb.endpoint, OWNER_KEY);
  const found = new Map<string, Record<string, unknown>>();
  let start: QueryCommand["input"]["ExclusiveStartKey"];
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: readingsTable(dynamodb),
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
