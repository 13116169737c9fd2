/** How a cluster stands while a mail about it is written: a Query of each table, side by side. */
import { type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import { Facts, type IncidentId } from "../../../lib/contract/incidents.ts";
import { instant } from "../../../lib/contract/messages.ts";
import {
  CLUSTERS_KEY,
  HEARTBEAT_PREFIX,
  INCIDENT_PREFIX,
  incidentKey,
  READINGS_KEY,
} from "../../../lib/contract/tables.ts";
import { fromAttributes, type Item } from "../../adapters/item-values.ts";
import type { Sample } from "../core/mail/picture.ts";
import type { Heard, Surroundings } from "../core/mail/surroundings.ts";
import type { Look } from "../core/ports.ts";

const DAY_MS = 86_400_000;
/** A day of a reading a minute. Where there are more, the picture begins later. */
const READINGS_MAX = 1_440;

const whole = z.int().check(z.gte(0));
const HeartbeatItem = z.object({
  node: whole,
  received_at: whole,
  sleep_s: whole,
  temperature_c: z.number(),
});
const FiringItem = z.object({ state: z.literal("firing"), facts: z.string() });
const ReadingItem = z.object({ measured_at: instant, temperature_c: z.number() });

/** What is not as it should be is left out: a mail goes without. */
const parsed = <T extends z.ZodMiniType>(schema: T, items: readonly Item[]): z.infer<T>[] =>
  items.flatMap((item) => {
    const { success, data } = schema.safeParse(fromAttributes(item));
    return success ? [data] : [];
  });

function heardIn(items: readonly Item[]): readonly Heard[] {
  return parsed(HeartbeatItem, items).map(({ node, received_at, sleep_s, temperature_c }) => ({
    node,
    receivedMs: received_at,
    sleepS: sleep_s,
    temperatureC: temperature_c,
  }));
}

/** Undefined: it is no JSON. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const firingIn = (items: readonly Item[]): readonly Facts[] =>
  parsed(FiringItem, items).flatMap(({ facts }) => {
    const { success, data } = Facts.safeParse(fromJson(facts));
    return success ? [data] : [];
  });

/**
 * @param tables by name @param withinMs for the whole of it: what has not answered by then is left out
 */
export function openSurroundings(
  tables: { readonly clusters: string; readonly readings: string },
  client: DynamoDBClient,
  withinMs: number,
): Look {
  const query = async (input: ConstructorParameters<typeof QueryCommand>[0], abortSignal: AbortSignal) => {
    // Nothing of it decides: a second late is early enough, at half the price.
    const { Items = [] } = await client.send(new QueryCommand({ ...input, ConsistentRead: false }), {
      abortSignal,
    });
    return Items;
  };

  async function cluster(id: IncidentId, signal: AbortSignal): Promise<Surroundings> {
    const items = await query(
      {
        TableName: tables.clusters,
        KeyConditionExpression: "#partition = :cluster",
        ExpressionAttributeNames: { "#partition": CLUSTERS_KEY.partition },
        ExpressionAttributeValues: { ":cluster": { S: id.clusterId } },
      },
      signal,
    );
    const under = (prefix: string) => items.filter((item) => item[CLUSTERS_KEY.sort]?.S?.startsWith(prefix));
    const others = under(INCIDENT_PREFIX).filter((item) => item[CLUSTERS_KEY.sort]?.S !== incidentKey(id));
    return { heard: heardIn(under(HEARTBEAT_PREFIX)), firing: firingIn(others) };
  }

  async function readings(
    { clusterId }: IncidentId,
    nowMs: number,
    signal: AbortSignal,
  ): Promise<Surroundings> {
    const items = await query(
      {
        TableName: tables.readings,
        KeyConditionExpression: "#partition = :cluster AND #sort BETWEEN :from AND :until",
        ProjectionExpression: "measured_at, temperature_c",
        ExpressionAttributeNames: { "#partition": READINGS_KEY.partition, "#sort": READINGS_KEY.sort },
        ExpressionAttributeValues: {
          ":cluster": { S: clusterId },
          ":from": { S: new Date(nowMs - DAY_MS).toISOString() },
          ":until": { S: new Date(nowMs).toISOString() },
        },
        ScanIndexForward: false,
        Limit: READINGS_MAX,
      },
      signal,
    );
    const samples = parsed(ReadingItem, items).map(
      ({ measured_at, temperature_c }): Sample => ({
        atMs: Date.parse(measured_at),
        temperatureC: temperature_c,
      }),
    );
    return { readings: samples };
  }

  return async (id, nowMs) => {
    const signal = AbortSignal.timeout(withinMs);
    const asked = await Promise.allSettled([cluster(id, signal), readings(id, nowMs, signal)]);
    const errors = asked.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
    const told = asked.map((one) => (one.status === "fulfilled" ? one.value : {}));
    return { surroundings: Object.assign({}, ...told), errors };
  };
}
