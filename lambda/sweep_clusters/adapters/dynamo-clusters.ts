/** A cluster's partition of the clusters table: heartbeats, incidents and battery samples, in one Query. */
import { type DynamoDBClient, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import { BULLETINS, INCIDENT_KINDS, type IncidentId } from "../../../lib/contract/incidents.ts";
import {
  BATTERY_PREFIX,
  batteryKey,
  CLUSTERS_KEY,
  HEARTBEAT_PREFIX,
  INCIDENT_PREFIX,
  KEY_SEPARATOR,
  MEMORY_KEY,
  MUTE_KEY,
  TTL_ATTRIBUTE,
} from "../../../lib/contract/tables.ts";
import { CLUSTER_ID } from "../../../lib/contract/topics.ts";
import { fromItem } from "../../adapters/incident-item.ts";
import { fromAttributes, type Item, toAttributes } from "../../adapters/item-values.ts";
import { muteFrom } from "../../adapters/neighbourhood-items.ts";
import type { Incident } from "../../core/incident.ts";
import type { Mute } from "../../core/neighbourhood.ts";
import { heartbeatFrom } from "../core/heartbeat.ts";
import type { Clusters } from "../core/ports.ts";
import { type BatterySample, type Heartbeat, type Memory, NO_MEMORY } from "../core/view.ts";

const whole = z.int().check(z.gte(0));

const BatteryItem = z.object({ node: whole, samples: z.string() });
const Samples = z.array(z.strictObject({ day: whole, mv: whole }));

function batteryFrom(item: Item): readonly [number, readonly BatterySample[]] {
  const { node, samples } = BatteryItem.parse(fromAttributes(item));
  return [node, Samples.parse(JSON.parse(samples))];
}

const MemoryItem = z.object({
  silent_since_ms: z.optional(whole),
  gaps: z.string(),
  doubts: z.string(),
  clusters: z.optional(z.string()),
});
const ClusterIds = z.array(z.string().check(z.regex(CLUSTER_ID)));
const Gaps = z.array(z.strictObject({ fromMs: whole, toMs: whole }));
const Doubts = z.array(
  z.strictObject({
    kind: z.enum(INCIDENT_KINDS),
    subject: whole,
    says: z.string(),
    newestMs: whole,
  }),
);

function memoryFrom(item: Item): Memory {
  const { silent_since_ms, gaps, doubts, clusters } = MemoryItem.parse(fromAttributes(item));
  return {
    ...(silent_since_ms === undefined ? {} : { silentSinceMs: silent_since_ms }),
    gaps: Gaps.parse(JSON.parse(gaps)),
    doubts: Doubts.parse(JSON.parse(doubts)),
    ...(clusters === undefined ? {} : { clusters: ClusterIds.parse(JSON.parse(clusters)) }),
  };
}

/** `incident#node-dead#0`, `digest#1767225600`. @throws Error for any other key */
function incidentIdOf(clusterId: string, key: string): IncidentId {
  const parts = key.split(KEY_SEPARATOR);
  const [kindText, subjectText] = parts.length === 3 ? parts.slice(1) : parts;
  const kind = [...INCIDENT_KINDS, ...BULLETINS].find((one) => one === kindText);
  const subject = Number(subjectText);
  if (kind === undefined || !Number.isInteger(subject)) throw new Error(`${key} names no incident`);
  return { clusterId, kind, subject };
}

const BULLETIN_PREFIXES = BULLETINS.map((kind) => `${kind}${KEY_SEPARATOR}`);
/** Samples of a node that is heard of no more are of no use after this. */
const SAMPLES_KEPT_S = 30 * 86_400;
/** What was seen once, and not again for so long, is forgotten. */
const MEMORY_KEPT_S = 30 * 86_400;

/** In pages of 1 MB; a cluster's part is some kilobytes. */
async function itemsOf(
  client: DynamoDBClient,
  TableName: string,
  clusterId: string,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let from: Item | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: "#partition = :partition",
        ExpressionAttributeNames: { "#partition": CLUSTERS_KEY.partition },
        ExpressionAttributeValues: { ":partition": { S: clusterId } },
        // Nothing here needs the last second: what a sweep misses, the next one sees, and every write is conditional.
        ConsistentRead: false,
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      }),
    );
    items.push(...Items);
    from = LastEvaluatedKey;
  } while (from !== undefined);
  return items;
}

/** Heartbeats, incidents and battery samples in the clusters table. */
export function openClusters(TableName: string, client: DynamoDBClient): Clusters {
  return {
    async read(clusterId) {
      const heartbeats: Heartbeat[] = [];
      const incidents: Incident[] = [];
      const batteries = new Map<number, readonly BatterySample[]>();
      const unreadable: string[] = [];
      let memory = NO_MEMORY;
      let mute: Mute | undefined;
      for (const item of await itemsOf(client, TableName, clusterId)) {
        const key = item[CLUSTERS_KEY.sort]?.S ?? "";
        try {
          if (key.startsWith(HEARTBEAT_PREFIX)) heartbeats.push(heartbeatFrom(fromAttributes(item)));
          else if (key.startsWith(BATTERY_PREFIX)) batteries.set(...batteryFrom(item));
          else if (key === MUTE_KEY) mute = muteFrom(item);
          else if (key === MEMORY_KEY) memory = memoryFrom(item);
          else if ([INCIDENT_PREFIX, ...BULLETIN_PREFIXES].some((prefix) => key.startsWith(prefix)))
            incidents.push(fromItem(incidentIdOf(clusterId, key), item));
        } catch {
          // One bad item must not keep the others from being looked at.
          unreadable.push(key);
        }
      }
      return {
        clusterId,
        heartbeats,
        incidents,
        batteries,
        memory,
        unreadable,
        ...(mute === undefined ? {} : { mute }),
      };
    },
    async remember(clusterId, { silentSinceMs, gaps, doubts, clusters }, nowMs) {
      await client.send(
        new PutItemCommand({
          TableName,
          Item: toAttributes({
            [CLUSTERS_KEY.partition]: clusterId,
            [CLUSTERS_KEY.sort]: MEMORY_KEY,
            silent_since_ms: silentSinceMs,
            gaps: JSON.stringify(gaps),
            doubts: JSON.stringify(doubts),
            clusters: clusters && JSON.stringify(clusters),
            // Written once a deploy, the list of clusters has to last until the next.
            [TTL_ATTRIBUTE]: clusters === undefined ? Math.floor(nowMs / 1_000) + MEMORY_KEPT_S : undefined,
          }),
        }),
      );
    },
    async keepSamples(clusterId, node, samples) {
      const lastDay = samples.at(-1)?.day ?? 0;
      await client.send(
        new PutItemCommand({
          TableName,
          Item: toAttributes({
            [CLUSTERS_KEY.partition]: clusterId,
            [CLUSTERS_KEY.sort]: batteryKey(node),
            node,
            samples: JSON.stringify(samples),
            [TTL_ATTRIBUTE]: lastDay * 86_400 + SAMPLES_KEPT_S,
          }),
        }),
      );
    },
  };
}
