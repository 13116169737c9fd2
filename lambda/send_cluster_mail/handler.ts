/**
 * `send_cluster_mail`: sends people the notifications that are due about an incident, and is the only one that does.
 *
 * Invoked asynchronously, by the events rule and by `sweep_clusters`: at least once, in any order, several at a time. The
 * only file here that reads the environment and the clock.
 */
import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SESClient } from "@aws-sdk/client-ses";
import { BACKEND } from "../../lib/contract/incidents.ts";
import { isOperatorRequest } from "../../lib/contract/operator.ts";
import { incidentKey } from "../../lib/contract/tables.ts";
import { openAnswerKey } from "../adapters/answer-key.ts";
import { clientLimits } from "../adapters/client-limits.ts";
import { metricLog } from "../adapters/json-log.ts";
import type { Incident } from "../core/incident.ts";
import { ALONE } from "../core/neighbourhood.ts";
import { type Policy, unswept } from "../core/policy.ts";
import { openIncidents } from "./adapters/dynamo-incidents.ts";
import { openSurroundings } from "./adapters/dynamo-surroundings.ts";
import { openMailer } from "./adapters/ses-mailer.ts";
import {
  DYNAMODB_LIMITS,
  LOOK_WITHIN_MS,
  NEXT_MAIL_WITHIN_MS,
  SECRET_LIMITS,
  SEND_AGAIN_WITHIN_MS,
  SES_LIMITS,
} from "./adapters/time-limits.ts";
import { claimWithRetry, type Decided } from "./core/claim-with-retry.ts";
import { type Config, parseConfig } from "./core/config.ts";
import type { MailDecision } from "./core/decide-mail.ts";
import { type Input, parseInput } from "./core/input.ts";
import { metricsOf } from "./core/metrics.ts";
import { makeOperator } from "./core/operator.ts";
import type { LogEntry } from "./core/ports.ts";
import { type Dependencies, type MailRun, type SentMail, sendMails } from "./core/send-mails.ts";

/** The part of Lambda's context that is used. */
export interface Invocation {
  readonly awsRequestId: string;
}

/** What the invocation came to: the decision about its own signal, and each mail that is out. */
export interface Outcome {
  readonly send: boolean;
  readonly why: string;
  readonly kind: LogEntry["kind"];
  readonly cluster: string;
  readonly incident: string;
  /** Of the first mail. */
  readonly subject?: string;
  /** All that SES has taken, those about refused recipients included; absent: none. */
  readonly mails?: readonly SentMail[];
}

/** The function: an event of a node, a signal of the sweep, or a request of the operator in. */
export type Handler = (input: unknown, invocation: Invocation) => Promise<Outcome>;

/**
 * A crash at any point before the claim leaves everything to Lambda's retry; a crash after it leaves a claim that has
 * lapsed when the retry or the next sweep comes, which then sends the mail marked as a possible duplicate. Nothing is
 * lost, and nothing is repeated without saying so.
 *
 * @throws MailProblem EventUnreadable, IncidentUnreadable, ClaimContended; and whatever DynamoDB and SES throw
 */
