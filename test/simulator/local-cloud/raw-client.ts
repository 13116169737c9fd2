/** MQTT packets byte by byte over TLS, for what no client library would send, or would not show. */
import { connect, type TLSSocket } from "node:tls";
import type { KeyedCertificate } from "../../../simulator/local-cloud/iot/certificates.ts";
import type { TestCloud } from "./broker-fixture.ts";

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};

/** A packet with its remaining length [MQTT-2.2.3], or with one that is announced and not true. */
export function packet(firstByte: number, body: Buffer, announced = body.length): Buffer {
  const length: number[] = [];
  for (let rest = announced; ; rest >>= 7) {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    if (rest <= 0x7f) return Buffer.concat([Buffer.from([firstByte, ...length]), body]);
  }
}

export interface Version {
  readonly name: string;
  readonly level: number;
}
export const MQTT_31: Version = { name: "MQIsdp", level: 3 };
export const MQTT_311: Version = { name: "MQTT", level: 4 };
export const MQTT_5: Version = { name: "MQTT", level: 5 };

/** Clean session, keep-alive 30 s, no will; properties of MQTT 5: none. */
export const connectPacket = ({ name, level }: Version, clientId: string): Buffer =>
  packet(
    0x10,
    Buffer.concat([
      text(name),
      Buffer.from([level, 0x02, 0, 30, ...(level === 5 ? [0] : [])]),
      text(clientId),
    ]),
  );

/** QoS 1. */
export const subscribePacket = (filters: readonly string[]): Buffer =>
  packet(
    0x82,
    Buffer.concat([
      Buffer.from([0, 7]),
      ...filters.map((filter) => Buffer.concat([text(filter), Buffer.from([1])])),
    ]),
  );

/** QoS 1, packet id 9. */
export const publishPacket = (topic: string, payload: Buffer | string, announced?: number): Buffer => {
  const body = Buffer.concat([text(topic), Buffer.from([0, 9]), Buffer.from(payload)]);
  return packet(0x32, body, announced ?? body.length);
};

export const CONNACK_ACCEPTED = "20020000";

/** What a connection has received, and waiting for more of it. */
export class RawClient {
  readonly #socket: TLSSocket;
  #received = Buffer.alloc(0);
  readonly closed: Promise<void>;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  static async open(cloud: TestCloud, { certPem, keyPem }: KeyedCertificate): Promise<RawClient> {
    const { host, port } = cloud.broker;
    const socket = connect({ host, port, cert: certPem, key: keyPem, ca: cloud.authority.caPem });
    const client = new RawClient(socket);
    await new Promise<void>((resolve) => socket.once("secureConnect", resolve));
    return client;
  }

  get received(): string {
    return this.#received.toString("hex");
  }

  send(...packets: readonly Buffer[]): void {
    this.#socket.write(Buffer.concat(packets));
  }

  /** Resolves once that much has come. */
  async bytes(count: number): Promise<string> {
    while (this.#received.length < count) {
      if (this.#socket.destroyed) throw new Error(`closed after ${this.received}`);
      await new Promise((resolve) => this.#socket.once("data", resolve));
    }
    return this.received;
  }

  end(): void {
    this.#socket.destroy();
  }
}
