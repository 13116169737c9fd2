/**
 * Names on the wire: cluster and node identifiers, thing names and MQTT topics.
 * Devices, rules, policies and functions build them here and nowhere else.
 *
 * AWS IoT has one broker for an account and region, so topics and things carry the deployment's name: a rule, or a
 * certificate, of one deployment never meets a message of another, though both may have a cluster `kitchen`.
 */
import { DEFAULT_NAME, ruleNames } from "./names.ts";

/** A cluster has between two and eight nodes, numbered from 0. */
export const NODES_MIN = 2;
/** Nodes of a cluster at most: each has a chip of its own, and the bus has eight addresses. */
export const NODES_MAX = 8;

/** `kitchen`, `shed-2`: starts with a letter; 32 characters at most, so that a thing name and a topic stay short. */
export const CLUSTER_ID = /^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** The article's cluster: first level of the topics of a deployment that was given no name. */
export const ARTICLE_ROOT = "rosie";

/** First level of every topic of a deployment. */
export const topicRoot = (name: string): string => (name === DEFAULT_NAME ? ARTICLE_ROOT : name);

/** What a node publishes: readings to the table, events to the mails. */
export type Channel = "reading" | "event";

/** A node as people and its files call it, within its deployment: `kitchen-0`. */
export const nodeName = (cluster: string, node: number): string => `${cluster}-${node}`;

/**
 * The IoT thing of a node; also its MQTT client id (the policy pins one to the other): `kitchen-0`, or `home_kitchen-0`
 * in the deployment `home`. No cluster id has a `_`, so no thing has two readings.
 */
export const thingName = (cluster: string, node: number, name = DEFAULT_NAME): string =>
  name === DEFAULT_NAME ? nodeName(cluster, node) : `${name}_${nodeName(cluster, node)}`;

/** What the topics of a channel begin with: `rosie/reading/`. */
export const channelPrefix = (channel: Channel, name = DEFAULT_NAME): string =>
  `${topicRoot(name)}/${channel}/`;

/** A topic's shape, with a policy's variables or a filter's wildcards in the places of cluster and node. */
export const topicShape = (channel: Channel, cluster: string, node: string, name = DEFAULT_NAME): string =>
  `${channelPrefix(channel, name)}${cluster}/${node}`;

/** The levels of a topic as a rule's `topic(n)` counts them, from 1. */
export const TOPIC_LEVEL = { cluster: 3, node: 4 } as const;

/** Where a node publishes: `rosie/reading/kitchen/0`. The cloud takes a node's identity from here, never from a payload. */
export const nodeTopic = (channel: Channel, cluster: string, node: number, name = DEFAULT_NAME): string =>
  topicShape(channel, cluster, String(node), name);

/** The topic filter of every node's messages on a channel, for a rule's FROM clause. */
export const topicFilter = (channel: Channel, name = DEFAULT_NAME): string =>
  topicShape(channel, "+", "+", name);

const LATE = "late";

/**
 * Where a reading is handed in again that could not be stored when it came: `rosie/late/kitchen/0`. Whoever sees it knows
 * by the topic that it says nothing of now; its own time would not do, because a node's clock may be wrong. No node may
 * publish here. Undefined for a topic of anything but readings.
 */
export function lateTopic(topic: string): string | undefined {
  const [root, channel, ...rest] = topic.split("/");
  const isReading = channel === ("reading" satisfies Channel) || channel === LATE;
  return isReading && rest.length === 2 ? [root, LATE, ...rest].join("/") : undefined;
}

/** The topic filter of all such readings of a deployment. */
export const lateFilter = (name = DEFAULT_NAME): string => `${topicRoot(name)}/${LATE}/+/+`;

/** What a topic of Basic Ingest begins with: the rule's name comes next, then the topic as the rule sees it. */
export const BASIC_INGEST = "$aws/rules/";

/**
 * The topic that hands a message to one rule, past the broker.
 * https://docs.aws.amazon.com/iot/latest/developerguide/iot-basic-ingest.html
 */
export const basicIngestTopic = (rule: string, topic: string): string => `${BASIC_INGEST}${rule}/${topic}`;

/** The same for the rule that stores a deployment's readings. */
export const ingestedReadingTopic = (topic: string, name = DEFAULT_NAME): string =>
  basicIngestTopic(ruleNames(name).readings, topic);

/** Attributes of a thing; policies build a node's own topics from them. */
export const THING_ATTRIBUTE = { cluster: "cluster", node: "node" } as const;