export const makeHandler =
  (deps: Dependencies): Handler =>
  async (given, { awsRequestId }) => {
    const { config, incidents, log, clock } = deps;
    const startedMs = clock();
    const input = parseInput(given, config.sweepMs);
    const { id, storm } = input;
    const momentOf = (policy: Policy, isStorm: boolean) => () => ({
      clockMs: clock(),
      claimId: deps.newClaimId(),
      policy,
      storm: isStorm,
    });
    const momentNow = momentOf(isSwept(input, config) ? config.policy : unswept(config.policy), storm);
    const line = lineOf(input, config, awsRequestId);

    const first = await claimWithRetry(incidents, id, input.signal, momentNow);
    log(tookOver(input) ? { ...line(first), took_over: true } : line(first));
    const run: MailRun = {
      id,
      first,
      momentNow,
      backendNow: momentOf(config.policy, false),
      line,
      timeToSendAgain: () => clock() - startedMs <= SEND_AGAIN_WITHIN_MS,
      timeForNext: () => clock() - startedMs <= NEXT_MAIL_WITHIN_MS,
    };
    const refusals = new Map<number, Incident>();
    const mails: SentMail[] = [];
    let failure: { readonly error: unknown } | undefined;
    try {
      await sendMails(deps, run, refusals, mails);
    } catch (error) {
      failure = { error };
    }
    await mailRefusals(deps, run, refusals, awsRequestId, mails);
    // A failed invocation hands on no outcome, and its retry knows nothing of the mails that are out. The sweep finishes the
    // mail that failed; where nothing sweeps, Lambda's retry must.
    if (failure !== undefined && (mails.length === 0 || !isSwept(input, config))) throw failure.error;
    const { send, why, kind } = first;
    const outcome = { send, why, kind, cluster: id.clusterId, incident: incidentKey(id) };
    const [told] = mails;
    return told === undefined ? outcome : { ...outcome, subject: told.subject, mails };
  };

/**
 * Those who still get mails hear of those who were refused, as long as there is time. What fails here is left to the sweep,
 * which finishes it: the invocation's own mail is out, and its outcome must reach whoever is told of it.
 */
async function mailRefusals(
  deps: Dependencies,
  run: MailRun,
  refusals: ReadonlyMap<number, Incident>,
  requestId: string,
  mails: SentMail[],
): Promise<void> {
  const { backendNow, timeForNext } = run;
  for (const known of refusals.values()) {
    if (!timeForNext()) return;
    const { id } = known;
    const line = lineOf({ id, nodes: [] }, deps.config, requestId);
    const read = { known, neighbourhood: ALONE };
    let first: Decided | undefined;
    try {
      first = await claimWithRetry(deps.incidents, id, { signal: "poll" }, backendNow, read);
      if (first.send) deps.log(line(first));
      // Refused again, it is no news: what is noted of it now is not told again.
      await sendMails(deps, { ...run, id, first, momentNow: backendNow, line }, new Map(), mails);
    } catch (error) {
      deps.log({
        ...line(first ?? run.first),
        level: "warn",
        message: "refusal-unsent",
        error: String(error),
      });
    }
  }
}

const isSwept = ({ id }: Input, { clusters }: Config): boolean =>
  id.clusterId === BACKEND || clusters.has(id.clusterId);

const tookOver = ({ signal }: Input): boolean =>
  signal.signal === "fires" && signal.facts.kind === "node-dead" && signal.facts.event.took_over;

/** A decision about something that is not in the configuration is a warning: the mail goes out, the drift is counted. */
function lineOf({ id, nodes }: Pick<Input, "id" | "nodes">, { clusters }: Config, requestId: string) {
  const seats = clusters.get(id.clusterId)?.nodes;
  const configured = id.clusterId === BACKEND || (seats !== undefined && nodes.every((node) => node < seats));
  return ({ send, why, kind }: MailDecision): LogEntry => ({
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

let ready: Dependencies | undefined;

/** The deployed function. @throws MailProblem ConfigInvalid at its first invocation */
export const handler = (input: unknown, invocation: Invocation) => {
  ready ??= realDependencies();
  return isOperatorRequest(input) ? makeOperator(ready)(input) : makeHandler(ready)(input, invocation);
};

function realDependencies(): Dependencies {
  const config = parseConfig(process.env);
  const dynamodb = new DynamoDBClient(clientLimits(DYNAMODB_LIMITS));
  const { clustersTable: clusters, readingsTable: readings } = config;
  return {
    config,
    incidents: openIncidents(clusters, dynamodb),
    ...(readings === undefined
      ? {}
      : { look: openSurroundings({ clusters, readings }, dynamodb, LOOK_WITHIN_MS) }),
    mailer: openMailer(
      new SESClient(clientLimits(SES_LIMITS)),
      (ms) => new Promise((done) => void setTimeout(done, ms)),
    ),
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
