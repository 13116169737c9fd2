/**
 * A node's connection to the cloud. Two implementations: in memory, for many runs, and the device SDK over MQTT.
 */

/** A connection to the message broker with one client id. A node uses it for one operation at a time. */
export interface Uplink {
  /** Connects. It replaces a connection that is still open, as a device does after deep sleep. */
  connect(): Promise<void> | void;
  /** Publishes with QoS 1. Resolves at PUBACK, which means that the broker has the message, not that it is stored. */
  publish(topic: string, payload: string): Promise<void> | void;
  /** Ends the connection; harmless when there is none. */
  disconnect(): Promise<void> | void;
}

/**
 * Why an operation failed:
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

/** A failed operation of an uplink. `code` is stable, without addresses and times, so that a trace may contain it. */
export class UplinkError extends Error {
  override readonly name = "UplinkError";
  readonly code: UplinkErrorCode;

  constructor(code: UplinkErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What was thrown by an uplink, as a code for the trace (`unexpected` if it is no `UplinkError`) and as a sentence. */
export const failureOf = (error: unknown): { readonly code: string; readonly why: string } => ({
  code: error instanceof UplinkError ? error.code : "unexpected",
  why: error instanceof Error ? error.message : String(error),
});
