/**
 * The event trace: one line for each event, in fixed columns, the same bytes for the same seed and scenario. Lines are
 * hashed as they come and passed to listeners, and not kept, so that memory does not grow with simulated time.
 *
 *     day hh:mm:ss.µµµµµµ device     event            detail
 */
import { createHash } from "node:crypto";
import type { Instant } from "./time.ts";

/** One event of the trace. `device` is `node-0`, `chip-1`, `bus` or the like. */
export interface TraceEvent {
  readonly at: Instant;
  readonly device: string;
  readonly event: string;
  readonly detail: string;
}

const digits = (n: number, width: number): string => String(n).padStart(width, "0");

/** `0 04:30:00.000522`: days, then the time of day, of virtual time. */
export function clockText(at: Instant): string {
  const micros = at % 1_000_000;
  const total = (at - micros) / 1_000_000;
  const [day, hour, minute, second] = [
    Math.floor(total / 86_400),
    Math.floor(total / 3_600) % 24,
    Math.floor(total / 60) % 60,
    total % 60,
  ];
  return `${day} ${digits(hour, 2)}:${digits(minute, 2)}:${digits(second, 2)}.${digits(micros, 6)}`;
}

const line = ({ at, device, event, detail }: TraceEvent): string =>
  `${clockText(at).padStart(20)} ${device.padEnd(10)} ${event.padEnd(16)} ${detail}`.trimEnd();

/** Takes the events of a run, passes them on as lines, and hashes them: two runs with one hash had the same events. */
export class Trace {
  /** False: events are neither hashed nor passed on, for runs that only count. */
  readonly kept: boolean;
  readonly #hash = createHash("sha256");
  readonly #listeners: ((event: TraceEvent, line: string) => void)[] = [];

  constructor(kept = true) {
    this.kept = kept;
  }

  /** Calls `listener` for each event from now on. */
  listen(listener: (event: TraceEvent, line: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Adds one event. */
  add(at: Instant, device: string, event: string, detail = ""): void {
    if (!this.kept) return;
    const entry = { at, device, event, detail };
    const text = line(entry);
    this.#hash.update(text).update("\n");
    for (const listen of this.#listeners) listen(entry, text);
  }

  /** SHA-256 of all lines so far, in hex. */
  sha256(): string {
    return this.#hash.copy().digest("hex");
  }
}
