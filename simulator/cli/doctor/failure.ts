/** What the SDK could not do, as a person is told of it. */
import { type Check, type Finding, wrong } from "./finding.ts";
import type { Target } from "./target.ts";

/** Longer than the SDK's own limits together: it bounds what looks for credentials as well. */
const LIMIT_MS = 25_000;

class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
}

/** What `look` finds; where that fails, or takes too long, that it does. Never rejects. */
export async function guarded(
  target: Target,
  check: Check,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswerError(`no answer within ${LIMIT_MS / 1_000} s`)), LIMIT_MS);
  });
  try {
    return await Promise.race([look(), late]);
  } catch (error) {
    return [failed(target, check, error)];
  } finally {
    clearTimeout(timer);
  }
}

/** Names of errors by which AWS says that it does not know who asks. */
const UNKNOWN_CALLER =
  /^(UnrecognizedClient|InvalidSignature|SignatureDoesNotMatch|InvalidClientTokenId|InvalidAccessKeyId|IncompleteSignature|MissingAuthenticationToken|AuthFailure)/;
const EXPIRED = /^(ExpiredToken|RequestExpired)/;
const NOT_ALLOWED = /^(AccessDenied|Forbidden|UnauthorizedException|AuthorizationError|NotAuthorized)/;
const NOT_REACHED = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)\b/;

/** The finding where AWS did not answer a check: what was in the way, and what to do. */
export function failed(target: Target, check: Check, error: unknown): Finding {
  const { name = "Error", message = String(error), code } = error as NodeJS.ErrnoException;
  if (/^(CredentialsProvider|TokenProvider)Error$/.test(name)) return noCredentials(check, message);
  if (EXPIRED.test(name))
    return wrong(
      check,
      "the credentials have expired: renew them; with IAM Identity Center",
      "aws sso login",
    );
  if (UNKNOWN_CALLER.test(name))
    return wrong(check, `AWS does not know these credentials (${name})`, "aws configure");
  if (NOT_ALLOWED.test(name))
    return wrong(
      check,
      `these credentials may not read it (${oneLine(message)}): allow it, or change AWS_PROFILE`,
    );
  const unreached = NOT_REACHED.exec(code ?? message)?.[1];
  if (unreached !== undefined || /^(TimeoutError|NoAnswerError)$/.test(name))
    return notReached(target, check, unreached ?? name);
  return wrong(check, `${name}: ${oneLine(message)}`);
}

const notReached = (target: Target, check: Check, why: string): Finding =>
  target.kind === "local"
    ? wrong(check, `the local cloud does not answer (${why})`, "npm run cloud")
    : wrong(
        check,
        `AWS in ${target.region} cannot be reached (${why}): check that this machine is online, and the region's name`,
      );

function noCredentials(check: Check, message: string): Finding {
  if (/sso/i.test(message)) return wrong(check, oneLine(message), "aws sso login");
  return wrong(
    check,
    `there are none (${oneLine(message)}): set AWS_PROFILE, or run aws configure`,
    "aws configure",
  );
}

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();
