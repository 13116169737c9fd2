/**
 * How long an attempt of `send_cluster_mail` may last and its claim on a mail holds. The stack deploys these very numbers,
 * because neither means anything without the other.
 */

/** `send_cluster_mail`'s timeout in s: SES may take 15 s to answer for a mail that it has accepted. */
export const SEND_TIMEOUT_S = 30;

/** Lambda makes an asynchronous invocation's second attempt so long after the first one has failed. Ms. */
export const FIRST_RETRY_MS = 60_000;

/**
 * A claim's life, in ms of the invocation's own clock. Longer than the function's timeout plus the skew between two
 * hosts' clocks, so that nobody takes the claim of a living attempt; shorter than `FIRST_RETRY_MS`, so that a crashed
 * attempt's own retry finds its claim lapsed.
 */
export const CLAIM_LEASE_MS = 48_000;
