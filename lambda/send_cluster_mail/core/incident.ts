/**
 * What is remembered of one incident: (cluster, kind, subject). One item in the clusters table, changed only by single
 * conditional writes.
 *
 * Not kept: deaths reported while the incident is firing. Each of the 96 a day would cost a write; so a recovery that
 * is delivered late, between two reports of one death, ends the incident and the next report opens it again.
 */
import type { Order } from "./order.ts";

/** Which mail an incident owes. */
export type MailKind = "firing" | "resolved";

/**
 * A claim's life, in ms of the invocation's own clock. Longer than the function's timeout (10 s) plus the skew between
 * two hosts' clocks, so that nobody takes the claim of a living attempt; shorter than Lambda's first retry (60 s), so
 * that a crashed attempt's own retry finds its claim lapsed.
 */
export const CLAIM_LEASE_MS = 30_000;

/** How long a resolved incident is kept to recognise late events. A firing one is kept until it is resolved. */
export const RESOLVED_KEPT_S = 365 * 86_400;

/** One mail on its way out: claimed, then told. */
export interface Telling {
  /** Unique to one attempt of one invocation. */
  readonly claimId: string;
  readonly claimUntilMs: number;
  /** Claims so far for this mail; from the second on, an earlier one may have sent it. */
  readonly claims: number;
  readonly told: boolean;
  /** The incident's mail before this one was claimed and never confirmed: it may or may not have gone out. */
  readonly priorUnconfirmed: boolean;
}

/** From the first report of the death to the recovery. */
export interface Episode {
  readonly since: Order;
  readonly until: Order;
}

export interface Firing {
  readonly state: "firing";
  /** Raised by every write. */
  readonly rev: number;
  /** Episodes that a person was told of, this one included. */
  readonly episodes: number;
  readonly since: Order;
  /** The FIRING mail. */
  readonly telling: Telling;
}

export interface Resolved {
  readonly state: "resolved";
  readonly rev: number;
  readonly episodes: number;
  /** The newest recovery heard of: a death that is not after it is old news. */
  readonly recovered: Order;
  /** The last episode that was told, and its RESOLVED mail. Absent on a tombstone: a recovery heard before any death. */
  readonly last?: { readonly episode: Episode; readonly telling: Telling };
  /** Epoch seconds, the table's TTL attribute. */
  readonly expiresAtS: number;
}

export type Incident = Firing | Resolved;

/** Nobody is working on it any more: its attempt crashed or was cut off. */
export const hasLapsed = (telling: Telling, leaseNowMs: number): boolean =>
  !telling.told && leaseNowMs >= telling.claimUntilMs;

/** Somebody may be sending it right now. */
export const isBeingTold = (telling: Telling, leaseNowMs: number): boolean =>
  !telling.told && leaseNowMs < telling.claimUntilMs;
