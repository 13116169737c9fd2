/**
 * `send_cluster_mail`: tells people what they are owed about an incident, and is the only one that does.
 *
 * Invoked asynchronously, by the events rule and by `sweep_clusters`: at least once, in any order, several at a time. The
 * only file here that reads the environment and the clock.
 */
import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SESClient } from "@aws-sdk/client-ses";
import { BACKEND } from "../../lib/contract/incidents.ts";
import { incidentKey } from "../../lib/contract/tables.ts";
import { openAnswerKey } from "../adapters/answer-key.ts";
import { clientLimits } from "../adapters/client-limits.ts";
import { metricLog } from "../adapters/json-log.ts";
import { unswept } from "../core/policy.ts";
import { openIncidents } from "./adapters/dynamo-incidents.ts";
import { openMailer } from "./adapters/ses-mailer.ts";
import { DYNAMODB_LIMITS, NEXT_MAIL_WITHIN_MS, SECRET_LIMITS, SES_LIMITS } from "./adapters/time-limits.ts";
import { type Config, parseConfig } from "./core/config.ts";
import type { Decision, Send } from "./core/decide.ts";
import { type Input, parseInput } from "./core/input.ts";
import type { Mail } from "./core/mail/mail.ts";
import { metricsOf } from "./core/metrics.ts";
import { renderOwed } from "./core/occasions.ts";
import type { Incidents, Log, LogEntry, Mailer } from "./core/ports.ts";
import { settle } from "./core/settle.ts";

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

/** The part of Lambda's context that is used. */
export interface Invocation {
  readonly awsRequestId: string;
}

/** What the invocation came to: the decision about its own sign, and the subject of its first mail. */
export interface Outcome {
  readonly send: boolean;
  readonly why: string;
  readonly kind: LogEntry["kind"];
  readonly cluster: string;
  readonly incident: string;
  readonly subject?: string;
}

export type Handler = (input: unknown, invocation: Invocation) => Promise<Outcome>;

/**
 * A crash at any point before the claim leaves everything to Lambda's retry; a crash after it leaves a claim that has
 * lapsed when the retry or the next sweep comes, which then sends the mail marked as a possible duplicate. Nothing is
 * lost, and nothing is repeated without saying so.
 *
 * @throws MailProblem EventUnreadable, IncidentUnreadable, ClaimContended; and whatever DynamoDB and SES throw
 */
export const makeHandler = (deps: Dependencies): Handler => {
  const { config, incidents, mailer, log, clock } = deps;

  return async (given, { awsRequestId }) => {
    const startedMs = clock();
    const input = parseInput(given);
    const { id, storm } = input;
    const policy = isSwept(input, config) ? config.policy : unswept(config.policy);
    const momentNow = () => ({ clockMs: clock(), claimId: deps.newClaimId(), policy, storm });
    const line = lineOf(input, config, awsRequestId);

    const first = await settle(incidents, id, input.sign, momentNow);
    let decision: Decision = first;
    let subject: string | undefined;
    log(tookOver(input) ? { ...line(decision), took_over: true } : line(decision));
    while (decision.send) {
      const mail = await rendered(decision, line);
      await mailer.send(mail);
      subject ??= mail.subject;
      const known = await incidents.confirm(id, decision.channel.id, claimIdOf(decision), clock());
      if (known === "claim-lost") {
        // The mail is out; failing now would only repeat it.
        log({ ...line(decision), level: "warn", message: "claim-lost" });
        break;
      }
      // What else is owed by now: another channel, a recovery that came meanwhile. Later, it is left to the sweep.
      if (clock() - startedMs > NEXT_MAIL_WITHIN_MS) break;
      decision = await settle(incidents, id, { sign: "look" }, momentNow, { known, othersOpenedMs: [] });
      if (decision.send) log(line(decision));
    }
    const { send, why, kind } = first;
    const outcome = { send, why, kind, cluster: id.clusterId, incident: incidentKey(id) };
    return subject === undefined ? outcome : { ...outcome, subject };
  };

  async function rendered(decision: Send, line: (decision: Decision) => LogEntry): Promise<Mail> {
    const { next, owed, channel } = decision;
    const key = await deps.answerKey?.().catch((error: unknown) => {
      log({ ...line(decision), level: "warn", message: "no-answer-key", error: String(error) });
      return undefined;
    });
    return renderOwed(next, owed, channel, config, clock(), key);
  }
};

const claimIdOf = ({ next, channel }: Send): string => next.channels[channel.id]!.claim!.id;

const isSwept = ({ id }: Input, { clusters }: Config): boolean =>
  id.clusterId === BACKEND || clusters.has(id.clusterId);

const tookOver = ({ sign }: Input): boolean =>
  sign.sign === "fires" && sign.facts.kind === "node-dead" && sign.facts.event.took_over;

/** A decision about something that is not in the configuration is a warning: the mail goes out, the drift is counted. */
function lineOf({ id, nodes }: Input, { clusters }: Config, requestId: string) {
  const seats = clusters.get(id.clusterId)?.nodes;
  const configured = id.clusterId === BACKEND || (seats !== undefined && nodes.every((node) => node < seats));
  return ({ send, why, kind }: Decision): LogEntry => ({
    level: configured ? "info" : "warn",
    message: "decision",
    send,
    why,
    kind,
    cluster: id.clusterId,
    incident: incidentKey(id),
    configured,
    request_id: requestId,
  });
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
    incidents: openIncidents(config.clustersTable, new DynamoDBClient(clientLimits(DYNAMODB_LIMITS))),
    mailer: openMailer(new SESClient(clientLimits(SES_LIMITS))),
    log: metricLog(config.name, (line) => void process.stdout.write(line), Date.now, metricsOf, config.watch),
    clock: Date.now,
    newClaimId: randomUUID,
    ...(config.answering === undefined
      ? {}
      : {
          answerKey: openAnswerKey(
            config.answering.secretArn,
            new SecretsManagerClient(clientLimits(SECRET_LIMITS)),
          ),
        }),
  };
}
