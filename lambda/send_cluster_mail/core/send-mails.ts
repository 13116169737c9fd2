/** render → send → note whom SES refused → confirm, for as long as a notification of one incident is due. */
import { BACKEND, type IncidentId } from "../../../lib/contract/incidents.ts";
import { incidentKey } from "../../../lib/contract/tables.ts";
import { claimIdOf } from "../../core/claim.ts";
import { MailProblem } from "../../core/errors.ts";
import type { Incident } from "../../core/incident.ts";
import type { Neighbourhood } from "../../core/neighbourhood.ts";
import { claimWithRetry, type Decided } from "./claim-with-retry.ts";
import type { Config } from "./config.ts";
import type { MailDecision, Moment, Send } from "./decide-mail.ts";
import type { Refused } from "./delivery.ts";
import type { Mail } from "./mail/mail.ts";
import type { Incidents, Log, LogEntry, Look, Mailer } from "./ports.ts";
import { refusalId, refusalSignal, tellsItsOwnSubject } from "./refusals.ts";
import { renderNotification } from "./render-notification.ts";

/** What sending an incident's mails takes, beyond the signal itself. */
export interface Dependencies {
  readonly config: Config;
  readonly incidents: Incidents;
  readonly mailer: Mailer;
  readonly log: Log;
  /** The invocation's own clock, epoch ms. */
  readonly clock: () => number;
  /** Never the same twice, in any invocation. */
  readonly newClaimId: () => string;
  /** What links to answer are signed with; absent where they are not deployed. */
  readonly answerKey?: () => Promise<Uint8Array>;
  /** Absent: mails do not say how their cluster stands. */
  readonly look?: Look;
}

type MomentNow = () => Omit<Moment, "neighbourhood">;

/** The mails of one incident within an invocation. */
export interface MailRun {
  readonly id: IncidentId;
  /** What its signal came to. */
  readonly first: Decided;
  readonly momentNow: MomentNow;
  /** The same of the backend's own incidents. */
  readonly backendNow: MomentNow;
  readonly line: (decision: MailDecision) => LogEntry;
  /** Whether there is time to send a mail again, without whom SES has refused. */
  readonly timeToSendAgain: () => boolean;
  /** Whether there is time for another mail. */
  readonly timeForNext: () => boolean;
}

/** A mail that SES has taken: what subscribers are told of it. */
export interface SentMail {
  readonly cluster: string;
  /** `incident#node-dead#0`, `digest#1767225600`. */
  readonly incident: string;
  readonly kind: LogEntry["kind"];
  readonly subject: string;
}

/**
 * One channel's failure keeps no other from its mail.
 * @param refusals gets the incident of each recipient that is refused, by subject, as it was noted
 * @param out gets each mail that is out and confirmed
 * @throws MailProblem ClaimContended, and what `incidents` throws
 */
export async function sendMails(
  deps: Dependencies,
  run: MailRun,
  refusals: Map<number, Incident>,
  out: SentMail[],
): Promise<void> {
  const { incidents, log } = deps;
  const { id, momentNow, line, timeForNext } = run;
  let decision = run.first;
  let failure: { readonly error: unknown } | undefined;
  while (decision.send) {
    let known: Incident | "claim-lost" = decision.next;
    try {
      known = await sendOne(deps, run, decision, refusals, out);
    } catch (error) {
      failure ??= { error };
      log({ ...line(decision), level: "warn", message: "mail-failed", error: String(error) });
    }
    if (known === "claim-lost") {
      // The mail is out; failing now would only repeat it.
      log({ ...line(decision), level: "warn", message: "claim-lost" });
      break;
    }
    // What else is due by now: another channel, a recovery that came meanwhile. Later, it is left to the sweep.
    if (!timeForNext()) break;
    decision = await claimWithRetry(incidents, id, { signal: "poll" }, momentNow, {
      known,
      neighbourhood: run.first.neighbourhood,
    });
    if (decision.send) log(line(decision));
  }
  if (failure !== undefined) throw failure.error;
}

