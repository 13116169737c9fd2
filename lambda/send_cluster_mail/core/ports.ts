/** What the function needs from outside; adapters implement it, tests replace it. */
import type { DeliveredEvent } from "../../../lib/contract/messages.ts";
import type { Decision } from "./decide.ts";
import type { Incident } from "./incident.ts";
import { type IncidentId, incidentIdOf, type Mail } from "./mail.ts";

export interface Incidents {
  /** As it is now, after every write that has returned. */
  load(id: IncidentId): Promise<Incident | undefined>;
  /** One conditional write; `changed-meanwhile` when the incident is no longer what `known` says. */
  write(
    id: IncidentId,
    known: Incident | undefined,
    next: Incident,
  ): Promise<"written" | "changed-meanwhile">;
  /** Marks the mail of this claim as told, one conditional write; `claim-lost` when another claim has replaced it. */
  confirm(id: IncidentId, claimId: string): Promise<"confirmed" | "claim-lost">;
}

export interface Mailer {
  /** Returns when the mail has been accepted. Throwing does not mean that it was not. */
  send(mail: Mail): Promise<void>;
}

/** One line of the log; keys are the contract with metric filters and the simulator. */
export interface LogEntry {
  readonly level: "info" | "warn";
  readonly message: "decision" | "claim-lost";
  readonly send: boolean;
  readonly why: string;
  readonly kind: "firing" | "resolved";
  readonly cluster: string;
  readonly incident: string;
  /** Cluster, subject and reporter are in the configuration. */
  readonly configured: boolean;
  readonly request_id: string;
}

export type Log = (entry: LogEntry) => void;

/** A decision about something that is not in the configuration is a warning: the mail goes out, the drift is counted. */
export const decisionLine = (
  decision: Decision,
  event: DeliveredEvent,
  configured: boolean,
  requestId: string,
): LogEntry => ({
  level: configured ? "info" : "warn",
  message: "decision",
  send: decision.send,
  why: decision.why,
  kind: decision.kind,
  cluster: event.cluster_id,
  incident: incidentIdOf(event).itemKey,
  configured,
  request_id: requestId,
});
