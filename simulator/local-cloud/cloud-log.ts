import type { EpochMs } from "./clock.ts";

/** `warn`: something was refused or failed; `error`: the local cloud itself has a defect. */
export type LogLevel = "info" | "warn" | "error";

/**
 * One thing that the local cloud did or refused, for a person (`text`) and for a program (`source`, `code`, `fields`).
 */
export interface CloudLogEntry {
  readonly at: EpochMs;
  readonly level: LogLevel;
  /** Which part: `broker`, `rule readings`, `function send_cluster_mail`, `ses`, … */
  readonly source: string;
  /** Stable and machine-readable, e.g. `connect-refused`, `action-failed`, `mail-accepted`. */
  readonly code: string;
  /** One plain sentence: what, where, and what to do where something is wrong. */
  readonly text: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Takes each entry as it is written. */
export type CloudLog = (entry: CloudLogEntry) => void;
