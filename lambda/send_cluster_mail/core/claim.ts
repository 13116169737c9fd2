/** load → decide → claim, until the write finds the incident as it was read. */
import type { DeliveredEvent } from "../../../lib/contract/messages.ts";
import { type Decision, decide, type Moment } from "./decide.ts";
import { MailProblem } from "./errors.ts";
import type { Incident } from "./incident.ts";
import { incidentIdOf } from "./mail.ts";
import type { Incidents } from "./ports.ts";

/** Losing a race means that somebody else wrote; a second look nearly always ends it. */
export const CLAIM_TRIES_MAX = 5;

/** @throws MailProblem ClaimContended when the incident changed at every try; Lambda delivers the event again. */
export async function settle(
  incidents: Incidents,
  event: DeliveredEvent,
  momentNow: () => Moment,
): Promise<Decision> {
  const id = incidentIdOf(event);
  let tried: Decision | undefined;
  for (let tries = 0; tries < CLAIM_TRIES_MAX; tries++) {
    const known = await incidents.load(id);
    if (tried !== undefined && isMine(known, tried)) return tried;
    const decision = decide(known, event, momentNow());
    if (decision.act !== "send" && decision.act !== "record") return decision;
    if ((await incidents.write(id, known, decision.next)) === "written") return decision;
    tried = decision;
  }
  throw new MailProblem(
    "ClaimContended",
    `${id.clusterId} ${id.itemKey} changed under ${CLAIM_TRIES_MAX} attempts to claim it`,
    "the event will be delivered again; if it keeps happening, look for a flood of events",
  );
}

/**
 * The SDK repeats a write whose answer was lost, and the repetition fails its own condition. Without this look the
 * attempt would take its own claim for another's, fall silent, and no retry would follow.
 */
function isMine(known: Incident | undefined, tried: Decision): boolean {
  if (known === undefined || tried.act !== "send") return false;
  return known.rev === tried.next.rev && claimIdOf(known) === claimIdOf(tried.next);
}

const claimIdOf = (incident: Incident): string | undefined =>
  incident.state === "firing" ? incident.telling.claimId : incident.last?.telling.claimId;
