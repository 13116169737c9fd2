/**
 * How long an attempt of `send_cluster_mail` may last and its claim on a mail holds. The stack deploys these very numbers,
 * because neither means anything without the other. Then how long a mail may wait for what may end by itself.
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

const MINUTE_MS = 60_000;

/**
 * The FIRING mail about a node that came back by itself lately waits for so long, where another node measures: two hours
 * without power, and a takeover's delay, are over by then. Ms.
 */
export const PATIENCE_MS = 150 * MINUTE_MS;

/** *Lately*: so long before it stopped again. Ms: 30 days. */
export const CAME_BACK_MS = 30 * 24 * 60 * MINUTE_MS;
