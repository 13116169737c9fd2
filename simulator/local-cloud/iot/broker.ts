/**
 * The message broker: aedes over mutual TLS on 127.0.0.1, with AWS IoT's refusals and the template's policies.
 *
 * Emulated: MQTT 3.1.1 and MQTT 5, QoS 0 and 1, wills, persistent sessions in memory; iot:Connect, iot:Publish,
 * iot:Subscribe and iot:Receive; closing a connection that publishes what it may not; AWS IoT's limits on packets,
 * topics, subscriptions and client ids; `a/#` that does not match `a`; Basic Ingest. Of MQTT 5: reason codes, topic
 * aliases, session and message expiry, user properties, DISCONNECT by the broker. Not emulated: retained messages,
 * shadows, jobs and other `$aws` topics, shared subscriptions, assigned client ids, quotas of messages per second, the
 * keep-alive limits (30 to 1,200 s), refusing a will at CONNECT, re-sending of unacknowledged QoS 1 messages within a
 * connection, and what `broker-aedes.ts` names.
 */
import type { AddressInfo } from "node:net";
import { Aedes } from "aedes";
import { PortError } from "../port-error.ts";
import { AEDES_LIMITS, withoutInheritedKeys, withoutInheritedKeysOf } from "./broker-aedes.ts";
import { type BrokerGateOptions, Gate } from "./broker-gate.ts";
import { createTlsFront, type TlsFront } from "./broker-tls.ts";

/** The broker's port and certificates, besides what its gate needs. */
export interface BrokerOptions<Policy> extends BrokerGateOptions<Policy> {
  /** 0: any free one. */
  readonly port: number;
  /** The server's certificate and key, PEM. */
  readonly server: { readonly certPem: string; readonly keyPem: string };
  /** The CA that signs device certificates, PEM. */
  readonly caPem: string;
  /** Where a person finds that CA as a file, for the advice in log lines. */
  readonly caPath?: string;
}

/** A running broker: MQTT over mutual TLS. */
export interface Broker {
  readonly host: string;
  readonly port: number;
  /** Number of MQTT clients that are connected now. */
  readonly connections: number;
  /** Closes every connection and the port; wills of the clients are not published. */
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";

/** Starts a broker. @throws PortError when the port is taken */
export async function startBroker<Policy>(options: BrokerOptions<Policy>): Promise<Broker> {
  const gate = new Gate(options);
  const aedes = await Aedes.createBroker({ ...gate.handlers, ...AEDES_LIMITS });
  withoutInheritedKeys(aedes);
  aedes.on("clientReady", (client) => gate.connected(client));
  aedes.on("clientDisconnect", (client) => gate.disconnected(client));
  aedes.on("unsubscribe", (filters, client) => gate.unsubscribed(client, filters));
  aedes.on("clientError", (client, error) => gate.failed(client, error));
  aedes.on("connectionError", (client, error) => gate.failed(client, error));
  const front = createTlsFront({
    ...options,
    isKnown: (id) => options.devices.has(id),
    onDevice: (socket, id) => gate.presented(withoutInheritedKeysOf(aedes.handle(socket)), id),
    onRefused: (text, from) => gate.note("warn", "tls-refused", `${from}: ${text}`, { from }),
  });
  const stop = async (): Promise<void> => {
    gate.stopping = true;
    await new Promise<void>((closed) => aedes.close(closed));
    front.destroyAll();
    await new Promise<void>((closed) => front.server.close(() => closed()));
  };
  try {
    const port = await listen(front, options.port);
    return {
      host: HOST,
      port,
      stop,
      get connections() {
        return aedes.connectedClients;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function listen({ server }: TlsFront, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(new PortError("MQTT", port, "--mqtt-port", cause)),
    );
    server.listen(port, HOST, resolve);
  });
  return (server.address() as AddressInfo).port;
}
