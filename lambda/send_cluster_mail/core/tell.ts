/** render → send → note whom SES refused → confirm, for as long as something is owed of one incident. */
import type { IncidentId } from "../../../lib/contract/incidents.ts";
import { claimIdOf } from "../../core/claim.ts";
import { MailProblem } from "../../core/errors.ts";
import type { Incident } from "../../core/incident.ts";
import { claimWithRetry } from "./claim-with-retry.ts";
import type { Config } from "./config.ts";
import type { Decision, Moment, Send } from "./decide.ts";
import type { Refused } from "./delivery.ts";
import type { Mail } from "./mail/mail.ts";
import { renderOwed } from "./occasions.ts";
import type { Incidents, Log, LogEntry, Mailer } from "./ports.ts";
import { refusalId, refusalSign, tellsItsOwnSubject } from "./refusals.ts";

/** What telling an incident takes, beyond the sign itself. */
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

/** The telling of one incident within an invocation. */
export interface Telling {
  readonly id: IncidentId;
  /** What its sign came to. */
  readonly first: Decision;
  readonly momentNow: MomentNow;
  /** The same of the backend's own incidents. */
  readonly backendNow: MomentNow;
  readonly line: (decision: Decision) => LogEntry;
  /** Whether there is time to send a mail again, without whom SES has refused. */
  readonly timeToSendAgain: () => boolean;
  /** Whether there is time for another mail. */
  readonly timeForNext: () => boolean;
}

/**
 * @param refusals gets the incident of each recipient that is refused, by subject, as it was noted
 * @returns the first mail's subject; undefined: nothing was owed
 * @throws MailProblem RecipientsRefused, and what `incidents` and `mailer` throw
 */
export async function tell(
  deps: Dependencies,
  telling: Telling,
  refusals: Map<number, Incident>,
): Promise<string | undefined> {
  const { incidents, mailer, log, clock } = deps;
  const { id, momentNow, line, timeToSendAgain, timeForNext } = telling;
  let decision = telling.first;
  let subject: string | undefined;
  while (decision.send) {
    const mail = await rendered(deps, decision, line);
    const { accepted, refused } = await mailer.send(mail, timeToSendAgain);
    const sentMs = clock();
    await noteRefusals(deps, telling, refused, sentMs, decision, refusals);
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
    // What else is owed by now: another channel, a recovery that came meanwhile. Later, it is left to the sweep.
    if (!timeForNext()) break;
    decision = await claimWithRetry(incidents, id, { sign: "look" }, momentNow, {
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
  { backendNow, line }: Telling,
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
      const { next } = await claimWithRetry(incidents, id, refusalSign(one, sentMs), toNobody);
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
  line: Telling["line"],
): Promise<Mail> {
  const { next, owed, channel } = decision;
  const key = await answerKey?.().catch((error: unknown) => {
    log({ ...line(decision), level: "warn", message: "no-answer-key", error: String(error) });
    return undefined;
  });
  return renderOwed(next, owed, channel, config, clock(), key);
}
