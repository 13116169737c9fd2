/**
 * Keys of the two tables. Rules write them in SQL and functions through the SDK, so both take the names from here.
 */
import { type IncidentId, isBulletin } from "./incidents.ts";

/** `readings`: one item a reading. The key makes a duplicate delivery overwrite itself and keeps two primaries apart. */
export const READINGS_KEY = { partition: "cluster_id", sort: "reading_key" } as const;

/** `clusters`: heartbeats and incidents of a cluster side by side. */
export const CLUSTERS_KEY = { partition: "cluster_id", sort: "item_key" } as const;

/** Epoch seconds after which DynamoDB may delete an item, in both tables. */
export const TTL_ATTRIBUTE = "expires_at_s";

/** Between the parts of a sort key: `2026-01-01T00:15:00.000Z#0`, `incident#node-dead#1`. */
export const KEY_SEPARATOR = "#";

/** Sort key of a reading: `2026-01-01T00:15:00.000Z#0`. */
export const readingKey = (measuredAt: string, node: number): string =>
  `${measuredAt}${KEY_SEPARATOR}${node}`;

/** What the sort keys of heartbeats begin with: the newest reading of each node, beside its incidents. */
export const HEARTBEAT_PREFIX = `heartbeat${KEY_SEPARATOR}`;
/** Sort key of a node's heartbeat: `heartbeat#0`. */
export const heartbeatKey = (node: number): string => `${HEARTBEAT_PREFIX}${node}`;

/** `incident#node-dead#0` of a cluster; `digest#1767225600` under `BACKEND`. */
export const INCIDENT_PREFIX = `incident${KEY_SEPARATOR}`;
/** Sort key of an incident, unique within its cluster; a digest and a weekly report have no prefix. */
export const incidentKey = ({ kind, subject }: Pick<IncidentId, "kind" | "subject">): string =>
  isBulletin(kind)
    ? [kind, subject].join(KEY_SEPARATOR)
    : `${INCIDENT_PREFIX}${kind}${KEY_SEPARATOR}${subject}`;

/** Sort key of a cluster's maintenance: from when until when its mails are put off. */
export const MUTE_KEY = "hold";
/** Sort keys of a cluster's heartbeats, mute and incidents, which lie side by side: one Query reads them all. */
export const NEIGHBOURHOOD_KEYS = { first: HEARTBEAT_PREFIX, last: `${INCIDENT_PREFIX}~` } as const;

/** Sort key of what one sweep of a cluster keeps for the next. */
export const MEMORY_KEY = "sweep";

/** A pack's voltage by day, for a forecast: `battery#0`. */
export const BATTERY_PREFIX = `battery${KEY_SEPARATOR}`;
/** Sort key of a node's voltages: `battery#0`. */
export const batteryKey = (node: number): string => `${BATTERY_PREFIX}${node}`;
