/** Milliseconds since 1970, in the cloud's own time: real for `npm run cloud`, virtual for `npm run simulate`. */
export type EpochMs = number & { readonly unit: "epoch ms" };

/** The one source of time in the local cloud: `timestamp()` in rules, a function's `Date`, retries, log lines. */
export interface CloudClock {
  now(): EpochMs;
  /** Runs `task` once, `delayMs` from now; returns what takes it back. */
  schedule(delayMs: number, task: () => void): () => void;
}
