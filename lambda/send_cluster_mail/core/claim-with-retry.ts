/** load → decide → write, until the write finds the incident as it was read. */
import type { IncidentId } from "../../../lib/contract/incidents.ts";
import { incidentKey } from "../../../lib/contract/tables.ts";
import { claimIdOf } from "../../core/claim.ts";
import { MailProblem } from "../../core/errors.ts";
import type { Incident } from "../../core/incident.ts";
import type { Neighbourhood } from "../../core/neighbourhood.ts";
import type { Signal } from "../../core/observe.ts";
import { decideMail, type MailDecision, type Moment } from "./decide-mail.ts";
import type { Incidents, Loaded } from "./ports.ts";

/** Losing a race means that somebody else wrote; a second look nearly always ends it. */
export const CLAIM_TRIES_MAX = 5;

/** A decision, and the cluster that it was made in. */
export type Decided = MailDecision & { readonly neighbourhood: Neighbourhood };

/**
 * @param read what is known already: saves the first look
 * @throws MailProblem ClaimContended when the incident changed at every try; Lambda delivers the event again.
 */
export async function claimWithRetry(
  incidents: Incidents,
  id: IncidentId,
  signal: Signal,
  momentNow: () => Omit<Moment, "neighbourhood">,
  read?: Loaded,
): Promise<Decided> {
  let tried: Decided | undefined;
  for (let tries = 0; tries < CLAIM_TRIES_MAX; tries++) {
    const { known, neighbourhood } = tries === 0 && read !== undefined ? read : await incidents.load(id);
    if (tried !== undefined && isMine(known, tried)) return tried;
    const made = decideMail(id, known, signal, { ...momentNow(), neighbourhood });
    const decision = { ...made, neighbourhood };
    if (decision.next === undefined) return decision;
    if ((await incidents.write(known, decision.next)) === "written") return decision;
    tried = decision;
  }
  throw new MailProblem(
    "ClaimContended",
    `${id.clusterId} ${incidentKey(id)} changed under ${CLAIM_TRIES_MAX} attempts to claim it`,
    "the event will be delivered again; if it keeps happening, look for a flood of events",
  );
}

/**
 * The SDK repeats a write whose answer was lost, and the repetition fails its own condition. Without this look the
 * attempt would take its own claim for another's, fall silent, and no retry would follow.
 */
function isMine(known: Incident | undefined, tried: MailDecision): boolean {
  if (known === undefined || !tried.send) return false;
  const claim = claimIdOf(known, tried.channel.id);
  return claim !== undefined && claim === claimIdOf(tried.next, tried.channel.id);
}
