/**
 * `send_cluster_mail`: tells a person, once, that a node has stopped, and once that it is back.
 *
 * Invoked asynchronously by the events rule: at least once, in any order, several at a time. The only file here that
 * reads the environment and the clock.
 */
import { randomUUID } from "node:crypto";
import { openIncidents } from "./adapters/dynamo-incidents.ts";
import { jsonLog } from "./adapters/json-log.ts";
import { openMailer } from "./adapters/ses-mailer.ts";
import { settle } from "./core/claim.ts";
import { type Config, parseConfig } from "./core/config.ts";
import type { Decision } from "./core/decide.ts";
import { MailProblem } from "./core/errors.ts";
import { parseEvent } from "./core/event.ts";
import { incidentIdOf, renderMail } from "./core/mail.ts";
import { decisionLine, type Incidents, type Log, type Mailer } from "./core/ports.ts";

export interface Dependencies {
  readonly config: Config;
  readonly incidents: Incidents;
  readonly mailer: Mailer;
  readonly log: Log;
  /** The invocation's own clock, epoch ms. */
  readonly clock: () => number;
  /** Never the same twice, in any invocation. */
  readonly newClaimId: () => string;
}

/** The part of Lambda's context that is used. */
export interface Invocation {
  readonly awsRequestId: string;
}

export type Handler = (input: unknown, invocation: Invocation) => Promise<{ send: boolean; why: string }>;

/**
 * A crash at any point before the claim leaves everything to Lambda's retry; a crash after it leaves a claim that has
 * lapsed when the retry comes, which then sends the mail marked as a possible duplicate. Nothing is lost, and nothing
 * is repeated without saying so.
 *
 * @throws MailProblem EventUnreadable, ClaimContended, OtherMailUnfinished; and whatever DynamoDB and SES throw
 */
export const makeHandler = (deps: Dependencies): Handler => {
  const { config, incidents, mailer, log } = deps;

  return async (input, { awsRequestId }) => {
    const event = parseEvent(input);
    const claimId = deps.newClaimId();
    const decision = await settle(incidents, event, () => ({
      nowMs: event.received_at,
      leaseNowMs: deps.clock(),
      claimId,
    }));
    const cluster = config.clusters.get(event.cluster_id);
    const configured = cluster !== undefined && Math.max(event.subject, event.node) < cluster.nodes;
    const line = decisionLine(decision, event, configured, awsRequestId);
    log(line);

    refuseToOvertake(decision);
    if (decision.send) {
      const mail = renderMail(decision, event, config);
      await mailer.send(mail);
      const confirmed = await incidents.confirm(incidentIdOf(event), claimId);
      // The mail is out; failing now would only repeat it.
      if (confirmed === "claim-lost") log({ ...line, level: "warn", message: "claim-lost" });
    }
    return { send: decision.send, why: decision.why };
  };
};

function refuseToOvertake(decision: Decision): void {
  if (decision.act === "again-later")
    throw new MailProblem(
      "OtherMailUnfinished",
      `the ${decision.kind === "firing" ? "RESOLVED" : "FIRING"} mail of this incident is still being sent`,
      "the event will be delivered again in a minute",
    );
}

let ready: Handler | undefined;

/** The deployed function. @throws MailProblem ConfigInvalid at its first invocation */
export const handler: Handler = (input, invocation) => {
  ready ??= makeHandler(realDependencies());
  return ready(input, invocation);
};

function realDependencies(): Dependencies {
  const config = parseConfig(process.env);
  return {
    config,
    incidents: openIncidents(config.clustersTable),
    mailer: openMailer(),
    log: jsonLog((line) => void process.stdout.write(line)),
    clock: Date.now,
    newClaimId: randomUUID,
  };
}
