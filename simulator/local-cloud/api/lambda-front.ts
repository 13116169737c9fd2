/**
 * The part of Lambda's API by which functions and people invoke a function: Invoke with the invocation types Event and
 * RequestResponse.
 *
 * Source: Lambda API reference, "Invoke". Not emulated: the tail of the log. Refused by name: dry runs, versions and
 * aliases, every other operation.
 */
import type { Outcome } from "../functions/environment.ts";
import { type Front, type FrontRequest, type HttpResponse, startServer } from "./server.ts";

/** Where functions are found, and who may invoke them. */
export interface LambdaFrontOptions {
  /** The ARN of a function, by its name or ARN; undefined when there is none. */
  readonly find: (nameOrArn: string) => Promise<string | undefined>;
  readonly invoke: (functionArn: string, payload: unknown) => Promise<void>;
  /** Resolves at the end of the one attempt. */
  readonly invokeAndWait: (functionArn: string, payload: unknown) => Promise<Outcome>;
  /** Undefined: allowed. */
  readonly refuse: (accessKeyId: string, action: string, resource: string) => string | undefined;
  readonly onDenied: (text: string) => void;
  readonly onError: (error: unknown) => void;
}

const INVOKE = /^\/2015-03-31\/functions\/([^/?]+)\/invocations$/;
const MB = 1_024 * 1_024;
/** "The maximum payload size": 1 MB for asynchronous invocations, 6 MB for synchronous ones. */
const PAYLOAD_BYTES_MAX: Readonly<Record<string, number>> = { Event: MB, RequestResponse: 6 * MB };

/** The Lambda API: `Invoke`, asynchronous or with its response. */
export const startLambdaFront = (options: LambdaFrontOptions): Promise<Front> =>
  startServer({
    what: "Lambda",
    answer: (request) => answerTo(request, options),
    onError: options.onError,
  });

async function answerTo(request: FrontRequest, options: LambdaFrontOptions): Promise<HttpResponse> {
  const refused = (status: number, code: string, text: string): HttpResponse => {
    options.onDenied(`${code}: ${text}`);
    return refusal(status, code, text);
  };
  const { method, path, headers, accessKeyId, body } = request;
  const asked = INVOKE.exec(path)?.[1];
  if (method !== "POST" || asked === undefined)
    return refused(404, "UnknownOperationException", `${method} ${path} is not emulated; Invoke is`);
  const type = String(headers["x-amz-invocation-type"] ?? "RequestResponse");
  const bytesMax = Object.hasOwn(PAYLOAD_BYTES_MAX, type) ? PAYLOAD_BYTES_MAX[type] : undefined;
  if (bytesMax === undefined)
    return refused(
      400,
      "InvalidParameterValueException",
      `the invocation type ${type} is not emulated; Event and RequestResponse are`,
    );
  if (accessKeyId === undefined)
    return refused(403, "MissingAuthenticationTokenException", "the request is not signed");
  const name = decodeURIComponent(asked);
  const functionArn = await options.find(name);
  if (functionArn === undefined)
    return refused(404, "ResourceNotFoundException", `Function not found: ${name}`);
  const denied = options.refuse(accessKeyId, "lambda:InvokeFunction", functionArn);
  if (denied !== undefined) return refused(403, "AccessDeniedException", denied);
  if (body.length > bytesMax)
    return refused(413, "RequestTooLargeException", `the payload has ${body.length} bytes`);
  const payload = parsed(body);
  if (payload === undefined)
    return refused(400, "InvalidRequestContentException", "Could not parse request body into json");
  if (type === "RequestResponse") return resultOf(await options.invokeAndWait(functionArn, payload.value));
  await options.invoke(functionArn, payload.value);
  return { status: 202, headers: {}, body: "" };
}

/** The response to a synchronous invocation: status 200 also where the function has failed. */
const resultOf = (outcome: Outcome): HttpResponse => {
  const headers = { "content-type": "application/json", "x-amz-executed-version": "$LATEST" };
  if (outcome.ok) return { status: 200, headers, body: outcome.result };
  const { errorType, errorMessage } = outcome;
  return {
    status: 200,
    headers: { ...headers, "x-amz-function-error": "Unhandled" },
    body: JSON.stringify({ errorType, errorMessage, trace: [] }),
  };
};

function parsed(body: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: body.length === 0 ? {} : JSON.parse(body.toString("utf8")) };
  } catch {
    return undefined;
  }
}

const refusal = (status: number, code: string, message: string): HttpResponse => ({
  status,
  headers: { "content-type": "application/json", "x-amzn-errortype": code },
  body: JSON.stringify({ Type: "User", message }),
});
