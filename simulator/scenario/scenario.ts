/** A scenario: a cluster, what happens to it and when, and what must hold in the end. */
import type { Instant } from "../engine/time.ts";

/** What befalls a node, or what a person does at it. */
export type Action =
  | { readonly kind: "power-on" | "power-off" | "hang"; readonly node: number }
  /** `reset_node(subject)` typed at the prompt of `node`. */
  | { readonly kind: "reset-node"; readonly node: number; readonly subject: number };

export interface Step {
  readonly at: Instant;
  readonly action: Action;
  /** The line of the story. */
  readonly says: string;
}

/** What a run came to, as far as expectations look at it. */
export interface RunResult {
  readonly readings: { readonly expected: number; readonly stored: number; readonly lost: number };
  readonly failovers: readonly { readonly from: number; readonly to: number }[];
  readonly mails: readonly { readonly kind: string; readonly incident: string }[];
  readonly maxConcurrentPrimaries: number;
  /** Messages in the error queues and the function's failure queue. */
  readonly queued: number;
}

export interface Expectation {
  readonly text: string;
  /** Undefined when it holds, else what was found instead. */
  readonly broken: (result: RunResult) => string | undefined;
}

export interface Scenario {
  readonly name: string;
  /** One line for `--list`. */
  readonly line: string;
  readonly protocol: "article";
  readonly nodes: number;
  readonly daysDefault: number;
  /** Shorter than this, the story is not over. */
  readonly daysMin: number;
  readonly steps: readonly Step[];
  readonly expectations: readonly Expectation[];
}
