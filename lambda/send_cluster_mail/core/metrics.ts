/** Which numbers of a log line a person asks for. Pure. */
import type { MetricValues } from "../../../lib/contract/metrics.ts";
import type { LogEntry } from "./ports.ts";

/** A warning about a decision repeats its line, and counts for nothing. */
export const metricsOf = ({ message, send, took_over }: LogEntry): MetricValues =>
  message === "recipient-refused"
    ? { refused_recipients: 1 }
    : message === "decision"
      ? { ...(send ? { mails: 1 } : { suppressions: 1 }), ...(took_over === true ? { failovers: 1 } : {}) }
      : {};
