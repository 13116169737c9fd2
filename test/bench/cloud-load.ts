/** What 20 nodes publish as fast as they may: raw MQTT packets, so that the load costs less than what it measures. */
import { connect, type TLSSocket } from "node:tls";

/** A thing, and what it connects with, PEM. */
export interface Credentials {
  readonly thing: string;
  readonly topic: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const START_MS = Date.UTC(2026, 0, 1);
const SLEEP_MS = 900_000;
/** Readings come round again, so that what is stored stays the same size and growth is somebody's leak. */
export const SLOTS = 20;
/** Unacknowledged at a time; AWS IoT takes 100. */
const WINDOW = 10;

export const slotOf = (count: number): string =>
  new Date(START_MS + (count % SLOTS) * SLEEP_MS).toISOString();

/** Payload of the n-th reading of a node. */
export const readingOf = (count: number): string =>
  JSON.stringify({
    v: 1,
    measured_at: slotOf(count),
    temperature_c: 21.5 + (count % 10) / 16,
    seq: count % SLOTS,
    term: 1,
    sleep_s: 900,
    battery_mv: 5_000,
    unwritable_eeproms: 0,
    suspects: 0,
  });

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};

function packet(first: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const [low, high] = [body.length & 0x7f, body.length >> 7];
  return Buffer.concat([Buffer.from(high === 0 ? [first, low] : [first, low | 0x80, high]), body]);
}

/** A connection, open for as many rounds as are asked of it. */
export class LoadClient {
  readonly #socket: TLSSocket;
  readonly #topic: string;
  #sent = 0;
  #acknowledged = 0;
  #bytes = 0;
  #goal = 0;
  #reached: () => void = () => {};

  private constructor(socket: TLSSocket, topic: string) {
    this.#socket = socket;
    this.#topic = topic;
  }

  static async open(port: number, { thing, topic, ca, cert, key }: Credentials): Promise<LoadClient> {
    const socket = connect({ host: "127.0.0.1", port, ca, cert, key });
    await new Promise<void>((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
    const client = new LoadClient(socket, topic);
    socket.write(packet(0x10, text("MQTT"), Buffer.from([4, 2, 0, 0]), text(thing)));
    await new Promise<void>((resolve) => socket.once("data", () => resolve()));
    socket.on("data", (chunk: Buffer) => client.#got(chunk.length));
    socket.on("close", () => client.#reached());
    return client;
  }

  /** Publishes so many at QoS 1; resolves once all are acknowledged. @throws Error when the connection was closed */
  async publish(count: number): Promise<void> {
    this.#goal += count;
    await new Promise<void>((resolve) => {
      this.#reached = resolve;
      for (let i = 0; i < WINDOW; i++) this.#next();
    });
    if (this.#acknowledged < this.#goal) throw new Error(`${this.#topic}: the connection was closed`);
  }

  end(): void {
    this.#socket.end(Buffer.from([0xe0, 0]));
  }

  #next(): void {
    if (this.#sent >= this.#goal) return;
    const id = (this.#sent % 0xffff) + 1;
    const payload = Buffer.from(readingOf(this.#sent));
    this.#sent += 1;
    this.#socket.write(packet(0x32, text(this.#topic), Buffer.from([id >> 8, id & 0xff]), payload));
  }

  /** A PUBACK has four bytes. */
  #got(bytes: number): void {
    this.#bytes += bytes;
    for (; this.#bytes >= 4; this.#bytes -= 4) {
      this.#acknowledged += 1;
      this.#next();
    }
    if (this.#acknowledged >= this.#goal) this.#reached();
  }
}
