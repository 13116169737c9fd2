/**
 * The part of the Secrets Manager API by which a function reads a secret: GetSecretValue of the current version. Every
 * other operation is refused by name.
 */
import { madeUpId } from "../random-id.ts";
import type { Secret } from "../secrets.ts";
import { type Front, type FrontRequest, type HttpResponse, startServer } from "./server.ts";

/** The secrets, and who may read them. */
export interface SecretsFrontOptions {
  readonly secrets: readonly Secret[];
  /** Undefined: allowed. */
  readonly refuse: (accessKeyId: string, action: string, resource: string) => string | undefined;
  readonly onDenied: (text: string) => void;
  readonly onError: (error: unknown) => void;
}

const OPERATION = "secretsmanager.GetSecretValue";
const JSON_TYPE = "application/x-amz-json-1.1";

/** The Secrets Manager API: `GetSecretValue` alone. */
export const startSecretsFront = (options: SecretsFrontOptions): Promise<Front> =>
  startServer({
    what: "Secrets Manager",
    answer: async (request) => answerTo(request, options),
    onError: options.onError,
  });

function answerTo(
  { headers, body, accessKeyId }: FrontRequest,
  { secrets, refuse, onDenied }: SecretsFrontOptions,
): HttpResponse {
  const refused = (code: string, text: string): HttpResponse => {
    onDenied(`${code}: ${text}`);
    return answer(400, { __type: code, Message: text });
  };
  const operation = String(headers["x-amz-target"] ?? "");
  if (operation !== OPERATION)
    return refused("InvalidRequestException", `"${operation}" is not emulated; ${OPERATION} is`);
  if (accessKeyId === undefined)
    return refused("MissingAuthenticationTokenException", "the request is not signed");
  const { SecretId } = JSON.parse(body.toString("utf8")) as { readonly SecretId?: unknown };
  const secret = secrets.find(({ name, arn }) => SecretId === name || SecretId === arn);
  // As AWS does: a caller that may not read a secret does not learn whether there is one.
  const denied = refuse(accessKeyId, "secretsmanager:GetSecretValue", secret?.arn ?? "*");
  if (denied !== undefined) return refused("AccessDeniedException", denied);
  if (secret === undefined)
    return refused("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
  return answer(200, {
    ARN: secret.arn,
    Name: secret.name,
    SecretString: secret.value,
    VersionId: madeUpId(secret.arn),
    VersionStages: ["AWSCURRENT"],
  });
}

const answer = (status: number, body: object): HttpResponse => ({
  status,
  headers: { "content-type": JSON_TYPE },
  body: JSON.stringify(body),
});
