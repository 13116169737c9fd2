/** A person's maintenance of a cluster, as an item beside its incidents: until when its mails are put off. */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { CLUSTERS_KEY, MUTE_KEY, TTL_ATTRIBUTE } from "../../lib/contract/tables.ts";
import type { Mute } from "../core/neighbourhood.ts";
import { toAttributes } from "./item-values.ts";

/** Mails say for a day that there was a mute; after that nothing asks for it. */
const KEPT_S = 7 * 86_400;

/** Where mutes are written down: one a cluster, the last one counts. */
export interface Mutes {
  /** Takes the place of the one before. */
  begin(clusterId: string, mute: Mute): Promise<void>;
  /** @returns `not-muted` when none is under way or ahead */
  end(clusterId: string, nowMs: number): Promise<"ended" | "not-muted">;
}

/** Mutes in the clusters table. */
export const openMutes = (TableName: string, client: DynamoDBClient): Mutes => ({
  async begin(clusterId, { fromMs, untilMs }) {
    const Item = toAttributes({
      [CLUSTERS_KEY.partition]: clusterId,
      [CLUSTERS_KEY.sort]: MUTE_KEY,
      from_ms: fromMs,
      until_ms: untilMs,
      [TTL_ATTRIBUTE]: Math.ceil(untilMs / 1_000) + KEPT_S,
    });
    await client.send(new PutItemCommand({ TableName, Item }));
  },
  async end(clusterId, nowMs) {
    try {
      await client.send(
        new UpdateItemCommand({
          TableName,
          Key: toAttributes({ [CLUSTERS_KEY.partition]: clusterId, [CLUSTERS_KEY.sort]: MUTE_KEY }),
          UpdateExpression: "SET until_ms = :now",
          ConditionExpression: "until_ms > :now",
          ExpressionAttributeValues: toAttributes({ ":now": nowMs }),
        }),
      );
      return "ended";
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return "not-muted";
      throw error;
    }
  },
});
