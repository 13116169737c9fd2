/**
 * Names on the wire: cluster and node identifiers, thing names and MQTT topics.
 * Devices, rules, policies and functions build them here and nowhere else.
 */

/** A cluster has between two and eight nodes, numbered from 0. */
export const NODES_MIN = 2;
export const NODES_MAX = 8;

/** `kitchen`, `shed-2`: starts with a letter; 32 characters at most, so that a thing name and a topic stay short. */
export const CLUSTER_ID = /^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** First level of every topic, after the article's cluster. */
export const TOPIC_ROOT = "rosie";

export type Channel = "reading" | "event";

/** The IoT thing of a node; also its MQTT client id (the policy pins one to the other). */
export const thingName = (cluster: string, node: number): string => `${cluster}-${node}`;

/** A topic's shape, with a policy's variables or a filter's wildcards in the places of cluster and node. */
export const topicShape = (channel: Channel, cluster: string, node: string): string =>
  `${TOPIC_ROOT}/${channel}/${cluster}/${node}`;

/** The levels of a topic as a rule's `topic(n)` counts them, from 1. */
export const TOPIC_LEVEL = { cluster: 3, node: 4 } as const;

/** Where a node publishes: `rosie/reading/kitchen/0`. The cloud takes a node's identity from here, never from a payload. */
export const nodeTopic = (channel: Channel, cluster: string, node: number): string =>
  topicShape(channel, cluster, String(node));

/** The topic filter of every node's messages on a channel, for a rule's FROM clause. */
export const topicFilter = (channel: Channel): string => topicShape(channel, "+", "+");

/** The rule that stores readings; a topic of Basic Ingest names it. */
export const READINGS_RULE = "ha2m_readings";

/** What a topic of Basic Ingest begins with: the rule's name comes next, then the topic as the rule sees it. */
export const BASIC_INGEST = "$aws/rules/";

/**
 * The topic that hands a message to one rule, past the broker.
 * https://docs.aws.amazon.com/iot/latest/developerguide/iot-basic-ingest.html
 */
export const basicIngestTopic = (rule: string, topic: string): string => `${BASIC_INGEST}${rule}/${topic}`;

/** Attributes of a thing; policies build a node's own topics from them. */
export const THING_ATTRIBUTE = { cluster: "cluster", node: "node" } as const;
