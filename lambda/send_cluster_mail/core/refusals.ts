/** A recipient whom SES refused, as an incident of the backend's own. Pure. */
import {
  BACKEND,
  type Bulletin,
  type Facts,
  type IncidentId,
  SUBJECT_MAX,
} from "../../../lib/contract/incidents.ts";
import { REFUSAL_TERM, type Signal } from "../../core/observe.ts";
import type { Policy } from "../../core/policy.ts";
import type { Refused } from "./delivery.ts";

/** SES's words can be long; the incident's item stays small. */
const WHY_LENGTH_MAX = 400;

/** By the recipient's place in the configuration; the last subject is for all beyond. */
export const refusalId = ({ to }: Refused, { channels }: Policy): IncidentId => {
  const place = channels.flatMap((channel) => channel.to).indexOf(to);
  return {
    clusterId: BACKEND,
    kind: "mail-refused",
    subject: place < 0 ? SUBJECT_MAX : Math.min(place, SUBJECT_MAX),
  };
};

/** @param atMs the clock by which the mail is confirmed: a later mail is then told from this one */
export const refusalSignal = ({ to, why }: Refused, atMs: number): Signal => ({
  signal: "fires",
  // With a term: each one is kept, so that the sweep can tell whether a mail went out since.
  order: { term: REFUSAL_TERM, atMs },
  nowMs: atMs,
  facts: { kind: "mail-refused", address: to, why: why.slice(0, WHY_LENGTH_MAX) },
});

/** A mail that tells of a refused address, and that nobody else was to get: to try it again is of no use. */
export const tellsItsOwnSubject = (
  id: IncidentId,
  facts: Facts | { readonly kind: Bulletin },
  refused: readonly Refused[],
): boolean =>
  id.kind === "mail-refused" &&
  facts.kind === "mail-refused" &&
  refused.every(({ to }) => to === facts.address);
