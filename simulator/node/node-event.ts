/** The events of a node, for timeline, score and referee. */
import type { Instant } from "../engine/time.ts";
import type { Decision } from "../protocol/effects.ts";
import type { ResetCause, ResetOutcome } from "../protocol/protocol.ts";

/** An event of a node, without its time and the node's number. */
export type NodeEventBody =
  | { readonly kind: "powered-on" | "powered-off" | "battery-flat" | "hung" | "frozen" | "never-wakes" }
  | { readonly kind: "reset"; readonly cause: ResetCause }
  | { readonly kind: "decided"; readonly decision: Decision }
  | { readonly kind: "acting" | "stopped-acting" }
  /** The wake is over. */
  | { readonly kind: "asleep" }
  | { readonly kind: "reset-node"; readonly subject: number; readonly outcome: ResetOutcome }
  | { readonly kind: "measured"; readonly celsius: number }
  | { readonly kind: "sensor-failed"; readonly why: string }
  | { readonly kind: "clock-unset" }
  | { readonly kind: "connect-failed"; readonly why: string }
  /** The cloud has the message, whether or not the node knows. */
  | { readonly kind: "delivered"; readonly channel: "reading" | "event"; readonly payload: string }
  /** The node has the PUBACK of the message. */
  | { readonly kind: "published"; readonly channel: "reading" | "event"; readonly payload: string }
  | {
      readonly kind: "publish-failed";
      readonly channel: "reading" | "event";
      readonly payload: string;
      readonly why: string;
    };

/** An event of a node, at an instant of virtual time. */
export type NodeEvent = { readonly at: Instant; readonly node: number } & NodeEventBody;
