/**
 * How long each request may take, in ms. Together they fit into the function's timeout, so that a slow service ends in
 * an error that says which one, and not in a function that was cut off:
 * 3 × 2 × 1 s (DynamoDB) + 3 s (SES) < 10 s.
 */

/** `send_cluster_mail`'s timeout; claims (CLAIM_LEASE_MS) outlive it. */
export const FUNCTION_TIMEOUT_MS = 10_000;
/** GetItem, PutItem, UpdateItem: what a mail costs when nobody races. */
export const DYNAMODB_REQUESTS_PER_MAIL = 3;

export const DYNAMODB_LIMITS = { attempts: 2, requestMs: 1_000 } as const;

/**
 * One attempt: SES has no idempotency token, and a repetition inside the SDK would be a duplicate that does not say
 * so. Lambda's retry is the repetition, and it is marked.
 */
export const SES_LIMITS = { attempts: 1, requestMs: 3_000 } as const;

/** As the SDK takes it. silent: without `throwOnRequestTimeout` the SDK only warns. */
export const clientLimits = ({ attempts, requestMs }: { attempts: number; requestMs: number }) => ({
  maxAttempts: attempts,
  requestHandler: { connectionTimeout: requestMs, requestTimeout: requestMs, throwOnRequestTimeout: true },
});
