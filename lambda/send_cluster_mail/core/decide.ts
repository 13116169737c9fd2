/**
 * Whether an event is worth a mail, and what the incident is after it. Pure: the same incident, event and moment always
 * give the same decision, and every decision says why.
 *
 * Not here yet: reminders, flap damping, digests, quiet hours.
 */
import type { DeliveredEvent } from "../../../lib/contract/messages.ts";
import {
  CLAIM_LEASE_MS,
  type Firing,
  hasLapsed,
  type Incident,
  isBeingTold,
  type MailKind,
  RESOLVED_KEPT_S,
  type Resolved,
  type Telling,
} from "./incident.ts";
import { diedAfter, isOlder, latest, type Order, orderOf, recoveredAfter } from "./order.ts";

/** When, and in whose name, something is decided. */
export interface Moment {
  /** The event's `received_at`, epoch ms: *now* for everything that is said and kept. */
  readonly nowMs: number;
  /** The invocation's own clock, epoch ms: for claims alone, which live between invocations and not between events. */
  readonly leaseNowMs: number;
  readonly claimId: string;
}

/** A mail is due, once `next` is written. */
export interface Send {
  readonly send: true;
  readonly act: "send";
  readonly kind: MailKind;
  readonly why: "opened" | "reopened" | "recovered" | "claim-lapsed";
  readonly next: Incident;
}

/**
 * - `never-admitted`: the subject's seat was never taken; no incident.
 * - `already-told`: its mail was sent.
 * - `being-told`: another attempt holds a claim on its mail.
 * - `stale`: older by (term, at) than what the incident knows.
 * - `nothing-to-resolve`: a recovery, and no mail that it would answer.
 * - `recovered-unseen`: a death that was over before it was heard of.
 */
export type Silence = {
  readonly send: false;
  readonly kind: MailKind;
  readonly why:
    | "never-admitted"
    | "already-told"
    | "being-told"
    | "stale"
    | "nothing-to-resolve"
    | "recovered-unseen";
} & (
  | { readonly act: "nothing" }
  /** No mail, but the incident has learnt something. */
  | { readonly act: "record"; readonly next: Incident }
);

/** The incident's mail before this one is on its way and must be finished first: have the event delivered again. */
export interface Wait {
  readonly send: false;
  readonly act: "again-later";
  readonly kind: MailKind;
  readonly why: "other-mail-unfinished";
}

export type Decision = Send | Silence | Wait;

const silence = (kind: MailKind, why: Silence["why"]): Silence => ({
  send: false,
  act: "nothing",
  kind,
  why,
});
const waitFor = (kind: MailKind): Wait => ({
  send: false,
  act: "again-later",
  kind,
  why: "other-mail-unfinished",
});

/** What the incident known so far (undefined: none) and one event come to. */
export function decide(known: Incident | undefined, event: DeliveredEvent, moment: Moment): Decision {
  const order = orderOf(event);
  if (event.type === "node_admitted") {
    if (known === undefined) return buryUnheard(order, moment);
    return known.state === "firing" ? resolve(known, order, moment) : recoverAgain(known, order, moment);
  }
  if (event.state.never_admitted.includes(event.subject)) return silence("firing", "never-admitted");
  if (known === undefined) return fire("opened", undefined, order, moment);
  return known.state === "firing" ? keepFiring(known, order, moment) : reopen(known, order, moment);
}

const firstClaim = (moment: Moment, prior?: Telling): Telling => ({
  claimId: moment.claimId,
  claimUntilMs: moment.leaseNowMs + CLAIM_LEASE_MS,
  claims: 1,
  told: false,
  priorUnconfirmed: prior !== undefined && !prior.told,
});

const nextClaim = (moment: Moment, lapsed: Telling): Telling => ({
  ...lapsed,
  claimId: moment.claimId,
  claimUntilMs: moment.leaseNowMs + CLAIM_LEASE_MS,
  claims: lapsed.claims + 1,
});

const keepUntil = ({ nowMs }: Moment): number => Math.floor(nowMs / 1_000) + RESOLVED_KEPT_S;

