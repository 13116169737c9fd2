/**
 * The DynamoDB API: reads from each request what it asks for, and asks the caller's policies.
 * Not emulated: PartiQL and transactions (dynalite refuses them), item- and attribute-level conditions, DAX, streams.
 */
import { type Judgement, startFront } from "./front.ts";
import type { Front, FrontRequest } from "./server.ts";

/** The table server behind the front, and who may call it. */
export interface DynamoDbFrontOptions {
  readonly port: number;
  readonly backendPort: Promise<number>;
  /** `arn:aws:dynamodb:REGION:ACCOUNT:table/` */
  readonly tableArnPrefix: string;
  /** Why the caller's policies refuse a call; undefined: they allow it. */
  readonly refuse: (accessKeyId: string, action: string, resource: string) => string | undefined;
  /** The name of the error with which an allowed request fails now; undefined: it does not. */
  readonly throttle?: (accessKeyId: string, operation: string) => string | undefined;
  readonly onDenied: (text: string) => void;
  readonly onError: (error: unknown) => void;
}

/** The DynamoDB API in front of dynalite: what an access key's role does not allow is refused. */
export const startDynamoDbFront = (options: DynamoDbFrontOptions): Promise<Front> =>
  startFront({
    what: "DynamoDB",
    port: options.port,
    portFlag: "--dynamodb-port",
    backendPort: options.backendPort,
    judge: (request) => judge(request, options),
    onError: options.onError,
  });

function judge(request: FrontRequest, options: DynamoDbFrontOptions): Judgement {
  const { accessKeyId } = request;
  const operation = /^DynamoDB_\d+\.(\w+)$/.exec(String(request.headers["x-amz-target"] ?? ""))?.[1];
  // Without an operation or a caller there is nothing to judge; the backend's own error says what is missing.
  if (operation === undefined || accessKeyId === undefined) return { pass: true };
  for (const resource of resourcesOf(operation, request.body, options.tableArnPrefix)) {
    const text = options.refuse(accessKeyId, `dynamodb:${operation}`, resource);
    if (text === undefined) continue;
    options.onDenied(text);
    return { pass: false, refusal: refusal(DENIED, text) };
  }
  const throttled = options.throttle?.(accessKeyId, operation);
  if (throttled !== undefined)
    return { pass: false, refusal: refusal(`com.amazonaws.dynamodb.v20120810#${throttled}`, TOO_FAST) };
  return { pass: true };
}

const DENIED = "com.amazon.coral.service#AccessDeniedException";
const TOO_FAST = "The rate of requests exceeds what the table is provisioned for.";

/** Error format: "Error handling with DynamoDB", developer guide. */
const refusal = (type: string, text: string) => ({
  status: 400,
  contentType: "application/x-amz-json-1.0",
  body: JSON.stringify({ __type: type, Message: text }),
});

/**
 * The tables that a request names; `*` where an operation names none, as ListTables. The operation decides which field
 * counts: a batch that carries a TableName beside its RequestItems must not be judged by it.
 */
function resourcesOf(operation: string, body: Buffer, prefix: string): string[] {
  let asked: { TableName?: unknown; IndexName?: unknown; RequestItems?: unknown };
  try {
    asked = JSON.parse(body.toString("utf8")) ?? {};
  } catch {
    return ["*"];
  }
  const arnOf = (name: string): string => (name.startsWith("arn:") ? name : `${prefix}${name}`);
  const { TableName, IndexName, RequestItems } = asked;
  if (operation.startsWith("Batch"))
    return typeof RequestItems === "object" && RequestItems !== null
      ? Object.keys(RequestItems).map(arnOf)
      : ["*"];
  if (typeof TableName !== "string") return ["*"];
  return [typeof IndexName === "string" ? `${arnOf(TableName)}/index/${IndexName}` : arnOf(TableName)];
}
