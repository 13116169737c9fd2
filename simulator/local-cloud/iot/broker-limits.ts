/**
 * AWS IoT's limits on what a client sends, the same for MQTT and HTTP, and the reason code by which MQTT 5 names each.
 *
 * Sources: "AWS IoT Core message broker and protocol limits and quotas"; AWS IoT guide, "MQTT": "MQTT reason codes",
 * "AWS IoT differences from MQTT specifications"; "Basic Ingest"; MQTT 5.0, 2.4.
 */
import { ingestOf } from "./basic-ingest.ts";

/** The reason codes of MQTT 5.0 that this broker uses. */
export const REASON = {
  unspecifiedError: 0x80,
  unsupportedProtocolVersion: 0x84,
  clientIdNotValid: 0x85,
  notAuthorized: 0x87,
  topicNameInvalid: 0x90,
  packetTooLarge: 0x95,
  quotaExceeded: 0x97,
  retainNotSupported: 0x9a,
  qosNotSupported: 0x9b,
  subscriptionIdsNotSupported: 0xa1,
} as const;

/** A limit that a request exceeds: `text` is for the log, `reasonCode` for a client of MQTT 5. */
export interface Limit {
  readonly text: string;
  readonly reasonCode: number;
}

/** The properties of a message that have limits, by MQTT and by HTTP. */
export interface Publication {
  readonly topic: string;
  readonly payloadBytes: number;
  readonly qos: number;
  readonly retain: boolean;
}

/** Largest payload of a message, in bytes: 128 KB (AWS IoT Core quotas). */
export const PAYLOAD_BYTES_MAX = 128 * 1_024;
/**
 * Largest packet, in bytes: a full payload, its topic, and 16 KB of properties. A longer one is refused by its
 * announced length.
 */
export const PACKET_BYTES_MAX = PAYLOAD_BYTES_MAX + 16 * 1_024;
/** Most topic aliases of a connection (AWS IoT Core quotas). */
export const TOPIC_ALIASES_MAX = 8;
/** Most PUBLISH packets of a connection that wait for their PUBACK. */
export const RECEIVE_MAX = 100;
/** Longest session expiry, in seconds: "a maximum of 7 days". */
export const SESSION_EXPIRY_S_MAX = 604_800;
const TOPIC_BYTES_MAX = 256;
const SLASHES_MAX = 7;
const CLIENT_ID_BYTES_MAX = 128;
const FILTERS_PER_SUBSCRIBE_MAX = 8;
const SUBSCRIPTIONS_PER_CONNECTION_MAX = 50;

/** The limit that a client id exceeds; undefined: none. */
export function clientIdLimit(clientId: string): Limit | undefined {
  const bytes = Buffer.byteLength(clientId);
  const reasonCode = REASON.clientIdNotValid;
  if (bytes === 0) return { text: "CONNECT without a client id: use the thing's name", reasonCode };
  if (bytes > CLIENT_ID_BYTES_MAX)
    return {
      text: `CONNECT with a client id of ${bytes} bytes: AWS IoT takes ${CLIENT_ID_BYTES_MAX}`,
      reasonCode,
    };
  return undefined;
}

/** The limit that a message exceeds; undefined: none. */
export function publishLimit({ topic: whole, payloadBytes, qos, retain }: Publication): Limit | undefined {
  if (qos > 1)
    return { text: "QoS 2: AWS IoT supports QoS 0 and 1 only", reasonCode: REASON.qosNotSupported };
  if (retain)
    return {
      text: "retain: needs iot:RetainPublish, and retained messages are not emulated",
      reasonCode: REASON.retainNotSupported,
    };
  if (payloadBytes > PAYLOAD_BYTES_MAX)
    return {
      text: `payload of ${payloadBytes} bytes: AWS IoT takes ${PAYLOAD_BYTES_MAX}`,
      reasonCode: REASON.packetTooLarge,
    };
  // "The first three levels … aren't counted" (Basic Ingest).
  const { topic } = ingestOf(whole) ?? { topic: whole };
  const problem = topic.startsWith("$")
    ? `${topic}: reserved topics ("$") are not emulated`
    : lengthProblem("topic", topic);
  return problem === undefined ? undefined : { text: problem, reasonCode: REASON.topicNameInvalid };
}

/** Why a filter is refused, which does not affect the others of its SUBSCRIBE; undefined: it is within the limits. */
export function filterProblem(filter: string, subscriptions: ReadonlySet<string>): string | undefined {
  if (filter.startsWith("$")) return `subscribing to ${filter} is not emulated; use a topic without "$"`;
  if (!subscriptions.has(filter) && subscriptions.size >= SUBSCRIPTIONS_PER_CONNECTION_MAX)
    return `more than ${SUBSCRIPTIONS_PER_CONNECTION_MAX} subscriptions: AWS IoT takes as many of a connection`;
  return lengthProblem("filter", filter);
}

/** The limit that a SUBSCRIBE of so many filters exceeds; undefined: none. */
export function subscribeLimit(filters: number): Limit | undefined {
  if (filters <= FILTERS_PER_SUBSCRIBE_MAX) return undefined;
  return {
    text: `SUBSCRIBE with ${filters} filters: AWS IoT takes ${FILTERS_PER_SUBSCRIBE_MAX}`,
    reasonCode: REASON.quotaExceeded,
  };
}

function lengthProblem(what: "topic" | "filter", text: string): string | undefined {
  if (Buffer.byteLength(text) > TOPIC_BYTES_MAX) return `${what} longer than ${TOPIC_BYTES_MAX} bytes`;
  const slashes = text.split("/").length - 1;
  return slashes > SLASHES_MAX ? `${what} with ${slashes} slashes: AWS IoT takes ${SLASHES_MAX}` : undefined;
}
