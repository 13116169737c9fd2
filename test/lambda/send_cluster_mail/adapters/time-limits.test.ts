import {
  clientLimits,
  DYNAMODB_LIMITS,
  DYNAMODB_REQUESTS_PER_MAIL,
  FUNCTION_TIMEOUT_MS,
  SES_LIMITS,
} from "../../../../lambda/send_cluster_mail/adapters/time-limits.ts";

test("every request as slow as it may be -> the function ends by itself, before its timeout", () => {
  const table = DYNAMODB_REQUESTS_PER_MAIL * DYNAMODB_LIMITS.attempts * DYNAMODB_LIMITS.requestMs;
  const mail = SES_LIMITS.attempts * SES_LIMITS.requestMs;
  expect(table + mail).toBeLessThan(FUNCTION_TIMEOUT_MS);
});

test("a slow request -> thrown, not only warned of", () => {
  expect(clientLimits(SES_LIMITS)).toMatchObject({
    maxAttempts: 1,
    requestHandler: { requestTimeout: 3_000, throwOnRequestTimeout: true },
  });
});