function fire(why: "opened" | "reopened", known: Resolved | undefined, since: Order, moment: Moment): Send {
  const next: Firing = {
    state: "firing",
    rev: (known?.rev ?? 0) + 1,
    episodes: (known?.episodes ?? 0) + 1,
    since,
    telling: firstClaim(moment, known?.last?.telling),
  };
  return { send: true, act: "send", kind: "firing", why, next };
}

/** A death, while the incident fires. */
function keepFiring(known: Firing, order: Order, moment: Moment): Decision {
  if (isOlder(order, known.since)) return silence("firing", "stale");
  if (known.telling.told) return silence("firing", "already-told");
  if (isBeingTold(known.telling, moment.leaseNowMs)) return silence("firing", "being-told");
  const next: Firing = { ...known, rev: known.rev + 1, telling: nextClaim(moment, known.telling) };
  return { send: true, act: "send", kind: "firing", why: "claim-lapsed", next };
}

/** A death, after the incident was resolved. */
function reopen(known: Resolved, order: Order, moment: Moment): Decision {
  if (!diedAfter(order, known.recovered)) {
    const belongsToTold = known.last !== undefined && !diedAfter(order, known.last.episode.until);
    return silence("firing", belongsToTold ? "stale" : "recovered-unseen");
  }
  // Overtaking a RESOLVED mail on its way would lose it: its attempt could no longer tell that it was due.
  if (known.last !== undefined && isBeingTold(known.last.telling, moment.leaseNowMs))
    return waitFor("firing");
  return fire("reopened", known, order, moment);
}

/** A recovery that was heard of before any death: kept, so that the death, when it arrives late, does not fire. */
function buryUnheard(recovered: Order, moment: Moment): Silence {
  const next: Resolved = {
    state: "resolved",
    rev: 1,
    episodes: 0,
    recovered,
    expiresAtS: keepUntil(moment),
  };
  return { send: false, act: "record", kind: "resolved", why: "nothing-to-resolve", next };
}

/** A recovery, while the incident fires. */
function resolve(known: Firing, order: Order, moment: Moment): Decision {
  if (!recoveredAfter(order, known.since)) return silence("resolved", "stale");
  // The FIRING mail goes first; if its attempt has crashed, it may be out, and this mail says so.
  if (isBeingTold(known.telling, moment.leaseNowMs)) return waitFor("resolved");
  const next: Resolved = {
    state: "resolved",
    rev: known.rev + 1,
    episodes: known.episodes,
    recovered: order,
    last: {
      episode: { since: known.since, until: order },
      telling: firstClaim(moment, known.telling),
    },
    expiresAtS: keepUntil(moment),
  };
  return { send: true, act: "send", kind: "resolved", why: "recovered", next };
}

/** A recovery, after the incident was resolved. */
function recoverAgain(known: Resolved, order: Order, moment: Moment): Decision {
  const { last } = known;
  if (last !== undefined && isOlder(order, last.episode.until)) return silence("resolved", "stale");
  const heard: Resolved = {
    ...known,
    rev: known.rev + 1,
    recovered: latest(order, known.recovered),
    expiresAtS: keepUntil(moment),
  };
  if (last !== undefined && hasLapsed(last.telling, moment.leaseNowMs)) {
    const next: Resolved = { ...heard, last: { ...last, telling: nextClaim(moment, last.telling) } };
    return { send: true, act: "send", kind: "resolved", why: "claim-lapsed", next };
  }
  const why = whySilent(known, order);
  // Without it a death between the two recoveries, delivered late, would fire with nothing left to resolve it.
  if (isOlder(known.recovered, order))
    return { send: false, act: "record", kind: "resolved", why, next: heard };
  return silence("resolved", why);
}

function whySilent({ last, recovered }: Resolved, order: Order): Silence["why"] {
  if (last === undefined) return isOlder(order, recovered) ? "stale" : "nothing-to-resolve";
  if (!last.telling.told) return "being-told";
  return isOlder(last.episode.until, order) ? "nothing-to-resolve" : "already-told";
}
