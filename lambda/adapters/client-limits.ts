/** How long a request of the SDK may take, as the SDK takes it. */

/** How often an SDK client tries, and how long it waits. */
export interface Limits {
  readonly attempts: number;
  /** Ms, each attempt. */
  readonly requestMs: number;
}

/** Without `throwOnRequestTimeout` the SDK only warns. */
export const clientLimits = ({ attempts, requestMs }: Limits) => ({
  maxAttempts: attempts,
  requestHandler: { connectionTimeout: requestMs, requestTimeout: requestMs, throwOnRequestTimeout: true },
});
