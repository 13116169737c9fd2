/** A person's answer, written into the incident that it is about: one conditional write. */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { IncidentId } from "../../lib/contract/incidents.ts";
import { CLUSTERS_KEY, incidentKey } from "../../lib/contract/tables.ts";
import { ANSWER_ATTRIBUTE, type Answer } from "../core/answer.ts";

/** Where a person's answers to mails are written down: on the incident's own item. */
export interface Answers {
  /**
   * The same answer again changes nothing more.
   * @param episode undefined: whichever is firing
   * @returns `not-firing` when that episode is over, or there never was one
   */
  note(
    id: IncidentId,
    episode: number | undefined,
    answer: Answer,
    nowMs: number,
  ): Promise<"noted" | "not-firing">;
}

const isFiring = "#state = :firing";
const isThatEpisode = "episode = :episode";

const { acknowledged, acknowledgedBy, snoozedUntil } = ANSWER_ATTRIBUTE;
// `rev` as with every change: an attempt that has read the incident before this must read it again.
const CHANGES = {
  acknowledge: `SET ${acknowledged} = if_not_exists(${acknowledged}, :at), ${acknowledgedBy} = if_not_exists(${acknowledgedBy}, :by) REMOVE ${snoozedUntil} ADD rev :one`,
  snooze: `SET ${snoozedUntil} = :at REMOVE ${acknowledged}, ${acknowledgedBy} ADD rev :one`,
} as const;

const number = (value: number) => ({ N: String(value) });

/** Answers in the clusters table. */
export const openAnswers = (TableName: string, client: DynamoDBClient): Answers => ({
  async note(id, episode, answer, nowMs) {
    try {
      await client.send(
        new UpdateItemCommand({
          TableName,
          Key: {
            [CLUSTERS_KEY.partition]: { S: id.clusterId },
            [CLUSTERS_KEY.sort]: { S: incidentKey(id) },
          },
          UpdateExpression: CHANGES[answer.kind],
          ConditionExpression: episode === undefined ? isFiring : `${isFiring} AND ${isThatEpisode}`,
          ExpressionAttributeNames: { "#state": "state" },
          ExpressionAttributeValues: {
            ":firing": { S: "firing" },
            ":at": number(answer.kind === "acknowledge" ? nowMs : answer.untilMs),
            ":one": number(1),
            ...(answer.kind === "acknowledge" ? { ":by": { S: answer.by ?? "" } } : {}),
            ...(episode === undefined ? {} : { ":episode": number(episode) }),
          },
        }),
      );
      return "noted";
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return "not-firing";
      throw error;
    }
  },
});
