/** Milliseconds since 1970, in the cloud's own time: real for `npm run cloud`, virtual for `npm run simulate`. */
export type EpochMs = number & { readonly unit: "epoch ms" };

/**
 * The only source of time in the local cloud: for `timestamp()` in rules, a function's `Date`, retries and log lines.
 */
export interface CloudClock {
  now(): EpochMs;
  /** Runs `task` once, `delayMs` milliseconds from now. @returns a function that cancels it */
  schedule(delayMs: number, task: () => void): () => void;
}
