/**
 * What aedes 2.0.0-beta.1, the version with MQTT 5, lacks: fixes of the later 1.2.0 that matter here, and access to the
 * packet behind its hooks. It is pinned to that version; only this file uses its internal names.
 *
 * Not mended: its CONNACK of MQTT 5 announces neither Maximum QoS 1 nor that subscription identifiers are unavailable.
 */
import type { EventEmitter } from "node:events";
import type { Aedes, Client } from "aedes";
import { PACKET_BYTES_MAX, RECEIVE_MAX, SESSION_EXPIRY_S_MAX, TOPIC_ALIASES_MAX } from "./broker-limits.ts";

/** Limits that the CONNACK of MQTT 5 announces. In any version, a packet that announces more bytes is not read. */
export const AEDES_LIMITS = {
  maximumPacketSize: PACKET_BYTES_MAX,
  receiveMaximum: RECEIVE_MAX,
  topicAliasMaximum: TOPIC_ALIASES_MAX,
  sessionExpiryIntervalLimit: SESSION_EXPIRY_S_MAX,
} as const;

interface Packet {
  readonly cmd: string;
  readonly subscriptions?: readonly object[];
}

const inner = (client: Client) => client as Client & { readonly _parser: EventEmitter };

/**
 * Fixes GHSA-52qw-whmv-87c5: client ids and filters are keys of plain objects, in which a key such as `constructor` is
 * found although it was never put there. The half-open QoS 2 messages that 1.2.0 bounds too do not occur: QoS 2 is
 * refused.
 */
export function withoutInheritedKeys(aedes: Aedes): void {
  const emptyOnes = { clients: Object.create(null), brokers: Object.create(null) };
  Object.assign(aedes, emptyOnes);
}

/** The same fix for the maps of one connection. */
export function withoutInheritedKeysOf(client: Client): Client {
  return Object.assign(client, { subscriptions: Object.create(null), duplicates: Object.create(null) });
}

/**
 * Calls `look` with all filters of each SUBSCRIBE, before `authorizeSubscribe` is called for them one by one. It also
 * keeps the filters as they came: aedes makes them unique in a plain object, which moves those that look like numbers
 * to the front and drops others, while a SUBACK has a code for each filter in its order [MQTT-3.8.4-5].
 */
export function onSubscribe(client: Client, look: (filters: readonly object[]) => void): void {
  inner(client)._parser.prependListener("packet", (packet: Packet) => {
    const { cmd, subscriptions } = packet;
    if (cmd !== "subscribe" || subscriptions === undefined) return;
    Object.defineProperty(packet, "subscriptions", { get: () => subscriptions, set: () => undefined });
    look(subscriptions);
  });
}
