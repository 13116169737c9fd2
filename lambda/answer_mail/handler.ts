/**
 * `answer_mail`: behind the link in a mail. A GET shows a page and never acts, because mail programs and filters follow
 * links; the POST of its buttons acknowledges or snoozes. Who has no token of ours learns nothing.
 *
 * The only file here that reads the environment and the clock.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { incidentKey } from "../../lib/contract/tables.ts";
import { openAnswerKey } from "../adapters/answer-key.ts";
import { type Answers, openAnswers } from "../adapters/answers.ts";
import { clientLimits } from "../adapters/client-limits.ts";
import { jsonLog } from "../adapters/json-log.ts";
import { type Answerable, readAnswerToken } from "../core/answer-token.ts";
import { type Environment, parseChannels, required } from "../core/environment.ts";
import { namesOf } from "../core/recipients.ts";
import { answerOf, whoOf } from "./core/choices.ts";
import {
  askingPage,
  expiredPage,
  noSuchAnswerPage,
  notedPage,
  notFiringPage,
  type Response,
  unavailablePage,
  unknownLinkPage,
  wrongMethodPage,
} from "./core/page.ts";
import { parseRequest, type Request } from "./core/request.ts";

/** One JSON line a request. */
interface LogEntry {
  readonly level: "info" | "warn" | "error";
  readonly message: "answer";
  readonly why:
    | "asked"
    | "noted"
    | "not-firing"
    | "no-such-answer"
    | "malformed"
    | "forged"
    | "expired"
    | "wrong-method"
    | "unavailable";
  readonly request_id: string;
  readonly cluster?: string;
  readonly incident?: string;
  readonly answer?: string;
  readonly error?: string;
}

/** What the handler reaches beyond its arguments; tests give others. */
export interface Dependencies {
  readonly answers: Answers;
  readonly key: () => Promise<Uint8Array>;
  /** Of those who get mails: who may say that they handle it. */
  readonly names: readonly string[];
  readonly log: (entry: LogEntry) => void;
  /** Epoch ms. */
  readonly clock: () => number;
}

/** The function behind the function URL: an event of payload format 2.0 in, an HTTP response out. */
export type Handler = (event: unknown, invocation: { readonly awsRequestId: string }) => Promise<Response>;

type Outcome = Pick<LogEntry, "level" | "why" | "answer" | "error"> & { readonly response: Response };

/** @throws whatever Secrets Manager throws, and what `parseRequest` does */
export const makeHandler = ({ answers, key, names, log, clock }: Dependencies): Handler => {
  async function post(about: Answerable, { form }: Request): Promise<Outcome> {
    const nowMs = clock();
    const name = form.get("answer");
    const who = whoOf(form.get("by"), names);
    const answer = who === "unknown" ? undefined : answerOf(name, nowMs, who.by);
    if (name === null || answer === undefined)
      return { level: "warn", why: "no-such-answer", response: noSuchAnswerPage(about) };
    try {
      const why = await answers.note(about, about.episode, answer, nowMs);
      const response = why === "noted" ? notedPage(about, answer, names) : notFiringPage(about);
      return { level: "info", why, answer: name, response };
    } catch (error) {
      const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      return {
        level: "error",
        why: "unavailable",
        answer: name,
        error: text,
        response: unavailablePage(about),
      };
    }
  }

  async function reply(about: Answerable, request: Request): Promise<Outcome> {
    if (request.method === "POST") return post(about, request);
    if (request.method === "GET" || request.method === "HEAD")
      return { level: "info", why: "asked", response: askingPage(about, names) };
    return { level: "warn", why: "wrong-method", response: wrongMethodPage() };
  }

  return async (event, { awsRequestId }) => {
    const request = parseRequest(event);
    const token = readAnswerToken(request.token, await key(), clock());
    if (!token.valid) {
      log({ level: "warn", message: "answer", why: token.why, request_id: awsRequestId });
      return token.why === "expired" ? expiredPage(token.about) : unknownLinkPage(token.why);
    }
    const { response, ...outcome } = await reply(token.about, request);
    const cluster = token.about.clusterId;
    const incident = incidentKey(token.about);
    log({ message: "answer", ...outcome, cluster, incident, request_id: awsRequestId });
    return response;
  };
};

/** The key and the incident, two attempts each: 2 × 2 × 2 s, within the function's timeout of 10 s. */
const LIMITS = { attempts: 2, requestMs: 2_000 } as const;

let ready: Handler | undefined;

/** The deployed function. @throws MailProblem ConfigInvalid at its first invocation */
export const handler: Handler = (event, invocation) => {
  ready ??= makeHandler(realDependencies(process.env));
  return ready(event, invocation);
};

function realDependencies(env: Environment): Dependencies {
  const limits = clientLimits(LIMITS);
  return {
    answers: openAnswers(required(env, "CLUSTERS_TABLE"), new DynamoDBClient(limits)),
    key: openAnswerKey(required(env, "ANSWER_KEY_SECRET_ARN"), new SecretsManagerClient(limits)),
    names: [...namesOf(parseChannels(env)).values()],
    log: jsonLog((line) => void process.stdout.write(line)),
    clock: Date.now,
  };
}