/** @returns the incident as it is once the mail is confirmed @throws MailProblem RecipientsRefused, and what `mailer` throws */
async function sendOne(
  deps: Dependencies,
  run: MailRun,
  decision: Send,
  refusals: Map<number, Incident>,
  out: SentMail[],
): Promise<Incident | "claim-lost"> {
  const { incidents, mailer, clock } = deps;
  const { id, line, timeToSendAgain } = run;
  const mail = await rendered(deps, decision, line, run.first.neighbourhood);
  const { accepted, refused } = await mailer.send(mail, timeToSendAgain);
  const sentMs = clock();
  const { kind, channel, next } = decision;
  await noteRefusals(deps, run, refused, sentMs, decision, refusals);
  if (accepted.length === 0 && !tellsItsOwnSubject(id, next.facts, refused))
    throw new MailProblem(
      "RecipientsRefused",
      `SES refuses all ${refused.length} recipients of this mail by name`,
      "npm run test-mail shows each of them and what to do; this mail is tried again",
    );
  const known = await incidents.confirm(id, channel.id, claimIdOf(next, channel.id)!, sentMs);
  // Not before: the copy of a mail that could not be confirmed brings its own line.
  if (accepted.length > 0)
    out.push({ cluster: id.clusterId, incident: incidentKey(id), kind, subject: mail.subject });
  return known;
}

/**
 * Before the mail is confirmed: a crash in between repeats the mail, and with it the refusal. Noted and not claimed: who is
 * told of it comes later. An item that cannot be read must not keep the mail from being confirmed: the log has it, and the
 * alarm.
 */
async function noteRefusals(
  { config, incidents, log }: Dependencies,
  { backendNow, line }: MailRun,
  refused: readonly Refused[],
  sentMs: number,
  decision: Send,
  refusals: Map<number, Incident>,
): Promise<void> {
  const toNobody: MomentNow = () => {
    const moment = backendNow();
    return { ...moment, policy: { ...moment.policy, channels: [] } };
  };
  const note = async (one: Refused): Promise<void> => {
    const id = refusalId(one, config.policy);
    const warning = { ...line(decision), level: "warn", recipient: id.subject } as const;
    log({ ...warning, message: "recipient-refused" });
    try {
      const { next } = await claimWithRetry(incidents, id, refusalSignal(one, sentMs), toNobody);
      if (next !== undefined) refusals.set(id.subject, next);
    } catch (error) {
      if (!(error instanceof MailProblem)) throw error;
      log({ ...warning, message: "refusal-unrecorded", error: String(error) });
    }
  };
  await Promise.all(refused.map(note));
}

/** With what the mail can do without, as far as it comes in time. */
async function rendered(
  { config, log, clock, answerKey, look }: Dependencies,
  decision: Send,
  line: MailRun["line"],
  neighbourhood: Neighbourhood,
): Promise<Mail> {
  const { next, notification, channel } = decision;
  const nowMs = clock();
  const warn = (message: "no-answer-key" | "no-surroundings", error: string) =>
    log({ ...line(decision), level: "warn", message, error });
  const [key, surroundings] = await Promise.all([
    answerKey?.().catch((error: unknown) => {
      warn("no-answer-key", String(error));
      return undefined;
    }),
    hasSurroundings(next.id) ? look?.(next.id, nowMs) : undefined,
  ]);
  for (const error of surroundings?.errors ?? []) warn("no-surroundings", error);
  return renderNotification(
    next,
    notification,
    channel,
    config,
    nowMs,
    key,
    surroundings?.surroundings,
    neighbourhood,
  );
}

/** The backend's own incidents, and digests, are about no one cluster. */
const hasSurroundings = ({ clusterId }: IncidentId): boolean => clusterId !== BACKEND;
