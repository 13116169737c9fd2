/** What failed for good on our own side: messages that a rule could not hand on, events that a function gave up. */
import { at, type Finding } from "../finding.ts";

const HOUR_MS = 3_600_000;

/** Once an hour is enough for what can wait until morning: at the first sweep of each. Each queue costs a request. */
export const asksQueues = (nowMs: number, sweepMinutes: number): boolean =>
  Math.floor(nowMs / HOUR_MS) !== Math.floor((nowMs - sweepMinutes * 60_000) / HOUR_MS);

/** A queue of failures, and how many messages wait in it. */
export interface QueueCount {
  /** As a person reads it. */
  readonly name: string;
  readonly messages: number;
}

/** Well when every queue is empty: somebody has replayed what was in it, or thrown it away. No queues: nothing is known. */
export function backend(queues: readonly QueueCount[], nowMs: number): readonly Finding[] {
  if (queues.length === 0) return [];
  const filled = queues.filter(({ messages }) => messages > 0);
  const about = { kind: "backend-failing", subject: 0, order: at(nowMs) } as const;
  return filled.length === 0
    ? [{ ...about, fires: false }]
    : [{ ...about, fires: true, facts: { kind: "backend-failing", queues: filled.slice(0, LISTED_MAX) } }];
}

/** More than the app has. */
const LISTED_MAX = 10;
