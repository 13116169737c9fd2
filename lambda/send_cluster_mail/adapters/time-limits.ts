/**
 * How long each request may take, in ms. Together they fit into the function's timeout, so that a slow service ends in
 * an error that says which one, and not in a function that was cut off:
 * 3 × 2 × 1 s (DynamoDB) + 15 s (SES) + 0.8 s (Secrets Manager, and beside it the look at the cluster) < 30 s; for every
 * further mail 10 s + 2 × 2 × 1 s + 15 s + 0.8 s < 30 s; and where SES refuses a recipient, or has too many mails a second,
 * from the last moment at which the mail may be offered again, 7.8 s + 1.1 s (the pause) + 15 s (SES) + 2 × 2 × 1 s (the
 * refusals, side by side) + 2 × 1 s (the confirmation) < 30 s.
 */

/** Query, PutItem, UpdateItem: what a mail costs when nobody races. */
export const DYNAMODB_REQUESTS_PER_MAIL = 3;

/** Two attempts of a second each: a write that is repeated is found to be the own one. */
export const DYNAMODB_LIMITS = { attempts: 2, requestMs: 1_000 } as const;

/**
 * One attempt: SES has no idempotency token, and a repetition inside the SDK would be a duplicate that does not say
 * so. Lambda's retry is the repetition, and it is marked. So long, because a client that gives up on an SES which is slow
 * and accepts the mail all the same makes a copy at every attempt.
 */
export const SES_LIMITS = { attempts: 1, requestMs: 15_000 } as const;

/** Only for links in a mail, which goes out without them rather than late. */
export const SECRET_LIMITS = { attempts: 1, requestMs: 800 } as const;

/** For how the cluster stands, all requests together; the mail goes out without it rather than late. */
export const LOOK_WITHIN_MS = 800;

/** A mail of which a recipient was refused is sent to the others only so soon after the invocation's start. */
export const SEND_AGAIN_WITHIN_MS = 7_800;

/** Another mail is begun in one invocation only so soon after its start that the time is enough for it. */
export const NEXT_MAIL_WITHIN_MS = 10_000;
