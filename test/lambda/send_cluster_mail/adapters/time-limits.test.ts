import { clientLimits } from "../../../../lambda/adapters/client-limits.ts";
import {
  DYNAMODB_LIMITS,
  DYNAMODB_REQUESTS_PER_MAIL,
  LOOK_WITHIN_MS,
  NEXT_MAIL_WITHIN_MS,
  SECRET_LIMITS,
  SEND_AGAIN_WITHIN_MS,
  SES_LIMITS,
} from "../../../../lambda/send_cluster_mail/adapters/time-limits.ts";
import { RATE_PAUSE_MS } from "../../../../lambda/send_cluster_mail/core/delivery.ts";
import { CLAIM_LEASE_MS, FIRST_RETRY_MS, SEND_TIMEOUT_S } from "../../../../lib/contract/time-limits.ts";

const FUNCTION_TIMEOUT_MS = SEND_TIMEOUT_S * 1_000;
const longest = ({ attempts, requestMs }: { attempts: number; requestMs: number }) => attempts * requestMs;

test("every request as slow as it may be -> the function ends by itself, before its timeout", () => {
  const beside = Math.max(longest(SECRET_LIMITS), LOOK_WITHIN_MS);
  const first = DYNAMODB_REQUESTS_PER_MAIL * longest(DYNAMODB_LIMITS) + longest(SES_LIMITS) + beside;
  expect(first).toBeLessThan(FUNCTION_TIMEOUT_MS);
  // The next mail's incident was read by the confirmation before, and its key is known.
  const next =
    NEXT_MAIL_WITHIN_MS +
    (DYNAMODB_REQUESTS_PER_MAIL - 1) * longest(DYNAMODB_LIMITS) +
    longest(SES_LIMITS) +
    LOOK_WITHIN_MS;
  expect(next).toBeLessThan(FUNCTION_TIMEOUT_MS);
  // A refused recipient: sent to the others, the refusals noted side by side (a look and a write), confirmed.
  const again = SEND_AGAIN_WITHIN_MS + RATE_PAUSE_MS + longest(SES_LIMITS) + 3 * longest(DYNAMODB_LIMITS);
  expect(again).toBeLessThan(FUNCTION_TIMEOUT_MS);
});

test("the claim's lease outlives the function and lapses before Lambda's first retry", () => {
  const clockSkewMs = 10_000;
  expect(CLAIM_LEASE_MS).toBeGreaterThan(FUNCTION_TIMEOUT_MS + clockSkewMs);
  expect(CLAIM_LEASE_MS + clockSkewMs).toBeLessThan(FIRST_RETRY_MS);
});

test("a slow request -> thrown, not only warned of", () => {
  expect(clientLimits(SES_LIMITS)).toMatchObject({
    maxAttempts: 1,
    requestHandler: { requestTimeout: 15_000, throwOnRequestTimeout: true },
  });
});
