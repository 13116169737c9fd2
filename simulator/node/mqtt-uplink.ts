/**
 * The real uplink: AWS's device SDK, MQTT 3.1.1 over mutual TLS, QoS 1, clean session, a time limit on every operation.
 *
 * The limits are its own because the SDK's `connect` takes some 23 s to fail on a certificate that it distrusts (its
 * TLS library delays the answer on purpose), and a publish to which the broker closes the connection never settles.
 *
 * Not used: the SDK's reconnecting (a device that lost its connection goes back to sleep), subscriptions, a will.
 */
import { iot, mqtt } from "aws-iot-device-sdk-v2";
import type { DeviceCredentials } from "./device-credentials.ts";
import { type Uplink, UplinkError, type UplinkErrorCode } from "./uplink.ts";

/** Longest time of each operation, in milliseconds of real time. */
export interface UplinkLimits {
  /** @default 5000 */
  readonly connectMs?: number;
  /** Time from publish to PUBACK. @default 5000 */
  readonly publishMs?: number;
  /** @default 2000 */
  readonly disconnectMs?: number;
}

/**
 * The options of one node's uplink. The credentials have been checked, by `readDeviceCredentials` or
 * `checkDeviceCredentials`.
 */
export interface MqttUplinkOptions extends DeviceCredentials {
  /** The thing's name, which is also the client id, because the broker's policy demands that. */
  readonly thing: string;
  readonly host: string;
  readonly port: number;
  readonly limits?: UplinkLimits;
  /**
   * Whether `connect` starts a new connection while one is open, as a device that woke from deep sleep must. When false
   * it keeps the open one, which saves a run of many days most of its real time: a TLS handshake on loopback takes 50
   * ms, 40 of them the kernel's delayed ACK against the SDK's Nagle, and neither side can switch its half off.
   * @default true
   */
  readonly everyWake?: boolean;
}

const LIMITS_MS = { connectMs: 5_000, publishMs: 5_000, disconnectMs: 2_000 } as const;
/**
 * Keep-alive; AWS IoT accepts 30 to 1,200 s. A node is awake for less, so that pings come only on connections kept over
 * wakes.
 */
const KEEP_ALIVE_S = 60;

/**
 * The device SDK's connection of one node. The TLS context, which takes 18 ms, is made at the first `connect` and kept.
 * Every operation may throw UplinkError.
 */
export class MqttUplink implements Uplink {
  readonly #options: MqttUplinkOptions;
  readonly #limits: Required<UplinkLimits>;
  readonly #where: string;
  #config: mqtt.MqttConnectionConfig | undefined;
  #client: mqtt.MqttClient | undefined;
  #open: OpenConnection | undefined;

  constructor(options: MqttUplinkOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS_MS, ...options.limits };
    this.#where = `${options.thing} to ${options.host}:${options.port}`;
  }

  async connect(): Promise<void> {
    if (this.#open?.lost === false && this.#options.everyWake === false) return;
    await this.disconnect();
    this.#config ??= connectionConfig(this.#options, this.#limits);
    this.#client ??= new mqtt.MqttClient();
    this.#open = await openConnection(this.#client.new_connection(this.#config), this.#where, this.#limits);
  }

  async publish(topic: string, payload: string): Promise<void> {
    if (this.#open === undefined)
      throw new UplinkError("not-connected", `${this.#where}: publish before connect`);
    await this.#open.publish(topic, payload, this.#limits.publishMs);
  }

  async disconnect(): Promise<void> {
    const ending = this.#open;
    this.#open = undefined;
    await ending?.end(this.#limits.disconnectMs);
  }
}

interface OpenConnection {
  /** Whether the broker or the network has ended the connection. */
  readonly lost: boolean;
  publish(topic: string, payload: string, limitMs: number): Promise<void>;
  end(limitMs: number): Promise<void>;
}

async function openConnection(
  connection: mqtt.MqttClientConnection,
  where: string,
  limits: { readonly connectMs: number; readonly disconnectMs: number },
): Promise<OpenConnection> {
  let lost = false;
  const interrupted = new Promise<never>((_, reject) => {
    connection.on("interrupt", () => {
      lost = true;
      const text = `${where}: the connection ended before a PUBACK; the broker's policy or limits refuse this publish; see its log`;
      reject(new UplinkError("publish-failed", text));
      // Left alone the SDK reconnects and sends the refused message again, for ever.
      quietly(connection.disconnect());
    });
  });
  quietly(interrupted); // between publishes nothing awaits it

  try {
    await within(
      connection.connect(),
      limits.connectMs,
      "connect-timeout",
      `${where}: no connection`,
      DISTRUST,
    );
  } catch (error) {
    // The SDK goes on trying after the time limit: a connection that still comes is closed at once.
    connection.on("connect", () => quietly(connection.disconnect()));
    throw asUplinkError(error, "connect-failed", `${where}: connect failed`);
  }

  return {
    get lost() {
      return lost;
    },
    publish: async (topic, payload, limitMs) => {
      const acknowledged = connection.publish(topic, payload, mqtt.QoS.AtLeastOnce);
      const what = `${where}: no PUBACK for ${topic}`;
      try {
        await within(Promise.race([acknowledged, interrupted]), limitMs, "publish-timeout", what, "");
      } catch (error) {
        throw asUplinkError(error, "publish-failed", `${where}: publish to ${topic} failed`);
      }
    },
    end: async (limitMs) => {
      if (lost) return;
      // The node is about to sleep, so that a failed disconnect needs no reaction.
      await within(connection.disconnect(), limitMs, "connect-timeout", where, "").catch(() => undefined);
    },
  };
}

const DISTRUST = "; check that a broker is there, and that the given CA signed its certificate";

function connectionConfig(
  { thing, host, port, certPem, keyPem, caPem }: MqttUplinkOptions,
  limits: { readonly connectMs: number },
): mqtt.MqttConnectionConfig {
  try {
    return iot.AwsIotMqttConnectionConfigBuilder.new_mtls_builder(certPem, keyPem)
      .with_certificate_authority(caPem)
      .with_endpoint(host)
      .with_port(port)
      .with_client_id(thing)
      .with_clean_session(true)
      .with_keep_alive_seconds(KEEP_ALIVE_S)
      .with_timeout_ms(limits.connectMs)
      .build();
  } catch (cause) {
    const text = `${thing}: the TLS library refuses its certificate or key: ${textOf(cause)}`;
    throw new UplinkError("bad-credentials", text, { cause });
  }
}

/** Settles as `operation` does, or rejects with `code` after `limitMs`. */
async function within(
  operation: Promise<unknown>,
  limitMs: number,
  code: UplinkErrorCode,
  what: string,
  hint: string,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new UplinkError(code, `${what} within ${limitMs} ms${hint}`)), limitMs);
  });
  try {
    await Promise.race([operation, late]);
  } finally {
    clearTimeout(timer);
    quietly(operation); // it may still reject after the limit
  }
}

const asUplinkError = (error: unknown, code: UplinkErrorCode, what: string): UplinkError =>
  error instanceof UplinkError ? error : new UplinkError(code, `${what}: ${textOf(error)}`, { cause: error });

/** The SDK rejects with a string. */
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function quietly(operation: Promise<unknown>): void {
  operation.catch(() => undefined);
}
