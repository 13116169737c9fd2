/** What a look at a cluster comes to, for one incident: that it fires, or that it is well. */
import type { Facts, IncidentKind } from "../../../lib/contract/incidents.ts";
import type { Order } from "../../core/order.ts";
import type { ClusterView, Evidence } from "./view.ts";

/**
 * What a detector holds to be so of one incident: it fires, with facts, or it is well. `evidence`: one sample decides
 * nothing; it is believed when readings that are newer than all of these say it again. `stays`: it does not fire now, and
 * what fires already is not over either. `removed`: it is over because its node or cluster left the configuration.
 */
export type Finding = {
  readonly kind: IncidentKind;
  readonly subject: number;
  /** Where the signal stands. The sweep's own signals have term 0: what was received later counts; refusals REFUSAL_TERM. */
  readonly order: Order;
} & (
  | { readonly fires: true; readonly facts: Facts; readonly evidence?: Evidence }
  | { readonly fires: false; readonly stays?: true; readonly removed?: true }
);

/** A signal of this moment, epoch ms. */
export const at = (atMs: number): Order => ({ term: 0, atMs });

/** One thing that can be wrong, looked for in one cluster. */
export type Detector = (cluster: ClusterView, nowMs: number) => readonly Finding[];
