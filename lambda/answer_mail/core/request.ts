/** What the function's URL was asked, in payload format 2.0, as far as it matters here. */
import * as z from "zod/mini";

/**
 * Source: AWS Lambda Developer Guide, "Invoking Lambda function URLs", request payload format. The URL itself makes the
 * envelope, so that nothing in it is a caller's but the method, the query and the body.
 */
const FunctionUrlEvent = z.object({
  version: z.literal("2.0"),
  rawQueryString: z.optional(z.string()),
  requestContext: z.object({ http: z.object({ method: z.string() }) }),
  body: z.optional(z.string()),
  isBase64Encoded: z.optional(z.boolean()),
});

/** What the page needs of an HTTP request. */
export interface Request {
  readonly method: string;
  /** `t` of the query; empty where there is none. */
  readonly token: string;
  /** The form in the body. */
  readonly form: URLSearchParams;
}

/** The form has two short fields; a longer body is none of ours, and not worth decoding. */
const BODY_LENGTH_MAX = 1_000;

/** @throws when the envelope is not one that a function URL makes: the function was invoked in another way */
export function parseRequest(event: unknown): Request {
  const {
    requestContext,
    rawQueryString = "",
    body = "",
    isBase64Encoded = false,
  } = FunctionUrlEvent.parse(event);
  const fitting = body.length <= BODY_LENGTH_MAX ? body : "";
  return {
    method: requestContext.http.method,
    token: new URLSearchParams(rawQueryString).get("t") ?? "",
    form: new URLSearchParams(isBase64Encoded ? Buffer.from(fitting, "base64").toString() : fitting),
  };
}
