/** The last reading of each cluster: whether it is as young as the nodes' sleep says. */
import { QueryCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { StoredReading } from "../../../lib/contract/stored-reading.ts";
import { READINGS_KEY } from "../../../lib/contract/tables.ts";
import { GAP_FACTOR } from "../readings/gaps.ts";
import { type Finding, good, unchecked, wrong } from "./finding.ts";
import type { Deployed, Look } from "./look.ts";
import type { Target } from "./target.ts";
import { minuteOf, spanOf } from "./words.ts";

/** When each cluster was last heard of. */
export async function examineReadings(
  { target, here, nowMs }: Look,
  { outputs }: Deployed,
): Promise<Finding[]> {
  const table = outputs.get("ReadingsTable");
  if (table === undefined) return [unchecked("readings", "not checked: no table is deployed")];
  return Promise.all(
    [...here.config.clusters.keys()].map(async (cluster) =>
      judge(target, cluster, await lastOf(target, table, cluster), nowMs),
    ),
  );
}

/** Keys begin with the time. "unreadable" is an item that is no reading as the contract has it. */
async function lastOf(
  { clients }: Target,
  table: string,
  cluster: string,
): Promise<StoredReading | "unreadable" | undefined> {
  const { Items: [item] = [] } = await clients.dynamodb.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: "#cluster = :cluster",
      ExpressionAttributeNames: { "#cluster": READINGS_KEY.partition },
      ExpressionAttributeValues: { ":cluster": { S: cluster } },
      ScanIndexForward: false,
      Limit: 1,
    }),
  );
  if (item === undefined) return undefined;
  return StoredReading.safeParse(unmarshall(item)).data ?? "unreadable";
}

/** What the newest reading of a cluster says, `nowMs` being now. */
export function judge(
  target: Target,
  cluster: string,
  last: StoredReading | "unreadable" | undefined,
  nowMs: number,
): Finding {
  if (last === undefined)
    return unchecked(
      "readings",
      `${cluster} has none yet${target.kind === "aws" ? "; npm run simulate -- --target aws sends some" : ""}`,
    );
  const look = target.npm("readings", cluster);
  if (last === "unreadable")
    return wrong("readings", `${cluster}: the last item is not a valid reading`, look);
  const { measured_at, node, temperature_c, sleep_s } = last;
  const ageMs = nowMs - Date.parse(measured_at);
  const what = `${temperature_c} °C by node ${node} at ${minuteOf(Date.parse(measured_at))}`;
  if (ageMs <= GAP_FACTOR * sleep_s * 1_000) return good("readings", `${cluster}: ${what}`);
  return wrong(
    "readings",
    `${cluster} has been silent for ${spanOf(ageMs)}; the last was ${what}: see cluster-silent in RUNBOOK.md`,
    look,
  );
}
