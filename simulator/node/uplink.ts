/**
 * A node's way to the cloud. Two implementations: in memory, for exploring many runs, and the device SDK over MQTT.
 */

/** A connection to the message broker, as one client id. A node uses it one operation at a time. */
export interface Uplink {
  /** Connects. On a connection that is still open it starts a new one, as a device does that woke from deep sleep. */
  connect(): Promise<void> | void;
  /** QoS 1: resolves at PUBACK, which says that the broker has the message, not that anything was stored. */
  publish(topic: string, payload: string): Promise<void> | void;
  /** Ends the connection; harmless when there is none. */
  disconnect(): Promise<void> | void;
}

/**
 * - `bad-credentials`: certificate, key or CA missing, unreadable, expired or not belonging together
 * - `connect-failed`: refused, or the network said no
 * - `connect-timeout`: no answer in time; a device SDK that distrusts the broker's certificate shows as this
 * - `not-connected`: publish without a connection
 * - `publish-failed`: the broker closed the connection instead of a PUBACK; its policy denies the topic, most often
 * - `publish-timeout`: no PUBACK in time; the message may have arrived all the same
 */
export type UplinkErrorCode =
  | "bad-credentials"
  | "connect-failed"
  | "connect-timeout"
  | "not-connected"
  | "publish-failed"
  | "publish-timeout";

/** Why an uplink could not do what it was asked. `code` is stable and free of addresses and times, so a trace may hold it. */
export class UplinkError extends Error {
  override readonly name = "UplinkError";
  readonly code: UplinkErrorCode;

  constructor(code: UplinkErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
