/**
 * Aedes' hooks, in the order in which a connection meets them: each asks for a decision, logs a refusal with its reason,
 * and answers as AWS IoT does. What is and is not emulated stands in `broker.ts`.
 */
import type { AedesOptions, Client } from "aedes";
import {
  Access,
  type ArnScope,
  type Authorize,
  type BrokerDevice,
  openSession,
  type Session,
} from "./broker-access.ts";
import type { CloudClock } from "./clock.ts";
import type { CloudLog, LogLevel } from "./cloud-log.ts";

/** A message that a client published and was allowed to. */
export interface PublishedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly clientId: string;
  /** The id of the client's certificate; left out where there is none, as in a run without a network. */
  readonly principal?: string | undefined;
}

/** What the gate decides by, and whom it tells. */
export interface BrokerGateOptions<Policy> {
  readonly clock: CloudClock;
  readonly log: CloudLog;
  /** By certificate id. */
  readonly devices: ReadonlyMap<string, BrokerDevice<Policy>>;
  readonly authorize: Authorize<Policy>;
  readonly arn: ArnScope;
  /**
   * Takes every accepted client publish, before its PUBACK is sent: who holds a PUBACK knows that the rule engine has
   * the message. When it throws, the connection is closed without a PUBACK, so that the client sends again.
   */
  readonly onPublish: (message: PublishedMessage) => void;
}

/** Our own refusal: logged where it was decided, and not again when aedes reports the connection's end. */
class Refusal extends Error {
  /** CONNACK return code "not authorized" [MQTT-3.2.2.3]; aedes reads it in `authenticate` alone. */
  readonly returnCode = 5;
}

/** The hooks of one broker, and what is known of each client. */
export class Gate<Policy> {
  stopping = false;
  readonly #options: BrokerGateOptions<Policy>;
  readonly #access: Access<Policy>;
  readonly #certificates = new WeakMap<Client, string>();
  readonly #sessions = new Map<Client, Session<Policy>>();
  /** Connections that the log has told of, until it has told of their end. */
  readonly #told = new Set<Client>();

  constructor(options: BrokerGateOptions<Policy>) {
    this.#options = options;
    this.#access = new Access(options.authorize, options.arn);
  }

  /** A connection with a registered certificate; its CONNECT is still to come. */
  presented(client: Client, certificateId: string): void {
    this.#certificates.set(client, certificateId);
  }

  readonly handlers: AedesOptions = {
    preConnect: (_client, packet, done) => {
      if (packet.clientId !== "") return done(null, true);
      done(this.#refusal("connect-refused", "CONNECT without a client id: use the thing's name"), false);
    },

    authenticate: (client, _username, _password, done) => {
      const certificateId = this.#certificates.get(client) ?? "";
      const session = openSession(client.id, certificateId, this.#options.devices);
      if (session === undefined)
        return done(this.#refusal("connect-refused", `${client.id}: no certificate`), false);
      const decision = this.#access.connect(session);
      if (!decision.allowed) {
        const text = `${client.id} may not connect: ${decision.text}`;
        return done(this.#refusal("connect-refused", text, { clientId: client.id, certificateId }), false);
      }
      this.#noteReplaced(client.id);
      this.#sessions.set(client, session);
      done(null, true);
    },

    // Aedes sends the PUBACK of QoS 1 right after this hook allows the packet and before it distributes it: here, and
    // not in `published`, is where the rule engine must have it. A will comes this way, too, as it does at AWS.
    authorizePublish: (client, packet, done) => {
      const session = client === null ? undefined : this.#sessions.get(client);
      if (session === undefined || this.stopping) return done(new Refusal("no session"));
      const decision = this.#access.publish(session, packet);
      const { clientId, certificateId } = session.connection;
      const { topic } = packet;
      if (!decision.allowed) {
        const text = `${clientId} may not publish to ${topic}: ${decision.text}; connection closed`;
        return done(this.#refusal("publish-refused", text, { clientId, topic }));
      }
      done(this.#handOver({ clientId, principal: certificateId, topic, payload: bytesOf(packet.payload) }));
    },

    authorizeSubscribe: (client, subscription, done) => {
      const session = this.#sessions.get(client);
      if (session === undefined) return done(new Refusal("no session"));
      const { clientId } = session.connection;
      const filter = subscription.topic;
      if (subscription.qos === 2) {
        const text = `${clientId} may not subscribe to ${filter}: QoS 2: AWS IoT supports QoS 0 and 1 only; connection closed`;
        return done(this.#refusal("subscribe-refused", text, { clientId, filter }));
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
      if (decision.allowed) return packet;
      const { clientId } = session.connection;
      const text = `${clientId} may not receive ${packet.topic}: ${decision.text}; message not delivered to it`;
      this.note("warn", "receive-refused", text, { clientId, topic: packet.topic });
      return null;
    },
  };

  /**
   * Aedes says that a connection is ready some turns after it was accepted. One that was replaced meanwhile has ended
   * before it began, and one that this one replaces may not have been reported as ended yet: the log is in the order of
   * what happened.
   */
  connected(client: Client): void {
    if (client.closed) return;
    for (const other of this.#told) if (other.id === client.id) this.#tellEnd(other);
    this.#told.add(client);
    this.note("info", "connected", `${client.id} connected`, { clientId: client.id });
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
    this.note("warn", "connection-error", `${who}: connection closed: ${error.message}`, {
      clientId: client.id,
    });
  }

  note(level: LogLevel, code: string, text: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#options.log({ at: this.#options.clock.now(), level, source: "broker", code, text, fields });
  }

  /** [MQTT-3.1.4-2]: aedes closes the older connection of a client id. */
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

const bytesOf = (payload: string | Buffer): Uint8Array =>
  typeof payload === "string" ? Buffer.from(payload) : payload;
