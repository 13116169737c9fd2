/** render → send → note whom SES refused → confirm, for as long as a notification of one incident is due. */
import type { IncidentId } from "../../../lib/contract/incidents.ts";
import { claimIdOf } from "../../core/claim.ts";
import { MailProblem } from "../../core/errors.ts";
import type { Incident } from "../../core/incident.ts";
import { claimWithRetry } from "./claim-with-retry.ts";
import type { Config } from "./config.ts";
import type { MailDecision, Moment, Send } from "./decide-mail.ts";
import type { Refused } from "./delivery.ts";
import type { Mail } from "./mail/mail.ts";
import type { Incidents, Log, LogEntry, Mailer } from "./ports.ts";
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
}

type MomentNow = () => Omit<Moment, "othersOpenedMs">;

/** The mails of one incident within an invocation. */
export interface MailRun {
  readonly id: IncidentId;
  /** What its signal came to. */
  readonly first: MailDecision;
  readonly momentNow: MomentNow;
  /** The same of the backend's own incidents. */
  readonly backendNow: MomentNow;
  readonly line: (decision: MailDecision) => LogEntry;
  /** Whether there is time to send a mail again, without whom SES has refused. */
  readonly timeToSendAgain: () => boolean;
  /** Whether there is time for another mail. */
  readonly timeForNext: () => boolean;
}

/**
 * @param refusals gets the incident of each recipient that is refused, by subject, as it was noted
 * @returns the first mail's subject; undefined: none was due
 * @throws MailProblem RecipientsRefused, and what `incidents` and `mailer` throw
 */
export async function sendMails(
  deps: Dependencies,
  run: MailRun,
  refusals: Map<number, Incident>,
): Promise<string | undefined> {
  const { incidents, mailer, log, clock } = deps;
  const { id, momentNow, line, timeToSendAgain, timeForNext } = run;
  let decision = run.first;
  let subject: string | undefined;
  while (decision.send) {
    const mail = await rendered(deps, decision, line);
    const { accepted, refused } = await mailer.send(mail, timeToSendAgain);
    const sentMs = clock();
    await noteRefusals(deps, run, refused, sentMs, decision, refusals);
    if (accepted.length === 0 && !tellsItsOwnSubject(id, decision.next.facts, refused))
      throw new MailProblem(
        "RecipientsRefused",
        `SES refuses all ${refused.length} recipients of this mail by name`,
        "npm run test-mail shows each of them and what to do; this mail is tried again",
      );
    subject ??= mail.subject;
    const channelId = decision.channel.id;
    const claimId = claimIdOf(decision.next, channelId)!;
    const known = await incidents.confirm(id, channelId, claimId, sentMs);
    if (known === "claim-lost") {
      // The mail is out; failing now would only repeat it.
      log({ ...line(decision), level: "warn", message: "claim-lost" });
      break;
    }
    // What else is due by now: another channel, a recovery that came meanwhile. Later, it is left to the sweep.
    if (!timeForNext()) break;
    decision = await claimWithRetry(incidents, id, { signal: "poll" }, momentNow, {
      known,
      othersOpenedMs: [],
    });
    if (decision.send) log(line(decision));
  }
  return subject;
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

async function rendered(
  { config, log, clock, answerKey }: Dependencies,
  decision: Send,
  line: MailRun["line"],
): Promise<Mail> {
  const { next, notification, channel } = decision;
  const key = await answerKey?.().catch((error: unknown) => {
    log({ ...line(decision), level: "warn", message: "no-answer-key", error: String(error) });
    return undefined;
  });
  return renderNotification(next, notification, channel, config, clock(), key);
}
