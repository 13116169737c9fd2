/** Incidents in the clusters table. Every change is one conditional write, each condition named. */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { type IncidentId, isBulletin } from "../../../lib/contract/incidents.ts";
import { CLUSTERS_KEY, incidentKey, NEIGHBOURHOOD_KEYS } from "../../../lib/contract/tables.ts";
import { fromItem, keyOf, toItem } from "../../adapters/incident-item.ts";
import type { Item } from "../../adapters/item-values.ts";
import { neighbourhoodOf } from "../../adapters/neighbourhood-items.ts";
import type { Incidents } from "../core/ports.ts";

const notKnownYet = `attribute_not_exists(${CLUSTERS_KEY.sort})`;
const unchangedSinceRead = "rev = :rev";
/** By claim and not by revision: a recovery may have been recorded while the mail was on its way. */
const claimIsMine = "channels.#channel.claim.id = :claim_id";

/** A failed condition is an answer; everything else is an error. */
async function unlessRefused<T, No>(request: Promise<T>, refused: No): Promise<T | No> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return refused;
    throw error;
  }
}

const REFUSED = Symbol();

/** The incidents, heartbeats and mute of a cluster, at most some dozens, all in one answer; a bulletin alone. */
async function query(TableName: string, client: DynamoDBClient, id: IncidentId): Promise<readonly Item[]> {
  const alone = isBulletin(id.kind);
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName,
      ConsistentRead: true,
      KeyConditionExpression: alone
        ? "#partition = :partition AND #sort = :sort"
        : "#partition = :partition AND #sort BETWEEN :sort AND :last",
      ExpressionAttributeNames: { "#partition": CLUSTERS_KEY.partition, "#sort": CLUSTERS_KEY.sort },
      ExpressionAttributeValues: {
        ":partition": { S: id.clusterId },
        ":sort": { S: alone ? incidentKey(id) : NEIGHBOURHOOD_KEYS.first },
        ...(alone ? {} : { ":last": { S: NEIGHBOURHOOD_KEYS.last } }),
      },
    }),
  );
  return Items;
}

/** Incidents in the clusters table, written on condition that they are as they were read. */
export function openIncidents(TableName: string, client: DynamoDBClient): Incidents {
  return {
    async load(id) {
      const items = await query(TableName, client, id);
      const isIt = (item: Item) => item[CLUSTERS_KEY.sort]?.S === incidentKey(id);
      const item = items.find(isIt);
      return {
        known: item === undefined ? undefined : fromItem(id, item),
        neighbourhood: neighbourhoodOf(items.filter((other) => !isIt(other))),
      };
    },
    async write(known, next) {
      const request = client.send(
        new PutItemCommand({
          TableName,
          Item: toItem(next),
          ...(known === undefined
            ? { ConditionExpression: notKnownYet }
            : {
                ConditionExpression: unchangedSinceRead,
                ExpressionAttributeValues: { ":rev": { N: String(known.rev) } },
              }),
        }),
      );
      return (await unlessRefused(request, REFUSED)) === REFUSED ? "changed-meanwhile" : "written";
    },
    // Idempotent: repeated by the SDK after a lost answer, it confirms again.
    async confirm(id, channelId, claimId, atMs) {
      const request = client.send(
        new UpdateItemCommand({
          TableName,
          Key: keyOf(id),
          UpdateExpression: "SET channels.#channel.claim.told_at_ms = :at ADD rev :one",
          ConditionExpression: claimIsMine,
          ExpressionAttributeNames: { "#channel": channelId },
          ExpressionAttributeValues: {
            ":at": { N: String(atMs) },
            ":one": { N: "1" },
            ":claim_id": { S: claimId },
          },
          ReturnValues: "ALL_NEW",
        }),
      );
      const answer = await unlessRefused(request, REFUSED);
      return answer === REFUSED ? "claim-lost" : fromItem(id, answer.Attributes ?? {});
    },
  };
}
