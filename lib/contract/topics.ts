/**
 * Names on the wire: cluster and node identifiers, thing names and MQTT topics.
 * Devices, rules, policies and functions build them here and nowhere else.
 *
 * AWS IoT has one broker for an account and region, so topics and things carry the deployment's name: a rule, or a
 * certificate, of one deployment never meets a message of another, though both may have a cluster `kitchen`.
 */
import { DEFAULT_NAME, ruleNames } from "./names.ts";

/** Least nodes of a cluster; they are numbered from 0 on. */
export const NODES_MIN = 2;
/** Most nodes of a cluster: each has a chip of its own, and the bus has eight addresses. */
export const NODES_MAX = 8;

/** What a cluster id may be: `kitchen`, `shed-2`. At most 32 characters, so that thing names and topics stay short. */
export const CLUSTER_ID = /^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** First level of the topics of a deployment with the default name: the article's. */
export const ARTICLE_ROOT = "rosie";

/** First level of every topic of a deployment. */
export const topicRoot = (name: string): string => (name === DEFAULT_NAME ? ARTICLE_ROOT : name);

/** What a node publishes: readings to the table, events to the mails. */
export type Channel = "reading" | "event";

/**
 * A node's name within its deployment, for people and for files: `kitchen-0`. With `?`, a policy's pattern of the names
 * of all nodes of the cluster: numbers have one digit.
 */
export const nodeName = (cluster: string, node: number | "?"): string => `${cluster}-${node}`;

/**
 * The name of a node's IoT thing, which is also its MQTT client id, because the policy demands that: `kitchen-0`, or
 * `home_kitchen-0` in the deployment `home`. A cluster id contains no `_`, so that the name is unambiguous.
 */
export const thingName = (cluster: string, node: number | "?", name = DEFAULT_NAME): string =>
  name === DEFAULT_NAME ? nodeName(cluster, node) : `${name}_${nodeName(cluster, node)}`;

/** What the topics of a channel begin with: `rosie/reading/`. */
export const channelPrefix = (channel: Channel, name = DEFAULT_NAME): string =>
  `${topicRoot(name)}/${channel}/`;

/** A topic's shape, with a policy's variables or a filter's wildcards in the places of cluster and node. */
export const topicShape = (channel: Channel, cluster: string, node: string, name = DEFAULT_NAME): string =>
  `${channelPrefix(channel, name)}${cluster}/${node}`;

/** The levels of a topic as a rule's `topic(n)` counts them, from 1. */
export const TOPIC_LEVEL = { cluster: 3, node: 4 } as const;

/**
 * Where a node publishes: `rosie/reading/kitchen/0`. The cloud takes a node's identity from here, never from a payload.
 */
export const nodeTopic = (channel: Channel, cluster: string, node: number, name = DEFAULT_NAME): string =>
  topicShape(channel, cluster, String(node), name);

/** The topic filter of every node's messages on a channel, for a rule's FROM clause. */
export const topicFilter = (channel: Channel, name = DEFAULT_NAME): string =>
  topicShape(channel, "+", "+", name);

const LATE = "late";

/**
 * The topic on which a reading is replayed that could not be stored when it came: `rosie/late/kitchen/0`. The topic
 * marks it as late; its own time would not do, because a node's clock may be wrong. No node may publish here.
 * Undefined: the topic is not one of readings.
 */
export function lateTopic(topic: string): string | undefined {
  const [root, channel, ...rest] = topic.split("/");
  const isReading = channel === ("reading" satisfies Channel) || channel === LATE;
  return isReading && rest.length === 2 ? [root, LATE, ...rest].join("/") : undefined;
}

/** The topic filter of all replayed readings of a deployment. */
export const lateFilter = (name = DEFAULT_NAME): string => `${topicRoot(name)}/${LATE}/+/+`;

/** Prefix of a Basic Ingest topic, before the rule's name and the topic that the rule sees. */
export const BASIC_INGEST = "$aws/rules/";

/**
 * The Basic Ingest topic for one rule: the message goes to it alone, not to subscribers.
 * https://docs.aws.amazon.com/iot/latest/developerguide/iot-basic-ingest.html
 */
export const basicIngestTopic = (rule: string, topic: string): string => `${BASIC_INGEST}${rule}/${topic}`;

/** The Basic Ingest topic for the rule that stores a deployment's readings. */
export const ingestedReadingTopic = (topic: string, name = DEFAULT_NAME): string =>
  basicIngestTopic(ruleNames(name).readings, topic);

/** Attributes of a thing; policies build a node's own topics from them. */
export const THING_ATTRIBUTE = { cluster: "cluster", node: "node" } as const;
