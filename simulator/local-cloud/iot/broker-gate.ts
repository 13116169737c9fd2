/**
 * Aedes' hooks, in the order in which a connection meets them: each gets a decision, logs a refusal with its reason,
 * and answers as AWS IoT does. `broker.ts` says what is emulated.
 */
import type { AedesOptions, Client, ConnectPacket, PublishPacket, Subscription } from "aedes";
import type { CloudClock } from "../clock.ts";
import type { CloudLog, LogLevel } from "../cloud-log.ts";
import {
  Access,
  type AccessDecision,
  type ArnScope,
  type Authorize,
  type BrokerDevice,
  openSession,
  type Session,
} from "./broker-access.ts";
import { onSubscribe } from "./broker-aedes.ts";
import { clientIdLimit, type Limit, PAYLOAD_BYTES_MAX, REASON, subscribeLimit } from "./broker-limits.ts";

/** A message that a client has published and was allowed to. */
export interface PublishedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly clientId: string;
  /** The id of the client's certificate; absent: there is none, as in a run without a network. */
  readonly principal?: string | undefined;
}

/** What the gate decides by, and where messages and log lines go. */
export interface BrokerGateOptions<Policy> {
  readonly clock: CloudClock;
  readonly log: CloudLog;
  /** By certificate id. */
  readonly devices: ReadonlyMap<string, BrokerDevice<Policy>>;
  readonly authorize: Authorize<Policy>;
  readonly arn: ArnScope;
  /**
   * Takes each message that is accepted, before its PUBACK is sent: a PUBACK means that the rules engine has the
   * message. When it throws, the connection is closed without a PUBACK, so that the client sends again.
   */
  readonly onPublish: (message: PublishedMessage) => void;
  /** Runs the task when there is room for one more message; until then its PUBACK waits. @default at once */
  readonly admit?: (task: () => void) => void;
}

/**
 * A refusal of the gate's own. It is logged where it is decided, and not again when aedes reports the connection's end.
 */
class Refusal extends Error {}

type Done = (error: Error | null) => void;

/** Why a CONNECT is refused; `returnCode` is the one of MQTT 3.1.1, where AWS IoT sends one. */
interface ConnectRefusal extends Limit {
  readonly returnCode?: number;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** The hooks of one broker, and the state of each client. */
export class Gate<Policy> {
  stopping = false;
  readonly #options: BrokerGateOptions<Policy>;
  readonly #access: Access<Policy>;
  readonly #certificates = new WeakMap<Client, string>();
  /** Sessions that the policy has allowed and that aedes has not reported as ready yet. */
  readonly #admitted = new WeakMap<Client, Session<Policy>>();
  readonly #sessions = new Map<Client, Session<Policy>>();
  /** Connections whose begin has been logged, and whose end has not. */
  readonly #told = new Set<Client>();
  /** Connections that are being ended: nothing more of theirs is accepted. */
  readonly #ending = new WeakSet<Client>();
  /** By filter: why the whole SUBSCRIBE with it is refused. */
  readonly #tooMany = new WeakMap<object, Limit>();

  constructor(options: BrokerGateOptions<Policy>) {
    this.#options = options;
    this.#access = new Access(options.authorize, options.arn);
  }

  /** Takes a connection with a registered certificate, before its CONNECT. */
  presented(client: Client, certificateId: string): void {
    this.#certificates.set(client, certificateId);
    onSubscribe(client, (filters) => {
      const limit = subscribeLimit(filters.length);
      if (limit !== undefined) for (const filter of filters) this.#tooMany.set(filter, limit);
    });
  }

