/**
 * An API of AWS's Query protocol: a request is a form, a response is XML. STS, CloudFormation and SNS use it.
 *
 * Source: "Making query requests" of each service's API reference; Smithy, "AWS Query protocol".
 */
import { type Front, type FrontRequest, type HttpResponse, startServer } from "./server.ts";

/** The result of an operation: a text, a structure, or a list, whose items AWS wraps in `member`. */
export type Result = string | readonly Result[] | { readonly [name: string]: Result };

/** An error of AWS's that names what the caller did wrong. */
export class QueryRefusal extends Error {
  readonly code: string;
  readonly status: number;
  /** @param status HTTP status, as in the service's "Common errors" */
  constructor(code: string, text: string, status = 400) {
    super(text);
    this.code = code;
    this.status = status;
  }
}

/** One operation: which resource the caller's policies are asked about, and what it does. */
export interface Operation {
  /** The ARN that the caller's policies are asked about. @default "*" */
  readonly resource?: (form: URLSearchParams) => string;
  /** @throws QueryRefusal */
  readonly run: (form: URLSearchParams, accessKeyId: string) => { readonly [name: string]: Result };
}

/** One service of the query protocol: its operations, and who may call them. */
export interface QueryFrontOptions {
  /** `SNS`, for errors. */
  readonly what: string;
  /** `sns`, as policies name the service. */
  readonly service: string;
  /** XML namespace of the responses. */
  readonly namespace: string;
  readonly operations: Readonly<Record<string, Operation>>;
  /** Undefined: allowed. */
  readonly refuse: (accessKeyId: string, action: string, resource: string) => string | undefined;
  readonly onDenied: (text: string) => void;
  readonly onError: (error: unknown) => void;
}

/** Serves the operations; every other one is refused by name. */
export const startQueryFront = (options: QueryFrontOptions): Promise<Front> =>
  startServer({
    what: options.what,
    answer: async (request) => answerTo(request, options),
    onError: options.onError,
  });

function answerTo({ body, accessKeyId }: FrontRequest, options: QueryFrontOptions): HttpResponse {
  const { operations, service, namespace, refuse, onDenied } = options;
  const form = new URLSearchParams(body.toString("utf8"));
  const action = form.get("Action") ?? "";
  try {
    const operation = Object.hasOwn(operations, action) ? operations[action] : undefined;
    if (operation === undefined)
      throw new QueryRefusal(
        "InvalidAction",
        `the action "${action}" is not emulated; these are: ${Object.keys(operations).join(", ")}`,
      );
    if (accessKeyId === undefined)
      throw new QueryRefusal("MissingAuthenticationToken", "the request is not signed", 403);
    const denied = refuse(accessKeyId, `${service}:${action}`, operation.resource?.(form) ?? "*");
    if (denied !== undefined) throw new QueryRefusal("AccessDenied", denied, 403);
    const result = xmlOf({ [`${action}Result`]: operation.run(form, accessKeyId) });
    return xml(
      200,
      `<${action}Response xmlns="${namespace}">${result}<ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></${action}Response>`,
    );
  } catch (error) {
    if (!(error instanceof QueryRefusal)) throw error;
    onDenied(`${error.code}: ${error.message}`);
    const { code: Code, message: Message, status } = error;
    const fields = xmlOf({ Error: { Type: "Sender", Code, Message }, RequestId: "local" });
    return xml(status, `<ErrorResponse xmlns="${namespace}">${fields}</ErrorResponse>`);
  }
}

/** A parameter of the form. @throws QueryRefusal when it is absent or empty */
export function parameter(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value) return value;
  throw new QueryRefusal("ValidationError", `The request must contain the parameter ${name}.`);
}

function xmlOf(result: Result): string {
  if (typeof result === "string")
    return result.replace(/[<>&\r]/g, (character) => `&#${character.charCodeAt(0)};`);
  if (Array.isArray(result)) return result.map((item) => `<member>${xmlOf(item)}</member>`).join("");
  return Object.entries(result)
    .map(([name, value]) => `<${name}>${xmlOf(value)}</${name}>`)
    .join("");
}

const xml = (status: number, body: string): HttpResponse => ({
  status,
  headers: { "content-type": "text/xml" },
  body,
});
