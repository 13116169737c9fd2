/**
 * A function's URL, as a server on 127.0.0.1: an HTTP request becomes an event of format 2.0, and the function's result
 * becomes the response.
 *
 * Source: Lambda developer guide, "Invoking Lambda function URLs". Not emulated: TLS, the AWS_IAM auth type, CORS and
 * response streaming (refused by name), the limit of 6 MB, the domain's name.
 */

import { type Front, type FrontRequest, type HttpResponse, startServer } from "../api/server.ts";
import type { CloudClock, EpochMs } from "../clock.ts";
import { madeUpId } from "../random-id.ts";
import type { ResolvedResource } from "../template/assembly.ts";
import { TemplateError } from "../template/intrinsics.ts";
import { only, text } from "../template/properties.ts";
import type { Outcome } from "./environment.ts";

/** What a function URL invokes. */
export interface FunctionUrlOptions {
  readonly clock: CloudClock;
  /** @throws Error when the function's policy does not allow everybody to invoke it by its URL */
  readonly invoke: (functionArn: string, event: unknown) => Promise<Outcome>;
  /** Takes why a request was refused, or what the function threw. */
  readonly onRefused: (text: string) => void;
  readonly onError: (error: unknown) => void;
}

/** Serves a function URL. @throws TemplateError when it has something that is not emulated */
export function startFunctionUrl(
  { stack, logicalId, name, properties }: ResolvedResource,
  options: FunctionUrlOptions,
): Promise<Front> {
  const where = `${stack}/${logicalId}`;
  only(properties, ["AuthType", "InvokeMode", "TargetFunctionArn"], where);
  if (properties.AuthType !== "NONE")
    throw new TemplateError(`${where}: the auth type ${properties.AuthType} is not emulated; NONE is`);
  if ((properties.InvokeMode ?? "BUFFERED") !== "BUFFERED")
    throw new TemplateError(`${where}: the invoke mode ${properties.InvokeMode} is not emulated`);
  const functionArn = text(properties, "TargetFunctionArn", where);
  let requests = 0;
  return startServer({
    what: "Function URL",
    answer: (request) => answerTo(request, functionArn, madeUpId(`${name} ${requests++}`), options),
    onError: options.onError,
  });
}

async function answerTo(
  request: FrontRequest,
  functionArn: string,
  requestId: string,
  { clock, invoke, onRefused }: FunctionUrlOptions,
): Promise<HttpResponse> {
  let outcome: Outcome;
  try {
    outcome = await invoke(functionArn, eventOf(request, requestId, clock.now()));
  } catch (error) {
    onRefused(String(error));
    return message(403, "Forbidden");
  }
  if (!outcome.ok) {
    onRefused(`${outcome.errorType}: ${outcome.errorMessage}`);
    return message(502, "Internal Server Error");
  }
  return responseOf(JSON.parse(outcome.result));
}

const message = (status: number, Message: string): HttpResponse => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ Message }),
});

/** "Request payload format": names of headers in lower case, several values of one joined by a comma. */
function eventOf({ method, path, headers, body }: FrontRequest, requestId: string, nowMs: EpochMs) {
  const { cookie, ...rest } = headers;
  const host = String(headers.host ?? "");
  const [rawPath = "/", rawQueryString = ""] = path.split(/\?(.*)/s);
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQueryString))
    query.set(name, query.has(name) ? `${query.get(name)},${value}` : value);
  // Any other type counts as bytes, a form included.
  const isText = /^(?:text\/|application\/json\b)/.test(String(headers["content-type"] ?? ""));
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    ...(cookie === undefined ? {} : { cookies: String(cookie).split("; ") }),
    headers: Object.fromEntries(
      Object.entries(rest).map(([name, value]) => [name, [value].flat().join(",")]),
    ),
    ...(query.size === 0 ? {} : { queryStringParameters: Object.fromEntries(query) }),
    requestContext: {
      accountId: "anonymous",
      apiId: "local",
      domainName: host,
      domainPrefix: host.split(".")[0],
      http: {
        method,
        path: rawPath,
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: String(headers["user-agent"] ?? ""),
      },
      requestId,
      routeKey: "$default",
      stage: "$default",
      time: clfTime(nowMs),
      timeEpoch: nowMs,
    },
    ...(body.length === 0 ? {} : { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A time in common log format: `02/Mar/2026:00:15:00 +0000`. */
function clfTime(nowMs: EpochMs): string {
  const iso = new Date(nowMs).toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

/** The response ("Response payload format"): a result without a statusCode is the body, as JSON. */
function responseOf(result: unknown): HttpResponse {
  const whole = result as {
    readonly statusCode?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly cookies?: readonly string[];
    readonly body?: string;
    readonly isBase64Encoded?: boolean;
  } | null;
  if (typeof whole !== "object" || whole?.statusCode === undefined)
    return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(result) };
  const { statusCode, headers = {}, cookies = [], body = "", isBase64Encoded = false } = whole;
  return {
    status: statusCode,
    headers: {
      "content-type": "application/json",
      ...lowerCase(headers),
      ...(cookies.length === 0 ? {} : { "set-cookie": [...cookies] }),
    },
    body: isBase64Encoded ? Buffer.from(body, "base64") : body,
  };
}

const lowerCase = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
