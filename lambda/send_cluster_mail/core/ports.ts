/** What the function needs from outside; adapters implement it, tests replace it. */
import type { Bulletin, IncidentId, MailKind } from "../../../lib/contract/incidents.ts";
import type { Incident } from "../../core/incident.ts";
import type { Neighbourhood } from "../../core/neighbourhood.ts";
import type { Delivered } from "./delivery.ts";
import type { Mail } from "./mail/mail.ts";
import type { Surroundings } from "./mail/surroundings.ts";

/** An incident as it was read, and the cluster around it. */
export interface Loaded {
  readonly known: Incident | undefined;
  readonly neighbourhood: Neighbourhood;
}

/** Where incidents are kept. */
export interface Incidents {
  /** As it is now, after every write that has returned; one request. */
  load(id: IncidentId): Promise<Loaded>;
  /** One conditional write; `changed-meanwhile` when the incident is no longer what `known` says. */
  write(known: Incident | undefined, next: Incident): Promise<"written" | "changed-meanwhile">;
  /**
   * Marks the mail of this claim as told, one conditional write.
   * @param atMs when, by the invocation's clock
   * @returns the incident as it is then, or `claim-lost` when another claim has replaced this one
   */
  confirm(id: IncidentId, channelId: string, claimId: string, atMs: number): Promise<Incident | "claim-lost">;
}

/** Hands a mail over to be sent. */
export interface Mailer {
  /**
   * Returns when the mail has been accepted for all of its recipients that SES does not refuse by name. Throwing does not
   * mean that it was not.
   * @param hasTime whether there is time to send again, without those that were refused
   */
  send(mail: Mail, hasTime: () => boolean): Promise<Delivered>;
}

/**
 * How the cluster of an incident stands, its other incidents and its last day. Never throws: what could not be read is left
 * out and named in `errors`.
 * @param nowMs epoch ms
 */
export type Look = (
  id: IncidentId,
  nowMs: number,
) => Promise<{ readonly surroundings: Surroundings; readonly errors: readonly string[] }>;

/** One line of the log; keys are the contract with metric filters and the simulator. */
export interface LogEntry {
  readonly level: "info" | "warn";
  readonly message:
    | "decision"
    | "claim-lost"
    | "mail-failed"
    | "no-answer-key"
    | "no-surroundings"
    | "recipient-refused"
    | "refusal-unrecorded"
    | "refusal-unsent";
  readonly send: boolean;
  readonly why: string;
  /** Of the mail; of a signal that gave none, the mail that it might have given. */
  readonly kind: MailKind | Bulletin;
  readonly cluster: string;
  readonly incident: string;
  /** Cluster, subject and reporter are in the configuration. */
  readonly configured: boolean;
  /** The signal says that the node which reports has taken the primary's role. */
  readonly took_over?: true;
  readonly request_id: string;
  /** Whom SES refused: the subject of the incident *mail-refused*. No address is logged. */
  readonly recipient?: number;
  /** What went wrong, where something did. */
  readonly error?: string;
}

/** Takes one structured line. */
export type Log = (entry: LogEntry) => void;
