/** A function with a tiny bundle of its own, on a clock that the test moves, and all that it logs. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CloudClock, EpochMs } from "../../../../simulator/local-cloud/clock.ts";
import type { CloudLogEntry } from "../../../../simulator/local-cloud/cloud-log.ts";
import {
  type FunctionOptions,
  FunctionRunner,
  type InvocationRecord,
} from "../../../../simulator/local-cloud/functions/function-runner.ts";

export const ARN = "arn:aws:lambda:eu-central-1:123456789012:function:f";
export const START_MS = Date.UTC(2030, 5, 1);

/** What is scheduled runs when the test lets time pass, earliest first. */
export class ManualClock implements CloudClock {
  #nowMs = START_MS;
  readonly #due = new Set<{ readonly atMs: number; readonly task: () => void }>();

  now(): EpochMs {
    return this.#nowMs as EpochMs;
  }

  schedule(delayMs: number, task: () => void): () => void {
    const entry = { atMs: this.#nowMs + delayMs, task };
    this.#due.add(entry);
    return () => void this.#due.delete(entry);
  }

  pass(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#due].filter(({ atMs }) => atMs <= untilMs).sort((x, y) => x.atMs - y.atMs);
      if (next === undefined) break;
      this.#due.delete(next);
      this.#nowMs = next.atMs;
      next.task();
    }
    this.#nowMs = untilMs;
  }
}

export interface RunnerFixture {
  readonly runner: FunctionRunner;
  readonly clock: ManualClock;
  readonly log: readonly CloudLogEntry[];
  /** What went to the failure destination. */
  readonly failures: readonly InvocationRecord[];
  /** What went to the success destination. */
  readonly successes: readonly InvocationRecord[];
  /** Lines that the function printed. */
  readonly printed: () => string[];
  stop(): Promise<void>;
}

/** `source` is the bundle: CommonJS that exports `handler`. */
export function runnerFor(source: string, overrides: Partial<FunctionOptions> = {}): RunnerFixture {
  const dir = mkdtempSync(join(tmpdir(), "ha2m-function-"));
  const file = join(dir, "index.js");
  writeFileSync(file, source);
  const clock = new ManualClock();
  const log: CloudLogEntry[] = [];
  const failures: InvocationRecord[] = [];
  const successes: InvocationRecord[] = [];
  const runner = new FunctionRunner({
    name: "f",
    arn: ARN,
    file,
    exportName: "handler",
    timeoutS: 5,
    memoryMb: 128,
    env: {},
    retries: 2,
    eventAgeMaxS: 21_600,
    onFailure: (record) => failures.push(record),
    onSuccess: (record) => successes.push(record),
    clock,
    log: (entry) => log.push(entry),
    ...overrides,
  });
  return {
    runner,
    clock,
    log,
    failures,
    successes,
    printed: () => log.filter(({ code }) => code === "function-log").map(({ text }) => text),
    stop: async () => {
      await runner.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
