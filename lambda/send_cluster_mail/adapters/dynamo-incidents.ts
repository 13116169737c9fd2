/** Incidents in the clusters table. Every change is one conditional write, each condition named. */
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { CLUSTERS_KEY } from "../../../lib/contract/tables.ts";
import type { Incidents } from "../core/ports.ts";
import { fromItem, keyOf, toItem } from "./incident-item.ts";
import { clientLimits, DYNAMODB_LIMITS } from "./time-limits.ts";

const notKnownYet = `attribute_not_exists(${CLUSTERS_KEY.sort})`;
const unchangedSinceRead = "rev = :rev";
/** By claim and not by revision: a recovery may have been recorded while the mail was on its way. */
const claimIsMine = "claim_id = :claim_id";

/** A failed condition is an answer; everything else is an error. */
async function answered<Yes, No>(request: Promise<unknown>, yes: Yes, no: No): Promise<Yes | No> {
  try {
    await request;
    return yes;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return no;
    throw error;
  }
}

/** @param client by default one whose region and endpoint come from the environment, as the SDK reads it */
export function openIncidents(
  TableName: string,
  client = new DynamoDBClient(clientLimits(DYNAMODB_LIMITS)),
): Incidents {
  return {
    async load(id) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName, Key: keyOf(id), ConsistentRead: true }),
      );
      return Item === undefined ? undefined : fromItem(id, Item);
    },
    write: (id, known, next) =>
      answered(
        client.send(
          new PutItemCommand({
            TableName,
            Item: toItem(id, next),
            ...(known === undefined
              ? { ConditionExpression: notKnownYet }
              : {
                  ConditionExpression: unchangedSinceRead,
                  ExpressionAttributeValues: { ":rev": { N: String(known.rev) } },
                }),
          }),
        ),
        "written" as const,
        "changed-meanwhile" as const,
      ),
    // Idempotent: repeated by the SDK after a lost answer, it confirms again.
    confirm: (id, claimId) =>
      answered(
        client.send(
          new UpdateItemCommand({
            TableName,
            Key: keyOf(id),
            UpdateExpression: "SET told = :yes ADD rev :one",
            ConditionExpression: claimIsMine,
            ExpressionAttributeValues: {
              ":yes": { BOOL: true },
              ":one": { N: "1" },
              ":claim_id": { S: claimId },
            },
          }),
        ),
        "confirmed" as const,
        "claim-lost" as const,
      ),
  };
}
