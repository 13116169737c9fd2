/**
 * What aedes 2.0.0-beta.1, the one with MQTT 5, has not: fixes of the later 1.2.0 that matter here, and the packet behind
 * its hooks. It is pinned to that version, whose inner names this file alone knows.
 *
 * Not mended: its CONNACK of MQTT 5 does not announce Maximum QoS 1 and that subscription identifiers are unavailable.
 */
import type { EventEmitter } from "node:events";
import type { Aedes, Client } from "aedes";
import { PACKET_BYTES_MAX, RECEIVE_MAX, SESSION_EXPIRY_S_MAX, TOPIC_ALIASES_MAX } from "./broker-limits.ts";

/** What a client of MQTT 5 is told in its CONNACK. A packet that announces more bytes is not read on, in any version. */
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
 * GHSA-52qw-whmv-87c5: client ids and filters are keys of plain objects, where one such as `constructor` is found though
 * nobody put it there. The half-open QoS 2 messages that 1.2.0 bounds as well never come to be: QoS 2 is refused.
 */
export function withoutInheritedKeys(aedes: Aedes): void {
  const emptyOnes = { clients: Object.create(null), brokers: Object.create(null) };
  Object.assign(aedes, emptyOnes);
}

/** As above, for the maps of one connection. */
export function withoutInheritedKeysOf(client: Client): Client {
  return Object.assign(client, { subscriptions: Object.create(null), duplicates: Object.create(null) });
}

/**
 * Shows each SUBSCRIBE, whole, before `authorizeSubscribe` is asked for its filters one by one. Aedes makes filters unique
 * by way of a plain object, which moves those that look like numbers to the front and drops others, while a SUBACK has a
 * code for each filter in its order [MQTT-3.8.4-5]: they stay as they came.
 */
export function onSubscribe(client: Client, look: (filters: readonly object[]) => void): void {
  inner(client)._parser.prependListener("packet", (packet: Packet) => {
    const { cmd, subscriptions } = packet;
    if (cmd !== "subscribe" || subscriptions === undefined) return;
    Object.defineProperty(packet, "subscriptions", { get: () => subscriptions, set: () => undefined });
    look(subscriptions);
  });
}
