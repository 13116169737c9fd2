/**
 * From a sign of an incident to at most one mail. Pure: the same incident, sign and moment always give the same decision,
 * and every decision says why.
 */
import type { IncidentId, MailKind } from "../../../lib/contract/incidents.ts";
import { claimed } from "../../core/claim.ts";
import type { Firing, Incident, Resolved } from "../../core/incident.ts";
import { observe, type Sign, type Unmoved } from "../../core/observe.ts";
import { type Owed, owed, type SendWhy, type SilentWhy } from "../../core/owed.ts";
import { type ChannelPolicy, type Policy, STORM_WINDOW_MS } from "../../core/policy.ts";

/** When, in whose name and among what something is decided. */
export interface Moment {
  /** The invocation's own clock, epoch ms: when a mail would go out. What happened when is in the sign. */
  readonly clockMs: number;
  readonly claimId: string;
  readonly policy: Policy;
  /** When each other incident of the cluster was last opened, epoch ms. */
  readonly othersOpenedMs: readonly number[];
  /** The sweep saw a storm. */
  readonly storm: boolean;
}

/** A mail is due, once `next` is written. */
export interface Send {
  readonly send: true;
  readonly kind: MailKind | "digest";
  readonly why: SendWhy;
  readonly owed: Owed;
  readonly channel: ChannelPolicy;
  readonly next: Firing | Resolved;
}

/** No mail; with `next`, the incident has learnt something. */
export interface Silence {
  readonly send: false;
  readonly kind: MailKind | "digest";
  readonly why: SilentWhy | Unmoved;
  readonly next?: Incident;
}

/** What comes of a sign: a mail, or silence with its reason; and the incident as it is to be written. */
export type Decision = Send | Silence;

/** Which of several silences is said: the one that ends by itself comes before the one that lasts. */
const SAID_FIRST: readonly SilentWhy[] = ["being-told", "tried-lately", "quiet-hours", "storm", "flapping"];

/** @param known undefined: nothing is known of this incident */
export function decide(id: IncidentId, known: Incident | undefined, sign: Sign, moment: Moment): Decision {
  const { policy, clockMs, claimId } = moment;
  const observed = observe(id, known, sign, {
    channelIds: policy.channels.map((channel) => channel.id),
    storm: isStorm(sign, moment),
    clockMs,
  });
  const incident = observed.next ?? known;
  const rev = (known?.rev ?? 0) + 1;
  const kind = kindOf(id, sign);
  if (incident === undefined) return { send: false, kind, why: observed.unmoved ?? "nothing-to-resolve" };

  const { due, whys } = owedBy(incident, policy, clockMs);
  if (due !== undefined && incident.state !== "unheard") {
    const { channel, mail } = due;
    const next = { ...claimed(incident, channel.id, mail, claimId, clockMs), rev };
    return {
      send: true,
      kind: id.kind === "digest" ? "digest" : mail.kind,
      why: mail.why,
      owed: mail,
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
function owedBy(incident: Incident, policy: Policy, clockMs: number) {
  const all = policy.channels.map((channel) => ({ channel, mail: owed(incident, channel, policy, clockMs) }));
  const due = all
    .flatMap(({ channel, mail }) => (mail.send ? [{ channel, mail }] : []))
    .sort((x, y) => x.mail.claims - y.mail.claims)[0];
  return { due, whys: all.flatMap(({ mail }) => (mail.send ? [] : [mail.why])) };
}

function isStorm(sign: Sign, { policy, othersOpenedMs, storm }: Moment): boolean {
  if (!policy.swept || sign.sign !== "fires") return false;
  const lately = othersOpenedMs.filter((openedMs) => sign.nowMs - openedMs < STORM_WINDOW_MS);
  return storm || lately.length >= policy.stormLimit;
}

const KINDS = { fires: "firing", well: "resolved", look: "reminder", digest: "digest" } as const;
const kindOf = (id: IncidentId, { sign }: Sign): Decision["kind"] =>
  id.kind === "digest" ? "digest" : KINDS[sign];
