/**
 * From a signal of an incident to at most one mail. Pure: the same incident, signal and moment give the same decision,
 * and every decision says why.
 */
import {
  type Bulletin,
  type IncidentId,
  isBulletin,
  type MailKind,
} from "../../../lib/contract/incidents.ts";
import { claimed } from "../../core/claim.ts";
import {
  type DueNotification,
  dueNotification,
  type SendWhy,
  type SilentWhy,
} from "../../core/due-notification.ts";
import type { Firing, Incident, Resolved } from "../../core/incident.ts";
import {
  endsInCompany,
  type Hold,
  holdOf,
  type Neighbour,
  type Neighbourhood,
  saidMsIn,
} from "../../core/neighbourhood.ts";
import { observe, type Signal, type Unmoved } from "../../core/observe.ts";
import { type ChannelPolicy, type Policy, STORM_WINDOW_MS } from "../../core/policy.ts";

/** When, in whose name and among what something is decided. */
export interface Moment {
  /** The invocation's own clock, epoch ms: when a mail would go out. What happened when is in the signal. */
  readonly clockMs: number;
  readonly claimId: string;
  readonly policy: Policy;
  /** The cluster around the incident. */
  readonly neighbourhood: Neighbourhood;
  /** The sweep saw a storm. */
  readonly storm: boolean;
}

/** A mail is due, once `next` is written. */
export interface Send {
  readonly send: true;
  readonly kind: MailKind | Bulletin;
  readonly why: SendWhy;
  readonly notification: DueNotification;
  readonly channel: ChannelPolicy;
  readonly next: Firing | Resolved;
}

/** No mail; with `next`, the incident has learnt something. */
export interface Silence {
  readonly send: false;
  readonly kind: MailKind | Bulletin;
  readonly why: SilentWhy | Unmoved;
  readonly next?: Incident;
}

/** What comes of a signal: a mail, or silence with its reason; and the incident as it is to be written. */
export type MailDecision = Send | Silence;

/** Which of several silences is said: the one that ends by itself comes before the one that lasts. */
const SAID_FIRST: readonly SilentWhy[] = [
  "muted",
  "split-brain",
  "in-doubt",
  "being-told",
  "tried-lately",
  "quiet-hours",
  "may-pass",
  "storm",
  "flapping",
];

/** @param known undefined: nothing is known of this incident */
export function decideMail(
  id: IncidentId,
  known: Incident | undefined,
  signal: Signal,
  moment: Moment,
): MailDecision {
  const { policy, clockMs, claimId, neighbourhood } = moment;
  const hold = holdOf({ ...id, ...openingOf(known, signal) }, neighbourhood, clockMs);
  const observed = observe(id, known, signal, {
    channels: policy.channels,
    storm: isStorm(known, signal, moment),
    ...(hold === undefined || !policy.swept ? {} : { hold }),
    clockMs,
  });
  const incident = observed.next ?? known;
  const rev = (known?.rev ?? 0) + 1;
  const kind = kindOf(id, signal);
  if (incident === undefined) return { send: false, kind, why: observed.unmoved ?? "nothing-to-resolve" };

  const { due, whys } = dueMailOf(incident, policy, clockMs, hold);
  if (due !== undefined && incident.state !== "recovered-before-onset") {
    const { channel, mail } = due;
    const next = { ...claimed(incident, channel, policy.channels, mail, claimId, clockMs), rev };
    return {
      send: true,
      kind: isBulletin(id.kind) ? id.kind : mail.kind,
      why: mail.why,
      notification: mail,
      channel,
      next,
    };
  }
  const why = observed.unmoved ?? SAID_FIRST.find((one) => whys.includes(one)) ?? whys[0] ?? "already-told";
  return {
    send: false,
    kind,
    why,
    ...(observed.next === undefined ? {} : { next: { ...observed.next, rev } }),
  };
}

/** The mail that has been tried least: one that nobody can take must not keep the others waiting. */
function dueMailOf(incident: Incident, policy: Policy, clockMs: number, hold: Hold | undefined) {
  const all = policy.channels.map((channel) => ({
    channel,
    mail: dueNotification(incident, channel, policy, clockMs, hold),
  }));
  const due = all
    .flatMap(({ channel, mail }) => (mail.send ? [{ channel, mail }] : []))
    .sort((x, y) => x.mail.claims - y.mail.claims)[0];
  return { due, whys: all.flatMap(({ mail }) => (mail.send ? [] : [mail.why])) };
}

/** When the episode was opened that the signal belongs to; by the reporter's clock, too, and under which term. */
function openingOf(
  known: Incident | undefined,
  signal: Signal,
): Pick<Neighbour, "openedMs" | "saidMs" | "term"> {
  const begins = signal.signal === "fires" && known?.state !== "firing";
  const opened = begins || known?.state === "recovered-before-onset" ? undefined : known;
  const facts = opened?.facts ?? (signal.signal === "fires" ? signal.facts : undefined);
  const saidMs = facts && saidMsIn(facts);
  const term = opened?.since.term ?? (signal.signal === "fires" ? signal.order.term : undefined);
  return {
    openedMs: opened?.episode.openedMs ?? (signal.signal === "poll" ? 0 : signal.nowMs),
    ...(saidMs === undefined ? {} : { saidMs }),
    ...(term === undefined ? {} : { term }),
  };
}

function isStorm(
  known: Incident | undefined,
  signal: Signal,
  { policy, neighbourhood, storm }: Moment,
): boolean {
  if (!policy.swept || signal.signal === "poll" || signal.signal === "digest") return false;
  const { others } = neighbourhood;
  if (storm) return true;
  if (signal.signal === "well") return endsInCompany(openingOf(known, signal).openedMs, others, signal.nowMs);
  const lately = others.filter(({ openedMs }) => signal.nowMs - openedMs < STORM_WINDOW_MS);
  return lately.length >= policy.stormLimit;
}

const KINDS = {
  fires: "firing",
  well: "resolved",
  poll: "reminder",
  digest: "digest",
  weekly: "weekly",
} as const;
const kindOf = (id: IncidentId, { signal }: Signal): MailDecision["kind"] =>
  isBulletin(id.kind) ? id.kind : KINDS[signal];