  readonly handlers: AedesOptions = {
    // Here and not in `authenticate`, because that cannot close without a CONNACK.
    preConnect: (client, packet, done) => {
      const refusal = this.#refuseConnect(client, packet);
      if (refusal === undefined) return done(null, true);
      const error = this.#refusal("connect-refused", refusal.text, refusal.fields);
      const connack = connackOf(packet.protocolVersion, refusal);
      if (connack === undefined) return done(error, false);
      client.conn.write(connack, () => done(error, false));
    },

    authenticate: (client, _username, _password, done) => {
      const session = this.#admitted.get(client);
      if (session === undefined) return done(null, false);
      this.#noteReplaced(client.id);
      this.#sessions.set(client, session);
      done(null, true);
    },

    // Aedes sends the PUBACK of QoS 1 right after this hook allows the packet and before it distributes it: here, and
    // not in `published`, is where the rule engine must have it. A will comes this way, too, as it does at AWS.
    authorizePublish: (client, packet, done) => {
      const session = client === null ? undefined : this.#sessions.get(client);
      const isWill = client?.closed === true;
      if (client === null || session === undefined || this.#endedFor(client, isWill))
        return done(new Refusal("no session"));
      const payload = bytesOf(packet.payload);
      const decision = this.#access.publish(session, { ...packet, payloadBytes: payload.length });
      if (!decision.allowed) return this.#refusePublish(client, packet, decision, done);
      const admit = this.#options.admit ?? ((task: () => void) => task());
      admit(() => {
        // It may have gone while it waited; without a PUBACK it sends again.
        if (this.#endedFor(client, isWill)) return done(new Refusal("gone"));
        const { clientId, certificateId } = session.connection;
        const { topic } = packet;
        const failure = this.#handOver({ clientId, principal: certificateId, topic, payload });
        if (failure === null) done(null);
        else this.#end(client, REASON.unspecifiedError, failure, done);
      });
    },

    authorizeSubscribe: (client, subscription, done) => {
      const session = this.#sessions.get(client);
      if (session === undefined || this.#ending.has(client)) return done(new Refusal("no session"));
      const { clientId } = session.connection;
      const filter = subscription.topic;
      const limit = this.#tooMany.get(subscription) ?? subscriptionLimit(subscription);
      if (limit !== undefined) {
        const text = `${clientId} may not subscribe to ${filter}: ${limit.text}; connection closed`;
        const refusal = this.#refusal("subscribe-refused", text, { clientId, filter });
        return this.#end(client, limit.reasonCode, refusal, done);
      }
      const decision = this.#access.subscribe(session, filter);
      if (decision.allowed) return done(null, subscription);
      const text = `${clientId} may not subscribe to ${filter}: ${decision.text}`;
      this.note("warn", "subscribe-refused", text, { clientId, filter });
      done(null, null);
    },

    authorizeForward: (client, packet) => {
      const session = this.#sessions.get(client);
      if (session === undefined) return null;
      const decision = this.#access.receive(session, packet.topic);
      if (decision === undefined) return null;
      if (decision.allowed) return packet;
      const { clientId } = session.connection;
      const text = `${clientId} may not receive ${packet.topic}: ${decision.text}; message not delivered to it`;
      this.note("warn", "receive-refused", text, { clientId, topic: packet.topic });
      return null;
    },
  };

  /**
   * Logs a connection that is ready. Aedes reports that some turns after it was accepted: a connection that was
   * replaced meanwhile is not logged, and the end of one that this one replaces is logged first, so that the log is in
   * the order of what happened.
   */
  connected(client: Client): void {
    if (client.closed) return;
    for (const other of this.#told) if (other.id === client.id) this.#tellEnd(other);
    this.#told.add(client);
    this.note("info", "connected", `${client.id} connected`, { clientId: client.id });
  }

  unsubscribed(client: Client, filters: readonly string[]): void {
    for (const filter of filters) this.#sessions.get(client)?.subscriptions.delete(filter);
  }

  disconnected(client: Client): void {
    this.#tellEnd(client);
    // After this turn, since aedes asks for a will's permission once the client is gone.
    setImmediate(() => this.#sessions.delete(client));
  }

  #tellEnd(client: Client): void {
    if (!this.#told.delete(client)) return;
    this.note("info", "disconnected", `${client.id} disconnected`, { clientId: client.id });
  }

  failed(client: Client, error: Error): void {
    if (error instanceof Refusal || this.stopping) return;
    const who = client.id ?? "a client that has not connected yet";
    const why =
      "size" in error
        ? `a packet of ${error.size} bytes, AWS IoT takes ${PAYLOAD_BYTES_MAX} of payload`
        : error.message;
    this.note("warn", "connection-error", `${who}: connection closed: ${why}`, {
      clientId: client.id,
    });
  }

  note(level: LogLevel, code: string, text: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#options.log({ at: this.#options.clock.now(), level, source: "broker", code, text, fields });
  }

  /**
   * Whether nothing more of a client is accepted. A will is, because it is published for a connection that has ended.
   */
  #endedFor(client: Client, isWill: boolean): boolean {
    return this.stopping || (!isWill && (client.closed || this.#ending.has(client)));
  }

  #refuseConnect(
    client: Client,
    { clientId, protocolVersion = 4 }: ConnectPacket,
  ): ConnectRefusal | undefined {
    if (protocolVersion === 3)
      return {
        text: "CONNECT of MQTT 3.1 (MQIsdp): AWS IoT takes MQTT 3.1.1 and 5 (mosquitto_pub: -V mqttv311)",
        reasonCode: REASON.unsupportedProtocolVersion,
        returnCode: 1,
      };
    const limit = clientIdLimit(clientId);
    if (limit !== undefined) return { ...limit, returnCode: 2 };
    const certificateId = this.#certificates.get(client) ?? "";
    const session = openSession(clientId, certificateId, this.#options.devices);
    const decision: AccessDecision =
      session === undefined ? { allowed: false, text: "no certificate" } : this.#access.connect(session);
    if (session !== undefined && decision.allowed) {
      this.#admitted.set(client, session);
      return undefined;
    }
    return {
      text: `${clientId} may not connect: ${decision.allowed ? "" : decision.text}`,
      reasonCode: REASON.notAuthorized,
      fields: { clientId, certificateId },
    };
  }

  /**
   * Refuses a publish. One that no policy allows ends a connection of MQTT 3.1.1; with MQTT 5 aedes says so in the
   * PUBACK. One outside the limits, or without a PUBACK (QoS 0), ends a connection of either version.
   */
  #refusePublish(
    client: Client,
    { topic, qos }: PublishPacket,
    { text, reasonCode }: AccessDecision & { allowed: false },
    done: Done,
  ): void {
    const answered = client.version === 5 && reasonCode === undefined && qos === 1;
    const outcome = answered ? "PUBACK 0x87" : "connection closed";
    const refusal = this.#refusal(
      "publish-refused",
      `${client.id} may not publish to ${topic}: ${text}; ${outcome}`,
      { clientId: client.id, topic },
    );
    if (answered) done(refusal);
    else this.#end(client, reasonCode ?? REASON.notAuthorized, refusal, done);
  }

  /** Ends a connection; one of MQTT 5 gets a DISCONNECT with the reason first. */
  #end(client: Client, reasonCode: number, refusal: Refusal, done: Done): void {
    this.#ending.add(client);
    if (client.version !== 5) return done(refusal);
    client.disconnect({ reasonCode }, () => done(refusal));
  }

  /** Logs that a connection is replaced: aedes closes the older connection of a client id [MQTT-3.1.4-2]. */
  #noteReplaced(clientId: string): void {
    const taken = [...this.#sessions].some(
      ([other, { connection }]) => connection.clientId === clientId && !other.closed,
    );
    if (!taken) return;
    const text = `${clientId} connects again: its older connection is closed (client ids are unique)`;
    this.note("warn", "connection-replaced", text, { clientId });
  }

  #handOver(message: PublishedMessage): Error | null {
    try {
      this.#options.onPublish(message);
      return null;
    } catch (error) {
      const text = `${message.topic} from ${message.clientId} was not taken: ${String(error)}; connection closed without PUBACK`;
      return this.#refusal(
        "hand-over-failed",
        text,
        { clientId: message.clientId, topic: message.topic },
        "error",
      );
    }
  }

  #refusal(
    code: string,
    text: string,
    fields?: Readonly<Record<string, unknown>>,
    level: LogLevel = "warn",
  ): Refusal {
    this.note(level, code, text, fields);
    return new Refusal(text);
  }
}

/**
 * The CONNACK of a refusal. Undefined: closed without one, as AWS IoT does with a client of MQTT 3.1.1 that no policy
 * lets connect.
 */
function connackOf(
  version: number | undefined,
  { reasonCode, returnCode }: ConnectRefusal,
): Buffer | undefined {
  if (version === 5) return Buffer.from([0x20, 3, 0, reasonCode, 0]); // MQTT 5.0, 3.2
  return returnCode === undefined ? undefined : Buffer.from([0x20, 2, 0, returnCode]); // MQTT 3.1.1, 3.2
}

/** The limit for which AWS IoT ends a connection, whatever the filter; undefined: none. */
function subscriptionLimit(subscription: Subscription): Limit | undefined {
  if (subscription.qos > 1)
    return { text: "QoS 2: AWS IoT supports QoS 0 and 1 only", reasonCode: REASON.qosNotSupported };
  if ("subscriptionIdentifier" in subscription)
    return {
      text: "subscription identifiers: AWS IoT supports none",
      reasonCode: REASON.subscriptionIdsNotSupported,
    };
  return undefined;
}

const bytesOf = (payload: string | Buffer): Uint8Array =>
  typeof payload === "string" ? Buffer.from(payload) : payload;
